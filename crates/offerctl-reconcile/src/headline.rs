//! Where something is going on: [`Headline`].

use offerctl_model::foreign::Foreign;

use crate::live::Completeness;

/// Where something is going on: the headline of every plan and report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headline {
    /// The name of the environment.
    pub environment: String,
    /// What kind of endpoint it has.
    pub endpoint: String,
    /// The account, as its offers show it; `None` as long as it has none.
    pub account: Option<Foreign>,
    /// Whether the account shows any offer. Over REST offers do not say whose they are.
    pub has_offers: bool,
    /// Whether the catalogue that was read is certainly whole.
    pub completeness: Completeness,
}

impl Headline {
    /// The account in words; `name` writes what it is called.
    pub fn account_words(&self, name: impl Fn(&Foreign) -> String) -> String {
        let account = match &self.account {
            Some(account) => format!("account {}", name(account)),
            None if self.has_offers => "account not told".to_owned(),
            None => "account without offers".to_owned(),
        };
        match self.completeness {
            Completeness::Proven => account,
            Completeness::Assumed => account + ", completeness assumed",
        }
    }

    /// What documents say of the completeness: nothing, if it is proven.
    pub fn assumed(&self) -> Option<Completeness> {
        (self.completeness == Completeness::Assumed).then_some(self.completeness)
    }
}
