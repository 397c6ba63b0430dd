//! What the pages of create and patch have in common: [`read_shared`], and the members behind it (docs/cleeng-api.md §5.3).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::field::Field;
use crate::kind::Kind;
use crate::offer::Offer;
use crate::rest::body::{Members, flag, invalid, items, misplaced, nullable, text};
use crate::rest::change::{Change, Wish};
use crate::rest::failure::Failure;
use crate::rest::geo::Geo;
use crate::rest::price;
use crate::rest::resource::tag_field;
use crate::rest::trial::Trial;
use crate::season::SeasonGroupId;

/// The app stores of `appStoreProductIds` (docs/cleeng-api.md §5.3).
const STORES: [&str; 6] = ["apple", "amazon", "android", "roku", "samsung", "vizio"];

/// Most characters of a tag (docs/cleeng-api.md §5.3).
const LONGEST_TAG: usize = 64;

/// Most characters of titles in patches, of descriptions and of image addresses (docs/cleeng-api.md §5.5).
pub(crate) const LONG: usize = 255;

/// Most characters of addresses (docs/cleeng-api.md §5.5).
const LONGEST_URL: usize = 200;

/// Reads the members that both pages list and that mean the same in them. `before` is the offer that a patch changes.
pub(crate) fn read_shared(
    members: &mut Members<'_>,
    (kind, before): (Kind, Option<&Offer>),
    change: &mut Change,
) -> Result<(), Failure> {
    read_description(members, change)?;
    if let Some((value, at)) = members.take("tags") {
        let tags = read_tags(value, &at)?;
        change.set_or_clear(tag_field(kind), (!tags.is_empty()).then_some(tags));
    }
    if let Some((value, at)) = members.take("url") {
        change.set_or_clear(Field::Url, read_url(value, &at)?);
    }
    if let Some((value, at)) = members.take("imageUrl") {
        let image = nullable(value).map(|value| text(value, &at, 0, LONG));
        let image = image.transpose()?.filter(|image| !image.is_empty());
        change.set_or_clear(Field::ImageUrl, image);
    }
    read_geo(members, before, change)?;
    read_trial(members, (kind, before), change)?;
    if let Some((value, at)) = members.take("externalProperties") {
        let map = read_map(value, &at, None)?;
        change.set_or_clear(Field::ExternalProperties, map);
    }
    if let Some((value, at)) = members.take("appStoreProductIds") {
        let map = read_map(value, &at, Some(&STORES))?;
        change.set_or_clear(Field::AppStoreProductIds, map);
    }
    if let Some((value, at)) = members.take("giftable") {
        let is_giftable = flag(value, &at)?;
        change.set_or_clear(Field::Giftable, is_giftable.then_some(true));
    }
    if let Some((value, at)) = members.take("seasonGroupId") {
        let group = value
            .as_str()
            .filter(|group| group.parse::<SeasonGroupId>().is_ok())
            .ok_or_else(|| invalid(&at, "must be a UUID"))?;
        if kind != Kind::Subscription {
            return Err(misplaced(&at, "seasonal subscriptions"));
        }
        change.set(Field::SeasonGroupId, group);
    }
    Ok(())
}

/// Reads `description`.
pub(crate) fn read_description(
    members: &mut Members<'_>,
    change: &mut Change,
) -> Result<(), Failure> {
    if let Some((value, at)) = members.take("description") {
        let description = text(value, &at, 0, LONG)?;
        let is_empty = description.is_empty();
        change.set_or_clear(Field::Description, (!is_empty).then_some(description));
    }
    Ok(())
}

/// Reads `geoRestriction`.
pub(crate) fn read_geo(
    members: &mut Members<'_>,
    before: Option<&Offer>,
    change: &mut Change,
) -> Result<(), Failure> {
    if let Some((value, at)) = members.take("geoRestriction") {
        let before = before.map(Offer::fields);
        change.geo = Wish::Be(Geo::read(value, &at, before)?);
    }
    Ok(())
}

/// Reads `freeTrial`, which only subscriptions have.
pub(crate) fn read_trial(
    members: &mut Members<'_>,
    (kind, before): (Kind, Option<&Offer>),
    change: &mut Change,
) -> Result<(), Failure> {
    if let Some((value, at)) = members.take("freeTrial") {
        if kind != Kind::Subscription {
            return Err(misplaced(&at, "subscriptions"));
        }
        let before = before.map(Offer::fields);
        change.trial = Wish::Be(Trial::read(value, &at, before)?);
    }
    Ok(())
}

/// Reads the `price` of a patch, of an offer or of a localization.
pub(crate) fn read_price(
    value: &Value,
    path: &str,
    row: &Offer,
    change: &mut Change,
) -> Result<(), Failure> {
    let patch = price::read_patch(value, path, row.currency())?;
    if let Some(amount) = patch.amount {
        change.set(Field::Price, amount);
    }
    if let Some(rules) = patch.rules {
        change.set_or_clear(Field::PriceRules, (!rules.is_empty()).then_some(rules));
    }
    Ok(())
}

fn read_tags(value: &Value, path: &str) -> Result<Vec<String>, Failure> {
    let mut tags: Vec<String> = Vec::new();
    for item in items(value, path)? {
        let tag = text(item, path, 1, LONGEST_TAG)?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-: ".contains(&byte);
        if !tag.bytes().all(is_plain) {
            return Err(invalid(
                path,
                &format!("holds `{tag}`, which does not match ^[a-zA-Z0-9_\\-: ]+$"),
            ));
        }
        if tags.contains(&tag) {
            return Err(invalid(path, &format!("holds `{tag}` twice")));
        }
        tags.push(tag);
    }
    Ok(tags)
}

fn read_url(value: &Value, path: &str) -> Result<Option<String>, Failure> {
    let Some(value) = nullable(value) else {
        return Ok(None);
    };
    let url = text(value, path, 0, LONGEST_URL)?;
    if url.is_empty() {
        return Ok(None);
    }
    let is_address = ["http://", "https://", "ftp://"]
        .into_iter()
        .filter_map(|scheme| url.strip_prefix(scheme))
        .any(has_domain);
    if !is_address || url.contains(char::is_whitespace) {
        return Err(invalid(path, "must be an http, https or ftp address"));
    }
    Ok(Some(url))
}

/// Whether what follows a scheme begins with a host that has a dot and two more characters, as the documented pattern
/// wants it: `^(https?|ftp)://[^\s/?#.-][^\s/?#]*\.[^\s/?.#-]{2,}/?\S*$`.
fn has_domain(rest: &str) -> bool {
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_label = |part: &str| {
        let mut ends = part.chars().take(2).filter(|end| *end != '-');
        ends.next().is_some() && ends.next().is_some()
    };
    !host.starts_with(['.', '-']) && host.split('.').skip(1).any(is_label)
}

/// Reads texts by name; null and no texts are the same. With `names`, there are no others, and null is no text.
fn read_map(
    value: &Value,
    path: &str,
    names: Option<&[&str]>,
) -> Result<Option<BTreeMap<String, String>>, Failure> {
    let Some(value) = nullable(value) else {
        return Ok(None);
    };
    let members = value
        .as_object()
        .ok_or_else(|| invalid(path, "must be an object"))?;
    let mut map = BTreeMap::new();
    for (name, value) in members {
        let at = format!("{path}.{name}");
        if names.is_some_and(|names| !names.contains(&name.as_str())) {
            return Err(invalid(&at, "is not allowed"));
        }
        map.insert(name.clone(), text(value, &at, 0, usize::MAX)?);
    }
    Ok((!map.is_empty()).then_some(map))
}
