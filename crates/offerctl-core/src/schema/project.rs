//! The schema of `offerctl.yaml`: types that only describe it. Reading is done by [`crate::project::read`].

#![expect(
    dead_code,
    reason = "the types are never made: schemars reads their fields and comments"
)]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use crate::offer_type::Api;

/// The project file of offerctl: which manifests there are, and in which accounts they are applied.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "offerctl.yaml")]
pub(super) struct ProjectFile {
    /// The version of the file: 1.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// Name of the project, used in markers; two repositories may share an account.
    project: Option<String>,
    /// Patterns of the files with manifests, relative to this file. By default offers/**/*.yaml and .yml.
    manifests: Option<Vec<String>>,
    /// The environment to use when none is named.
    default_environment: Option<String>,
    /// The environments by name.
    environments: Option<BTreeMap<String, EnvironmentEntry>>,
}

/// One Cleeng account, and how to work with it. Give either `site` or `endpoint`.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EnvironmentEntry {
    /// One of Cleeng's sites.
    site: Option<SiteWord>,
    /// `emulator` for the one inside the program, or the base address of a service.
    endpoint: Option<String>,
    /// The generation of the API: json-rpc (3.0) or rest (Core 3.1).
    api: Option<Api>,
    /// Where the publisher token comes from. By default the variable `CLEENG_PUBLISHER_TOKEN`.
    token: Option<TokenEntry>,
    /// What the account must be; what is given is verified before anything is written.
    account: Option<AccountEntry>,
    /// Texts that manifests use as `${vars.NAME}`.
    vars: Option<BTreeMap<String, String>>,
    /// Where the state is kept: a folder, or an address such as `s3://bucket/path`. By default .offerctl/NAME/.
    state: Option<String>,
    /// How fast to go.
    limits: Option<LimitsEntry>,
    /// What to refuse.
    guards: Option<GuardsEntry>,
    /// Whether an apply asks for the name of the environment.
    confirm: Option<bool>,
    /// Whether offers carry the names of the project and of the offer in their `externalProperties`, by which they are
    /// found again whatever became of the state. By default they do. Over rest only.
    markers: Option<bool>,
}

/// One of Cleeng's sites.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SiteWord {
    /// For trying out: a database of its own.
    Sandbox,
    /// Real customers.
    Production,
}

/// Where the publisher token comes from; never the token itself.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum TokenEntry {
    /// The name of an environment variable.
    Env(String),
    /// The path of a file, relative to this one.
    File(String),
    /// A program and its arguments; the token is what it prints.
    Command(Vec<String>),
}

/// What the account must be.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AccountEntry {
    /// The e-mail address that offers show as their publisher.
    publisher_email: Option<String>,
    /// The country that new offers inherit, such as US.
    #[schemars(regex(pattern = "^[A-Z]{2}$"))]
    country: Option<String>,
    /// The currency that new offers inherit, such as USD.
    #[schemars(regex(pattern = "^[A-Z]{3}$"))]
    currency: Option<String>,
}

/// How fast to go.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LimitsEntry {
    /// Requests under way at once. By default 8.
    #[schemars(range(min = 1, max = 64))]
    concurrency: Option<u32>,
    /// Requests begun in a second. By default unbounded.
    #[schemars(range(min = 1, max = 10000))]
    requests_per_second: Option<u32>,
    /// Calls in a request, up to 25, which is the default.
    #[schemars(range(min = 1, max = 25))]
    batch: Option<u32>,
    /// How long a request may take. By default 30.
    #[schemars(range(min = 0, max = 86400))]
    timeout_seconds: Option<f64>,
    /// How long a create may take to show in the lists. By default 60 with `site`, 5 with an address.
    #[schemars(range(min = 0, max = 86400))]
    settle_seconds: Option<f64>,
    /// Seconds to wait for a service that lets nothing through, and to read the catalogue. By default 300.
    #[schemars(range(min = 0, max = 86400))]
    patience_seconds: Option<f64>,
    /// The most offers of an account that are read. By default 200000. It also limits how long the lists may be: about
    /// 1.3 KiB for each of these offers.
    #[schemars(range(min = 1, max = 100_000_000))]
    max_offers: Option<u32>,
}

/// What to refuse.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GuardsEntry {
    /// The most deactivations of one plan. By default a tenth of the managed offers, but at least one.
    max_deactivations: Option<u32>,
    /// The largest move of a price in percent of the live price, such as 30%. By default 50%.
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)? ?%$"))]
    max_price_change: Option<String>,
    /// The lowest and highest price by currency.
    price: Option<BTreeMap<String, PriceRangeEntry>>,
    /// Whether what is only probably wrong is refused, too, such as a price ten times those of the other countries.
    /// By default it is a warning.
    strict: Option<bool>,
    /// How many units of a currency a US dollar costs, such as {EUR: 0.92}. Prices of different countries are compared
    /// by it. Rough rates of the usual currencies are known.
    exchange_rates: Option<BTreeMap<String, f64>>,
}

/// The lowest and the highest price.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PriceRangeEntry {
    /// The lowest price.
    min: Option<f64>,
    /// The highest price.
    max: Option<f64>,
}
