//! What an environment is, and the project that has it: [`Environment`].

use std::collections::BTreeMap;

use offerctl_model::country::Country;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::offer_type::Api;

use crate::manifest::Approval;

/// The environment of a folder without a project file.
pub const LOCAL: &str = "local";

/// What the whole repository shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// The name in markers; two repositories may share an account.
    pub name: Option<String>,
    /// Patterns of the files with manifests, relative to the project file.
    pub manifests: Vec<String>,
    /// The environment to use when none is named.
    pub default_environment: Option<String>,
    /// The environments by name.
    pub environments: BTreeMap<String, Environment>,
    /// What is approved: by offerctl.yaml, and by files with manifests as they are read.
    pub approvals: Vec<Approval>,
}

impl Default for Project {
    /// The project of a folder without a project file: one environment on the embedded emulator.
    fn default() -> Self {
        let local = Environment::new(LOCAL, Endpoint::Emulator);
        Self {
            name: None,
            manifests: vec!["offers/**/*.yaml".to_owned(), "offers/**/*.yml".to_owned()],
            default_environment: None,
            environments: BTreeMap::from([(LOCAL.to_owned(), local)]),
            approvals: Vec::new(),
        }
    }
}

/// One Cleeng account, and how to work with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Where the API is.
    pub endpoint: Endpoint,
    /// The generation of the API.
    pub api: Api,
    /// Where the token comes from.
    pub token: TokenSource,
    /// What the account must be, as far as it is said.
    pub account: Account,
    /// The variables of manifests.
    pub vars: BTreeMap<String, String>,
    /// Where the state is; in `.offerctl/NAME/` if `None`.
    pub state: Option<String>,
    /// How fast to go.
    pub limits: Limits,
    /// What to refuse.
    pub guards: GuardPolicy,
    /// Whether an apply asks for the name of the environment.
    pub confirm: bool,
    /// Whether offers carry our marker; over REST only.
    pub markers: bool,
}

impl Environment {
    /// Returns an environment with nothing but defaults.
    pub fn new(name: &str, endpoint: Endpoint) -> Self {
        let settle = endpoint.default_settle_milliseconds();
        Self {
            name: name.to_owned(),
            endpoint,
            api: Api::JsonRpc,
            token: TokenSource::default(),
            account: Account::default(),
            vars: BTreeMap::new(),
            state: None,
            limits: Limits {
                settle_milliseconds: settle,
                ..Limits::default()
            },
            guards: GuardPolicy::default(),
            confirm: false,
            markers: true,
        }
    }
}

/// Where the API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// Inside this very process.
    Emulator,
    /// Cleeng's own hosts.
    Site(Site),
    /// A base address to which the path of the API is added.
    Url(String),
}

impl Endpoint {
    /// How long a create may take to show in the lists, by default.
    fn default_settle_milliseconds(&self) -> u64 {
        match self {
            Self::Emulator => 200,
            Self::Url(_) => 5_000,
            Self::Site(_) => 60_000,
        }
    }

    /// What people call it.
    pub fn describe(&self) -> String {
        match self {
            Self::Emulator => "embedded emulator".to_owned(),
            Self::Site(Site::Sandbox) => "Cleeng sandbox".to_owned(),
            Self::Site(Site::Production) => "Cleeng production".to_owned(),
            Self::Url(url) => url.clone(),
        }
    }
}

/// One of Cleeng's two sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// For trying out: a database of its own.
    Sandbox,
    /// Real customers.
    Production,
}

/// Where the publisher token comes from; never the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// An environment variable.
    Env(String),
    /// A file.
    File(String),
    /// The standard output of a program.
    Command(Vec<String>),
}

impl Default for TokenSource {
    fn default() -> Self {
        Self::Env("CLEENG_PUBLISHER_TOKEN".to_owned())
    }
}

/// Facts about an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    /// The e-mail address that offers show as their publisher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher_email: Option<Foreign>,
    /// The country that new offers inherit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// The currency that new offers inherit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

/// How fast to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests under way at once.
    pub concurrency: usize,
    /// Requests begun in a second; unbounded if `None`.
    pub requests_per_second: Option<u32>,
    /// Calls in a request.
    pub batch: usize,
    /// How long a request may take.
    pub timeout_milliseconds: u64,
    /// How long a create may take to show in the lists.
    pub settle_milliseconds: u64,
    /// How long a service is waited for that lets nothing through, and how long the catalogue may take to be read.
    pub patience_milliseconds: u64,
    /// The most offers of an account that are read.
    pub max_offers: usize,
}

/// The most calls in a request that are known to work (docs/cleeng-api.md §1.2).
pub const MAX_BATCH: usize = 25;

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: 8,
            requests_per_second: None,
            batch: MAX_BATCH,
            timeout_milliseconds: 30_000,
            settle_milliseconds: 60_000,
            patience_milliseconds: 300_000,
            max_offers: 200_000,
        }
    }
}

/// What to refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardPolicy {
    /// The most deactivations of one plan; a tenth of the managed offers, but at least one, if `None`.
    pub max_deactivations: Option<usize>,
    /// The largest move of a price, in percent of the live price.
    pub max_price_change: Amount,
    /// The lowest and highest price by currency.
    pub price: BTreeMap<Currency, PriceRange>,
    /// Whether what is only probably wrong is refused, too.
    pub strict: bool,
    /// How many units of a currency a US dollar costs; roughly known ones for currencies that are not here.
    pub exchange_rates: BTreeMap<Currency, Amount>,
}

impl Default for GuardPolicy {
    fn default() -> Self {
        Self {
            max_deactivations: None,
            max_price_change: Amount::new(50.into()),
            price: BTreeMap::new(),
            strict: false,
            exchange_rates: BTreeMap::new(),
        }
    }
}

/// The lowest and the highest price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceRange {
    /// The lowest, if there is one.
    pub min: Option<Amount>,
    /// The highest, if there is one.
    pub max: Option<Amount>,
}
