//! Whether an entry of `allow:` lets a change pass: [`Asked`].

use offerctl_manifest::manifest::{Approval, Approved, Direction};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::value::Value;

use super::granted::Granted;
use super::policy::Review;
use super::within::is_within;
use crate::approval::{For, Objection, objection};
use crate::plan::{Action, Change};

/// A change that is refused unless it is approved.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The change that it is a part of.
    pub(super) change: &'a Change,
    /// The country, if it is about one.
    pub(super) country: Option<Country>,
    /// The price that it starts from, if it is one of a price.
    pub(super) before: Option<Amount>,
    /// The currency of that price.
    pub(super) currency: Option<Currency>,
}

impl<'a> Asked<'a> {
    /// A change that is about no price.
    pub(super) fn about(change: &'a Change, country: Option<Country>) -> Self {
        Self {
            change,
            country,
            before: None,
            currency: None,
        }
    }
}

/// What the approvals say to a change.
pub(super) enum Verdict<'a> {
    /// It may pass.
    Approved(Granted),
    /// One would let it pass if something were not so.
    Almost(Almost<'a>),
    /// No approval is about it.
    No,
}

impl Verdict<'_> {
    pub(super) fn is_approved(&self) -> bool {
        matches!(self, Self::Approved(_))
    }
}

/// Why an approval does not let a change pass that it is about.
pub(super) struct Almost<'a> {
    approval: &'a Approval,
    why: Why<'a>,
}

/// The order is that in which reasons are told: the first that holds.
enum Why<'a> {
    Known(Objection<'a>),
    UnknownFile,
}

impl Why<'_> {
    fn rank(&self) -> u8 {
        match self {
            Self::Known(Objection::Used(_)) => 0,
            Self::Known(Objection::Expired) => 1,
            Self::Known(Objection::OtherFile) => 2,
            Self::UnknownFile => 3,
        }
    }
}

impl Almost<'_> {
    /// Returns the reason as the end of a sentence.
    pub(super) fn words(&self) -> String {
        let Self { approval, why } = self;
        let at = approval.at();
        match why {
            Why::Known(Objection::Used(used)) => {
                let day = offerctl_manifest::manifest::Date::of(used.since);
                let from = used.before.map_or_else(String::new, |before| {
                    format!(" for a move from {}", before.with_currency(used.currency))
                });
                format!("; the approval at {at} was used on {day}{from}")
            }
            Why::Known(Objection::Expired) => {
                format!("; the approval at {at} ended on {}", approval.until)
            }
            Why::Known(Objection::OtherFile) => {
                format!("; the approval at {at} acts on the offers of that file only")
            }
            Why::UnknownFile => format!(
                "; the approval at {at} acts on the offers of that file only, and the state does not know which file \
                 declared this one: only an entry in offerctl.yaml can approve it"
            ),
        }
    }
}

/// Returns what is to be added to the message of a refusal.
pub(super) fn almost_words(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Almost(almost) => almost.words(),
        Verdict::Approved(_) | Verdict::No => String::new(),
    }
}

impl<'a> Review<'a> {
    /// Asks the approvals about a change, without using one.
    pub(super) fn verdict(&self, asked: Asked<'a>, is: impl Fn(&Approved) -> bool) -> Verdict<'a> {
        let mut almost: Option<Almost<'a>> = None;
        for (place, approval) in self.plan.approvals.iter().enumerate() {
            if !is(&approval.what) || !approval.names(&asked.change.name) {
                continue;
            }
            let Some(why) = self.objection(approval, asked) else {
                return Verdict::Approved(Granted {
                    offer: asked.change.name.clone(),
                    approval: place,
                    country: asked.country,
                    before: asked.before,
                    currency: asked.currency,
                });
            };
            if almost
                .as_ref()
                .is_none_or(|known| why.rank() < known.why.rank())
            {
                almost = Some(Almost { approval, why });
            }
        }
        almost.map_or(Verdict::No, Verdict::Almost)
    }

    /// Why an approval that is about a change does not let it pass.
    fn objection(&self, approval: &Approval, asked: Asked<'_>) -> Option<Why<'a>> {
        let change = asked.change;
        let of = For {
            name: &change.name,
            former: self.plan.former_name(&change.name),
            file: change.file.as_deref(),
            country: asked.country,
            before: asked.before,
        };
        let today = self.policy.today;
        let found = objection(approval, of, (self.policy.uses, today))?;
        let is_unknown = change.span.is_none() && of.file.is_none();
        Some(match found {
            Objection::OtherFile if is_unknown => Why::UnknownFile,
            known @ (Objection::OtherFile | Objection::Expired | Objection::Used(_)) => {
                Why::Known(known)
            }
        })
    }

    /// Notes that an approval lets a change pass.
    pub(super) fn grant(&mut self, granted: Granted) {
        let same = |known: &Granted| {
            known.offer == granted.offer
                && known.approval == granted.approval
                && known.country == granted.country
        };
        // One plan may do several things to a price: the use remembers the price that is live.
        if !self.found.approved.iter().any(same) {
            self.found.approved.push(granted);
        }
    }

    /// Asks the approvals about a change, and uses the one that lets it pass.
    pub(super) fn ask(&mut self, asked: Asked<'a>, is: impl Fn(&Approved) -> bool) -> Verdict<'a> {
        let verdict = self.verdict(asked, is);
        if let Verdict::Approved(granted) = &verdict {
            self.grant(granted.clone());
        }
        verdict
    }

    /// Asks the approvals about several changes of one kind, and keeps those that none lets pass; says why one does not, if one
    /// nearly did.
    pub(super) fn keep_unapproved<T>(
        &mut self,
        changes: &mut Vec<T>,
        mut ask: impl FnMut(&mut Self, &T) -> Verdict<'a>,
    ) -> String {
        let mut almost = String::new();
        changes.retain(|change| {
            let verdict = ask(self, change);
            if !verdict.is_approved() && almost.is_empty() {
                almost = almost_words(&verdict);
            }
            !verdict.is_approved()
        });
        almost
    }

    /// A name that adopts an offer which is only like it does so by approval, if there is one.
    pub(super) fn adopted(&mut self, change: &'a Change) {
        if change.adopted == Some(crate::matching::Rule::TitleAndUrl) {
            self.ask(Asked::about(change, None), |what| *what == Approved::Adopt);
        }
    }
}

/// Whether an approval lets a price move so far, from each of some prices.
///
/// A move from or to nothing is no percentage of anything, and so is never approved by one.
pub(super) fn covers_move(
    what: &Approved,
    country: Option<Country>,
    (befores, after): (&[Amount], Amount),
) -> bool {
    let Approved::PriceChange {
        max,
        direction,
        countries,
    } = what
    else {
        return false;
    };
    let goes = |before: Amount| match direction {
        Some(Direction::Up) => after >= before,
        Some(Direction::Down) => after <= before,
        None => true,
    };
    is_of(countries.as_ref(), country)
        && befores
            .iter()
            .all(|before| goes(*before) && is_within(*before, after, *max))
}

/// Whether an approval lets a price be out of the range of its environment.
pub(super) fn covers_range(
    what: &Approved,
    country: Option<Country>,
    (after, currency): (Amount, Option<Currency>),
) -> bool {
    let Approved::PriceRange {
        countries,
        currency: of,
        min,
        max,
    } = what
    else {
        return false;
    };
    is_of(countries.as_ref(), country)
        && currency == Some(*of)
        && min.is_none_or(|min| min <= after)
        && max.is_none_or(|max| after <= max)
}

/// Whether a price is one of those that an approval names: that of the offer itself is named by no country.
fn is_of(
    countries: Option<&std::collections::BTreeSet<Country>>,
    country: Option<Country>,
) -> bool {
    countries.is_none_or(|all| country.is_some_and(|country| all.contains(&country)))
}

/// The live price beside which a change stands, if the change moves that, too.
pub(super) fn live_price(change: &Change, country: Option<Country>) -> Option<Amount> {
    if change.action == Action::Create {
        return None;
    }
    let price = change
        .fields
        .iter()
        .find(|field| field.path.field == Field::Price && field.path.country == country)?;
    match price.before {
        Some(Value::Amount(before)) => Some(before),
        _ => None,
    }
}
