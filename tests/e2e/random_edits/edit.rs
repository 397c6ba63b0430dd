//! One edit at random, as people make them: [`edit`].

use fastrand::Rng;

use super::files::{COUNTRIES, Files, Offer};
use crate::support::Api;

/// Values that a field may have; those that no type needs.
fn values(api: Api, kind: &str) -> Vec<(&'static str, &'static [&'static str])> {
    const TEXTS: &[&str] = &["First", "Second", "\"Third: yes\""];
    const TAGS: &[&str] = &["[a]", "[a, b]", "[c]"];
    let is_access = ["subscription", "pass"].contains(&kind);
    let mut all: Vec<(&str, &[&str])> = vec![
        ("description", TEXTS),
        (if is_access { "accessToTags" } else { "tags" }, TAGS),
    ];
    match api {
        Api::JsonRpc => {
            all.push(("associateEmail", &["a@club.tv", "b@club.tv"]));
            match kind {
                "event" => all.extend([
                    ("teaser", TEXTS),
                    ("applyServiceFeeOnCustomer", &["true", "false"]),
                    ("videoId", &["v1", "v2"]),
                    ("playerCode", TEXTS),
                ] as [(&str, &[&str]); 4]),
                "vod" => all.extend([
                    ("runtime", TEXTS),
                    ("videoQuality", &["hd", "4k"]),
                    ("rentalPeriod", &["24", "48"]),
                    ("playerCodeHead", TEXTS),
                ] as [(&str, &[&str]); 4]),
                "single" => all.extend([
                    ("contentExternalId", &["x1", "x2"]),
                    ("contentExternalData", TEXTS),
                ] as [(&str, &[&str]); 2]),
                "subscription" => all.push(("freeDays", &["7", "14"])),
                _ => {}
            }
        }
        Api::Rest => {
            all.extend([
                ("imageUrl", &["https://club.tv/1.png", "https://club.tv/2.png"]),
                ("giftable", &["true", "false"]),
                ("externalProperties", &["{a: b}", "{a: c, d: e}"]),
                ("appStoreProductIds", &["{apple: x}", "{roku: y}"]),
                ("price", &[
                    "10.00",
                    "11.00",
                    "{amount: 10.00, rules: [{from: 2031-01-01T00:00:00Z, to: 2031-02-01T00:00:00Z, amount: 8.00, name: Sale}]}",
                ]),
            ] as [(&str, &[&str]); 5]);
            if kind == "subscription" {
                all.extend([
                    ("freeDays", &["7", "14"]),
                    ("freePeriods", &["1", "2"]),
                    (
                        "freeTrial",
                        &["{type: day, duration: 7}", "{type: period, duration: 1}"],
                    ),
                ] as [(&str, &[&str]); 3]);
            }
        }
    }
    if api == Api::JsonRpc {
        all.push(("price", &["10.00", "11.00", "12.50"]));
    }
    all
}

/// Changes something in the files; returns what, in words.
pub(super) fn edit(files: &mut Files, rng: &mut Rng) -> String {
    // Whoever renames an offer takes `movedFrom` out again later.
    for file in files.by_name.values_mut() {
        for offer in file.offers.values_mut() {
            offer.moved_from = None;
        }
    }
    let file = rng
        .choice(files.by_name.keys().cloned().collect::<Vec<_>>())
        .unwrap();
    let names: Vec<String> = files.by_name[&file].offers.keys().cloned().collect();
    let words = match (rng.u8(..100), rng.choice(names)) {
        (0..6, _) | (_, None) => add(files, &file, rng),
        (6..12, Some(name)) => {
            files.by_name.get_mut(&file).unwrap().offers.remove(&name);
            format!("{file}: `{name}` is taken out")
        }
        (12..18, Some(name)) => rename(files, (&file, &name)),
        (18..23, Some(name)) => move_to_another(files, (&file, &name), rng),
        (23..27, _) => rename_file(files, &file),
        (27..35, _) => of_defaults(files, &file, rng),
        (35..50, Some(name)) => of_row(files, (&file, &name), rng),
        (50..60, Some(name)) => of_environment(files, (&file, &name), rng),
        (_, Some(name)) => of_field(files, (&file, &name), rng),
    };
    files.note_descriptions();
    words
}

fn offer<'f>(files: &'f mut Files, (file, name): (&str, &str)) -> &'f mut Offer {
    let file = files.by_name.get_mut(file).unwrap();
    file.offers.get_mut(name).unwrap()
}

fn add(files: &mut Files, file: &str, rng: &mut Rng) -> String {
    files.names += 1;
    let (api, number) = (files.api, files.names);
    let kind = rng
        .choice(["subscription", "pass", "single", "event", "vod"])
        .unwrap();
    let mut added = Offer::new(api, &format!("k{number}"), kind);
    if api == Api::Rest && rng.bool() {
        added = added.localized();
    }
    if rng.bool() && kind != "vod" {
        let geo = "{type: whitelist, countries: [US, FR, DE, SE, GB]}";
        added
            .fields
            .insert("geoRestriction".to_owned(), geo.to_owned());
    }
    let name = format!("offer-{number}");
    let entry = files.by_name.get_mut(file).unwrap();
    entry.offers.insert(name.clone(), added);
    format!("{file}: `{name}` is added, a {kind}")
}

fn rename(files: &mut Files, (file, name): (&str, &str)) -> String {
    files.names += 1;
    let new = format!("offer-{}", files.names);
    let entry = files.by_name.get_mut(file).unwrap();
    let mut offer = entry.offers.remove(name).unwrap();
    offer.moved_from = Some(name.to_owned());
    entry.offers.insert(new.clone(), offer);
    format!("{file}: `{name}` is now `{new}`")
}

fn move_to_another(files: &mut Files, (file, name): (&str, &str), rng: &mut Rng) -> String {
    let others: Vec<String> = files
        .by_name
        .keys()
        .filter(|other| *other != file)
        .cloned()
        .collect();
    let Some(other) = rng.choice(others) else {
        return "nothing".to_owned();
    };
    let offer = files
        .by_name
        .get_mut(file)
        .unwrap()
        .offers
        .remove(name)
        .unwrap();
    files
        .by_name
        .get_mut(&other)
        .unwrap()
        .offers
        .insert(name.to_owned(), offer);
    format!("`{name}` goes from {file} to {other}")
}

fn rename_file(files: &mut Files, file: &str) -> String {
    files.names += 1;
    let new = format!("file-{}.yaml", files.names);
    let moved = files.by_name.remove(file).unwrap();
    files.by_name.insert(new.clone(), moved);
    format!("{file} is now {new}")
}

fn of_defaults(files: &mut Files, file: &str, rng: &mut Rng) -> String {
    let entry = files.by_name.get_mut(file).unwrap();
    if entry.defaults.remove("description").is_some() {
        return format!("{file}: the defaults no longer say `description`");
    }
    let value = rng.choice(["Common", "Usual"]).unwrap();
    entry
        .defaults
        .insert("description".to_owned(), value.to_owned());
    format!("{file}: by default `description: {value}`")
}

fn of_row(files: &mut Files, place: (&str, &str), rng: &mut Rng) -> String {
    let api = files.api;
    let offer = offer(files, place);
    if offer.rows.is_empty() {
        return of_field(files, place, rng);
    }
    let name = place.1;
    let (country, currency) = rng.choice(COUNTRIES).unwrap();
    let there = offer.rows.len();
    let Some(row) = offer.rows.get_mut(country) else {
        if api == Api::JsonRpc {
            return "nothing".to_owned();
        }
        offer.add_row(country, currency);
        return format!("`{name}` is sold in {country}");
    };
    match rng.u8(..6) {
        0 if api == Api::Rest && there > 1 => {
            offer.rows.remove(country);
            format!("`{name}` is not sold in {country} any more")
        }
        1 | 2 => {
            let price = rng.choice(["9.00", "9.50", "8.50"]).unwrap();
            row.insert("price".to_owned(), price.to_owned());
            format!("`{name}` costs {price} in {country}")
        }
        _ if row.remove("description").is_some() => {
            format!("`{name}` is no longer described in {country}")
        }
        _ => {
            row.insert("description".to_owned(), "Local".to_owned());
            format!("`{name}` is described in {country}")
        }
    }
}

fn of_environment(files: &mut Files, place: (&str, &str), rng: &mut Rng) -> String {
    let offer = offer(files, place);
    let name = place.1;
    if offer.here.remove("description").is_some() {
        return format!("`{name}` says the same everywhere");
    }
    let value = rng.choice(["Here", "null"]).unwrap();
    offer
        .here
        .insert("description".to_owned(), value.to_owned());
    format!("`{name}` says in its environment `description: {value}`")
}

/// The words for a free trial exclude each other.
const TRIALS: [&str; 3] = ["freeDays", "freePeriods", "freeTrial"];

fn of_field(files: &mut Files, place: (&str, &str), rng: &mut Rng) -> String {
    let api = files.api;
    let offer = offer(files, place);
    let name = place.1;
    let (field, values) = rng.choice(values(api, offer.kind)).unwrap();
    // Over JSON-RPC localized offers have fewer fields.
    if api == Api::JsonRpc && !offer.rows.is_empty() && field == "associateEmail" {
        return "nothing".to_owned();
    }
    if field != "price" && offer.fields.contains_key(field) && rng.bool() {
        offer.fields.remove(field);
        return format!("`{name}` no longer says `{field}`");
    }
    if TRIALS.contains(&field) {
        offer
            .fields
            .retain(|field, _| !TRIALS.contains(&field.as_str()));
    }
    let value = rng.choice(values).unwrap();
    offer.fields.insert(field.to_owned(), (*value).to_owned());
    format!("`{name}` says `{field}: {value}`")
}
