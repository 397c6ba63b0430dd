//! Reading `offerctl.yaml`.

use std::collections::BTreeMap;

use super::address::{self, Problem};
use super::{
    Account, Endpoint, Environment, GuardPolicy, LOCAL, Limits, MAX_BATCH, PriceRange, Project,
    Site, TokenSource,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::manifest::value;
use crate::money::{Amount, Currency};
use crate::name::Name;
use crate::offer_type::Api;
use crate::source::{SourceFile, Span};
use crate::yaml::{Data, Entries, NodeId, Reader, Tree, Yaml, cut};

/// Reads the project file; notes every mistake at its place.
///
/// The project is usable only if no mistake is an error.
pub fn read(source: &SourceFile) -> (Project, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut project = Project::default();
    let tree = Tree::scan(source, &mut diagnostics);
    if let Some(tree) = &tree
        && let Some(yaml) = tree.decode(tree.root(), &mut diagnostics)
    {
        read_project(
            &mut Reader::new(tree, &mut diagnostics),
            &yaml,
            &mut project,
        );
    } else if !diagnostics.has_errors() {
        // A file that was cut to nothing must not look like one that was never there.
        let start = Span {
            file: source.id,
            start: 0,
            length: 0,
        };
        let diagnostic = Diagnostic::error(Code::MissingField, "the file says nothing").at(start);
        diagnostics.push(diagnostic.help("begin it with `version: 1`, or delete it"));
    }
    (project, diagnostics)
}

fn read_project(reader: &mut Reader<'_>, yaml: &Yaml<'_>, project: &mut Project) {
    let Some(mut entries) = reader.entries(yaml, "a mapping with `version` and `environments`")
    else {
        return;
    };
    if let Some(version) = entries.require(reader, "version")
        && reader.scalar(version, "1").is_some_and(|text| text != "1")
    {
        reader.error_with_help(
            version.node,
            Code::Version,
            "this version is not known",
            "write `version: 1`",
        );
    }
    project.name = entries
        .get("project")
        .and_then(|yaml| text(reader, yaml, "the name of the project"));
    if let Some(yaml) = entries.get("manifests") {
        let patterns = reader
            .list(yaml, "a list of patterns such as \"offers/**/*.yaml\"")
            .unwrap_or_default();
        project.manifests = patterns
            .iter()
            .filter_map(|item| text(reader, item, "a pattern"))
            .collect();
    }
    let default = entries.get("defaultEnvironment");
    if let Some(yaml) = entries.get("environments") {
        project.environments = environments(reader, yaml, project.name.is_some());
    }
    entries.finish(reader);
    let Some(default) = default else { return };
    let Some(name) = text(reader, default, "the name of an environment") else {
        return;
    };
    if !project.environments.contains_key(&name) {
        let names = project
            .environments
            .keys()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let message = format!("there is no environment `{}`", cut(&name));
        reader.error_with_help(
            default.node,
            Code::UnknownEnvironment,
            message,
            format!("there are {names}"),
        );
    }
    project.default_environment = Some(name);
}

fn environments(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    is_named: bool,
) -> BTreeMap<String, Environment> {
    let mut environments = BTreeMap::new();
    let entries = reader
        .mapping(yaml, "a mapping from names to environments")
        .unwrap_or_default();
    for (name, node, yaml) in entries {
        // The name is a folder as well.
        if name.parse::<Name>().is_err() {
            let message = format!("`{}` is no name for an environment", cut(name));
            reader.error_with_help(*node, Code::Config, message, "use a-z, 0-9 and -");
            continue;
        }
        environments.insert(
            name.to_string(),
            environment(reader, (name, yaml), is_named),
        );
    }
    if environments.is_empty() {
        environments.insert(
            LOCAL.to_owned(),
            Environment::new(LOCAL, Endpoint::Emulator),
        );
    }
    environments
}

fn environment(
    reader: &mut Reader<'_>,
    (name, yaml): (&str, &Yaml<'_>),
    is_named: bool,
) -> Environment {
    let Some(mut entries) = reader.entries(yaml, "a mapping such as {endpoint: emulator}") else {
        return Environment::new(name, Endpoint::Emulator);
    };
    let endpoint = endpoint(reader, &mut entries);
    let mut environment = Environment::new(name, endpoint);
    if let Some(yaml) = entries.get("api")
        && let Some(word) = reader.choice(yaml, Code::Config, &["json-rpc", "rest"])
    {
        environment.api = if word == "rest" {
            Api::Rest
        } else {
            Api::JsonRpc
        };
    }
    if let Some(token) = entries.get("token").and_then(|yaml| token(reader, yaml)) {
        environment.token = token;
    }
    if let Some(yaml) = entries.get("account") {
        environment.account = account(reader, yaml);
    }
    if let Some(yaml) = entries.get("vars") {
        for (key, _, value) in reader
            .mapping(yaml, "a mapping from names to texts")
            .unwrap_or_default()
        {
            if let Some(value) = text(reader, value, "a text") {
                environment.vars.insert(key.to_string(), value);
            }
        }
    }
    environment.state = entries.get("state").and_then(|yaml| state(reader, yaml));
    if let Some(yaml) = entries.get("limits") {
        limits(reader, yaml, &mut environment.limits);
    }
    if let Some(yaml) = entries.get("guards") {
        environment.guards = guards(reader, yaml);
    }
    environment.confirm = entries
        .get("confirm")
        .and_then(|yaml| reader.flag(yaml))
        .unwrap_or(false);
    environment.markers = entries
        .get("markers")
        .and_then(|yaml| reader.flag(yaml))
        .unwrap_or(true);
    if environment.api == Api::Rest {
        // Each request is about one offer.
        environment.limits.batch = 1;
        if environment.markers && !is_named {
            let message = "the project has no name, and offers over rest carry it";
            let help = "write `project: NAME` at the top of the file, or `markers: false` here";
            reader.error_with_help(entries.node(), Code::MissingField, message, help);
        }
    }
    entries.finish(reader);
    environment
}

fn endpoint(reader: &mut Reader<'_>, entries: &mut Entries<'_>) -> Endpoint {
    let site = entries.get("site").map(|yaml| {
        (
            yaml.node,
            reader.choice(yaml, Code::Config, &["sandbox", "production"]),
        )
    });
    let endpoint = entries
        .get("endpoint")
        .map(|yaml| (yaml, text(reader, yaml, "`emulator` or an address")));
    match (site, endpoint) {
        (Some((node, _)), Some(_)) => {
            reader.error(
                node,
                Code::Config,
                "`site` and `endpoint` are both given: leave one out",
            );
            Endpoint::Emulator
        }
        (Some((_, word)), None) => Endpoint::Site(if word == Some("production") {
            Site::Production
        } else {
            Site::Sandbox
        }),
        (None, Some((_, None))) => Endpoint::Emulator,
        (None, Some((_, Some(word)))) if word == "emulator" => Endpoint::Emulator,
        (None, Some((yaml, Some(address)))) => {
            check_address(reader, yaml.node, &address);
            Endpoint::Url(address)
        }
        (None, None) => {
            let help = "write `site: sandbox`, `site: production`, or `endpoint: emulator`";
            reader.error_with_help(
                entries.node(),
                Code::Config,
                "neither `site` nor `endpoint` is given",
                help,
            );
            Endpoint::Emulator
        }
    }
}

fn check_address(reader: &mut Reader<'_>, node: NodeId, address: &str) {
    let url = url::Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match url {
        None => {
            let message = format!(
                "`{}` is neither `emulator` nor an http or https address",
                cut(address)
            );
            reader.error(node, Code::Config, message);
        }
        Some(url)
            if !url.username().is_empty() || url.password().is_some() || url.query().is_some() =>
        {
            let help = "the token comes from `token`, never from the address";
            reader.conceal_error(
                node,
                Code::Config,
                "the address has a user, a password or a query in it",
                help,
            );
        }
        Some(_) => {}
    }
}

fn token(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<TokenSource> {
    const HELP: &str =
        "write `token: {env: NAME}`, `{file: PATH}` or `{command: [program, argument]}`";
    let Data::Mapping(found) = &yaml.data else {
        // Whatever stands there may be the secret itself: it is not shown.
        reader.conceal_error(
            yaml.node,
            Code::Config,
            "a token never stands in the file itself",
            HELP,
        );
        return None;
    };
    if let [(key, _, value)] = found.as_slice() {
        match &**key {
            "env" => return text(reader, value, "the name of a variable").map(TokenSource::Env),
            "file" => return text(reader, value, "a path").map(TokenSource::File),
            "command" => {
                return command(reader, value);
            }
            _ => {}
        }
    }
    reader.conceal_error(
        yaml.node,
        Code::Config,
        "it is not clear where the token comes from",
        HELP,
    );
    None
}

fn command(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<TokenSource> {
    let Data::Sequence(words) = &yaml.data else {
        let help = "write a list: `{command: [program, argument]}`";
        reader.conceal_error(
            yaml.node,
            Code::Config,
            "the command is no list of a program and its arguments",
            help,
        );
        return None;
    };
    if words.is_empty() {
        reader.error(yaml.node, Code::Config, "the command is empty");
        return None;
    }
    let words: Option<Vec<String>> = words
        .iter()
        .map(|word| text(reader, word, "a word"))
        .collect();
    words.map(TokenSource::Command)
}

fn account(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Account {
    let wanted = "a mapping such as {publisherEmail: sales@club.tv, country: US, currency: USD}";
    let Some(mut entries) = reader.entries(yaml, wanted) else {
        return Account::default();
    };
    let publisher_email = entries
        .get("publisherEmail")
        .and_then(|yaml| text(reader, yaml, "an e-mail address"));
    let country = entries
        .get("country")
        .and_then(|yaml| value::country(reader, yaml));
    let currency = entries
        .get("currency")
        .and_then(|yaml| value::currency(reader, yaml));
    entries.finish(reader);
    Account {
        publisher_email,
        country,
        currency,
    }
}

fn currency_code(reader: &mut Reader<'_>, node: NodeId, text: &str) -> Option<Currency> {
    let known = |currency: &Currency| Api::ALL.iter().any(|api| currency.is_known_to(*api));
    let found = Currency::new(text).filter(known);
    if found.is_none() {
        reader.error(
            node,
            Code::Currency,
            format!("`{}` is not a currency code", cut(text)),
        );
    }
    found
}

fn state(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<String> {
    let place = text(
        reader,
        yaml,
        "a folder or an address such as s3://bucket/path",
    )?;
    let Some(Problem { message, delicate }) = address::problem(&place) else {
        return Some(place);
    };
    if delicate {
        reader.conceal_error(yaml.node, Code::Config, &message, address::HELP);
    } else {
        reader.error_with_help(yaml.node, Code::Config, message, address::HELP);
    }
    None
}

/// The largest `maxOffers`: far more than any catalogue has, and few enough to count bytes by.
const MAX_OFFERS: u64 = 100_000_000;

fn limits(reader: &mut Reader<'_>, yaml: &Yaml<'_>, limits: &mut Limits) {
    let Some(mut entries) = reader.entries(yaml, "a mapping such as {concurrency: 8}") else {
        return;
    };
    let mut whole = |reader: &mut Reader<'_>, key, max| {
        entries
            .get(key)
            .and_then(|yaml| reader.integer(yaml, 1, max))
            .and_then(|number| usize::try_from(number).ok())
    };
    if let Some(concurrency) = whole(reader, "concurrency", 64) {
        limits.concurrency = concurrency;
    }
    if let Some(rate) = whole(reader, "requestsPerSecond", 10_000) {
        limits.requests_per_second = u32::try_from(rate).ok();
    }
    if let Some(batch) = whole(reader, "batch", MAX_BATCH as u64) {
        limits.batch = batch;
    }
    if let Some(offers) = whole(reader, "maxOffers", MAX_OFFERS) {
        limits.max_offers = offers;
    }
    if let Some(timeout) = entries
        .get("timeoutSeconds")
        .and_then(|yaml| seconds(reader, yaml, 1))
    {
        limits.timeout_milliseconds = timeout;
    }
    if let Some(settle) = entries
        .get("settleSeconds")
        .and_then(|yaml| seconds(reader, yaml, 0))
    {
        limits.settle_milliseconds = settle;
    }
    if let Some(patience) = entries
        .get("patienceSeconds")
        .and_then(|yaml| seconds(reader, yaml, 1))
    {
        limits.patience_milliseconds = patience;
    }
    entries.finish(reader);
}

/// Reads seconds, fractions allowed, as milliseconds; `least` is a number of those.
fn seconds(reader: &mut Reader<'_>, yaml: &Yaml<'_>, least: u64) -> Option<u64> {
    use rust_decimal::prelude::ToPrimitive;

    /// A day: nobody waits longer.
    const MAX: u64 = 24 * 60 * 60 * 1000;
    let text = reader.scalar(yaml, "a number of seconds")?;
    let milliseconds = text
        .parse::<Amount>()
        .ok()
        .and_then(|amount| (amount.decimal() * rust_decimal::Decimal::from(1000)).to_u64());
    let found = milliseconds.filter(|milliseconds| (least..=MAX).contains(milliseconds));
    if found.is_none() {
        let message = format!("`{}` is not a number of seconds", cut(text));
        let help = if least == 0 {
            "write a number from 0 to 86400, such as `60` or `0.5`"
        } else {
            "write a number from 0.001 to 86400, such as `60` or `0.5`"
        };
        reader.error_with_help(yaml.node, Code::Config, message, help);
    }
    found
}

fn guards(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> GuardPolicy {
    let mut policy = GuardPolicy::default();
    let Some(mut entries) = reader.entries(yaml, "a mapping such as {maxDeactivations: 3}") else {
        return policy;
    };
    if let Some(yaml) = entries.get("maxDeactivations") {
        let number = reader.integer(yaml, 0, u64::from(u32::MAX));
        policy.max_deactivations = number.and_then(|number| usize::try_from(number).ok());
    }
    if let Some(percent) = entries
        .get("maxPriceChange")
        .and_then(|yaml| percent(reader, yaml))
    {
        policy.max_price_change = percent;
    }
    if let Some(yaml) = entries.get("price") {
        for (key, node, yaml) in reader
            .mapping(yaml, "a mapping such as {USD: {min: 0.99, max: 199.99}}")
            .unwrap_or_default()
        {
            let currency = currency_code(reader, *node, key);
            if let (Some(currency), Some(range)) = (currency, price_range(reader, yaml)) {
                policy.price.insert(currency, range);
            }
        }
    }
    if let Some(strict) = entries.get("strict").and_then(|yaml| reader.flag(yaml)) {
        policy.strict = strict;
    }
    if let Some(yaml) = entries.get("exchangeRates") {
        policy.exchange_rates = exchange_rates(reader, yaml);
    }
    entries.finish(reader);
    policy
}

fn exchange_rates(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> BTreeMap<Currency, Amount> {
    let mut rates = BTreeMap::new();
    for (key, node, yaml) in reader
        .mapping(yaml, "a mapping such as {EUR: 0.92, GBP: 0.79}")
        .unwrap_or_default()
    {
        let currency = currency_code(reader, *node, key);
        let rate = value::price(reader, yaml);
        if rate == Some(Amount::ZERO) {
            let message = format!("a dollar costs no {} at all", cut(key));
            let help = "write how many units of the currency a US dollar costs, such as `0.92`";
            reader.error_with_help(yaml.node, Code::Config, message, help);
        } else if let (Some(currency), Some(rate)) = (currency, rate) {
            rates.insert(currency, rate);
        }
    }
    rates
}

fn percent(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Amount> {
    let text = reader.scalar(yaml, "a percentage such as 30%")?;
    let found = text
        .strip_suffix('%')
        .and_then(|number| number.trim_end().parse().ok());
    if found.is_none() {
        let message = format!("`{}` is not a percentage", cut(text));
        reader.error_with_help(
            yaml.node,
            Code::Config,
            message,
            "write it with its sign, such as `30%`",
        );
    }
    found
}

fn price_range(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<PriceRange> {
    let mut entries = reader.entries(yaml, "a mapping such as {min: 0.99, max: 199.99}")?;
    let min = entries.get("min").map(|yaml| value::price(reader, yaml));
    let max = entries.get("max").map(|yaml| value::price(reader, yaml));
    let node = entries.node();
    entries.finish(reader);
    // A bound that cannot be read must not count as no bound.
    if min == Some(None) || max == Some(None) {
        return None;
    }
    let (min, max) = (min.flatten(), max.flatten());
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        reader.error(
            node,
            Code::Config,
            format!("the lowest price, {min}, is above the highest, {max}"),
        );
    }
    Some(PriceRange { min, max })
}

fn text(reader: &mut Reader<'_>, yaml: &Yaml<'_>, wanted: &str) -> Option<String> {
    let text = reader.scalar(yaml, wanted)?;
    if text.trim().is_empty() {
        reader.error(
            yaml.node,
            Code::Config,
            format!("an empty text stands where {wanted} belongs"),
        );
        return None;
    }
    Some(text.to_owned())
}
