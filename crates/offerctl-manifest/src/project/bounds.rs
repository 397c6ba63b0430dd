//! Reading what an environment bounds: `limits` and `guards`.

use std::collections::BTreeMap;

use offerctl_model::money::{Amount, Currency};
use offerctl_model::offer_type::Api;

use super::environment::{GuardPolicy, Limits, PriceRange};
use super::given::Given;
use crate::diagnostic::Code;
use crate::manifest::value;
use crate::yaml::{NodeId, Reader, cut};

/// Reads how fast to go; what is not given stays as it is.
pub(super) fn limits(reader: &mut Reader<'_>, given: Given<'_>, limits: &mut Limits) {
    let Some(contents) = given.contents(reader) else {
        return;
    };
    let whole = |reader: &mut Reader<'_>, key| contents.get(key)?.integer(reader);
    if let Some(concurrency) = whole(reader, "concurrency") {
        limits.concurrency = concurrency;
    }
    if let Some(rate) = whole(reader, "requestsPerSecond") {
        limits.requests_per_second = u32::try_from(rate).ok();
    }
    if let Some(batch) = whole(reader, "batch") {
        limits.batch = batch;
    }
    if let Some(offers) = whole(reader, "maxOffers") {
        limits.max_offers = offers;
    }
    let milliseconds = |reader: &mut Reader<'_>, key| contents.get(key)?.milliseconds(reader);
    if let Some(timeout) = milliseconds(reader, "timeoutSeconds") {
        limits.timeout_milliseconds = timeout;
    }
    if let Some(settle) = milliseconds(reader, "settleSeconds") {
        limits.settle_milliseconds = settle;
    }
    if let Some(patience) = milliseconds(reader, "patienceSeconds") {
        limits.patience_milliseconds = patience;
    }
    contents.finish(reader);
}

/// Reads what to refuse.
pub(super) fn guards(reader: &mut Reader<'_>, given: Given<'_>) -> GuardPolicy {
    let mut policy = GuardPolicy::default();
    let Some(contents) = given.contents(reader) else {
        return policy;
    };
    policy.max_deactivations = contents
        .get("maxDeactivations")
        .and_then(|given| given.integer(reader));
    if let Some(percent) = contents
        .get("maxPriceChange")
        .and_then(|given| value::percent(reader, given.yaml))
    {
        policy.max_price_change = percent;
    }
    if let Some(given) = contents.get("price") {
        for (key, node, given) in given.map(reader) {
            let currency = currency_code(reader, node, key);
            if let (Some(currency), Some(range)) = (currency, price_range(reader, given)) {
                policy.price.insert(currency, range);
            }
        }
    }
    if let Some(strict) = contents
        .get("strict")
        .and_then(|given| reader.flag(given.yaml))
    {
        policy.strict = strict;
    }
    if let Some(given) = contents.get("exchangeRates") {
        policy.exchange_rates = exchange_rates(reader, given);
    }
    contents.finish(reader);
    policy
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

fn exchange_rates(reader: &mut Reader<'_>, given: Given<'_>) -> BTreeMap<Currency, Amount> {
    let mut rates = BTreeMap::new();
    for (key, node, given) in given.map(reader) {
        let currency = currency_code(reader, node, key);
        let rate = value::price(reader, given.yaml);
        if rate == Some(Amount::ZERO) {
            let message = format!("a dollar costs no {} at all", cut(key));
            let help = "write how many units of the currency a US dollar costs, such as `0.92`";
            reader.error_with_help(given.yaml.node, Code::Config, message, help);
        } else if let (Some(currency), Some(rate)) = (currency, rate) {
            rates.insert(currency, rate);
        }
    }
    rates
}

fn price_range(reader: &mut Reader<'_>, given: Given<'_>) -> Option<PriceRange> {
    let contents = given.contents(reader)?;
    let mut bound = |key| {
        let given = contents.get(key)?;
        Some(value::price(reader, given.yaml))
    };
    let (min, max) = (bound("min"), bound("max"));
    contents.finish(reader);
    // A bound that cannot be read must not count as no bound.
    if min == Some(None) || max == Some(None) {
        return None;
    }
    let (min, max) = (min.flatten(), max.flatten());
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        reader.error(
            given.yaml.node,
            Code::Config,
            format!("the lowest price, {min}, is above the highest, {max}"),
        );
    }
    Some(PriceRange { min, max })
}
