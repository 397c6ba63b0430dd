//! Catalogues to measure with: the same every time.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Which offers a catalogue has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    /// All six types; passes and subscriptions come after what they open.
    All,
    /// All six types, and none has to wait for another.
    Independent,
    /// The four types that can have localizations.
    Localizable,
}

/// How large a catalogue is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) offers: usize,
    pub(super) kinds: Kinds,
    /// Countries with a price of their own, for the types that can have them.
    pub(super) localizations: usize,
    pub(super) per_file: usize,
}

/// Countries, each with a currency that both generations of the API have.
const COUNTRIES: [(&str, &str); 50] = [
    ("US", "USD"),
    ("DE", "EUR"),
    ("FR", "EUR"),
    ("GB", "GBP"),
    ("NO", "NOK"),
    ("SE", "SEK"),
    ("DK", "DKK"),
    ("CA", "CAD"),
    ("AU", "AUD"),
    ("NZ", "NZD"),
    ("AT", "EUR"),
    ("BE", "EUR"),
    ("CY", "EUR"),
    ("EE", "EUR"),
    ("ES", "EUR"),
    ("FI", "EUR"),
    ("GR", "EUR"),
    ("HR", "EUR"),
    ("IE", "EUR"),
    ("IT", "EUR"),
    ("LT", "EUR"),
    ("LU", "EUR"),
    ("LV", "EUR"),
    ("MT", "EUR"),
    ("NL", "EUR"),
    ("PT", "EUR"),
    ("SI", "EUR"),
    ("SK", "EUR"),
    ("AD", "EUR"),
    ("MC", "EUR"),
    ("SM", "EUR"),
    ("ME", "EUR"),
    ("EC", "USD"),
    ("SV", "USD"),
    ("PA", "USD"),
    ("PR", "USD"),
    ("GU", "USD"),
    ("MX", "USD"),
    ("BR", "USD"),
    ("AR", "USD"),
    ("CL", "USD"),
    ("CO", "USD"),
    ("PE", "USD"),
    ("JP", "USD"),
    ("KR", "USD"),
    ("IN", "USD"),
    ("ZA", "USD"),
    ("IM", "GBP"),
    ("JE", "GBP"),
    ("GG", "GBP"),
];

/// Writes a project with manifests; returns the size of the manifests in bytes.
pub(super) fn write_catalogue(
    folder: &Path,
    shape: Shape,
    environment: &str,
) -> anyhow::Result<u64> {
    write_project(folder, environment)?;
    fs::create_dir_all(folder.join("offers"))?;
    let mut bytes = 0;
    for (number, first) in (0..shape.offers).step_by(shape.per_file).enumerate() {
        let mut text = String::from("version: 1\noffers:\n");
        for offer in first..(first + shape.per_file).min(shape.offers) {
            write_offer(&mut text, offer, shape)?;
        }
        bytes += text.len() as u64;
        fs::write(folder.join(format!("offers/{number:04}.yaml")), text)?;
    }
    Ok(bytes)
}

/// Writes the project file alone.
pub(super) fn write_project(folder: &Path, environment: &str) -> anyhow::Result<()> {
    let text = format!("version: 1\nproject: bench\nenvironments:\n  bench:\n    {environment}\n");
    Ok(fs::write(folder.join("offerctl.yaml"), text)?)
}

fn write_offer(text: &mut String, number: usize, shape: Shape) -> anyhow::Result<()> {
    let kinds: &[&str] = match shape.kinds {
        Kinds::Localizable => &["subscription", "pass", "single", "rental"],
        Kinds::All | Kinds::Independent => {
            &["subscription", "pass", "single", "rental", "event", "vod"]
        }
    };
    let kind = kinds[number % kinds.len()];
    write!(
        text,
        "  offer-{number:06}:\n    type: {kind}\n    title: \"Offer number {number} of the catalogue\"\n    \
         description: What this {kind} is about, in a sentence of usual length.\n    price: {}\n    \
         url: https://club.example/{kind}/{number}\n",
        price(number, 0)
    )?;
    text.push_str(match kind {
        "subscription" if shape.kinds == Kinds::Independent => "    period: month\n",
        "pass" if shape.kinds == Kinds::Independent => "    period: week\n",
        "subscription" => "    period: month\n    accessToTags: [news, sports]\n",
        "pass" => "    period: week\n    accessToTags: [films]\n",
        "rental" => "    period: 48\n    tags: [films]\n",
        "event" => {
            "    startTime: 2027-05-30T18:00:00+02:00\n    endTime: 2027-05-30T21:00:00+02:00\n    \
             timeZone: Europe/Oslo\n    tags: [sports]\n"
        }
        _ => "    videoId: asset\n    tags: [films, news]\n",
    });
    if shape.localizations > 0 {
        text.push_str("    localizations:\n");
    }
    for (index, (country, currency)) in countries(shape.localizations).enumerate() {
        writeln!(
            text,
            "      {country}: {{currency: {currency}, price: {}}}",
            price(number, index)
        )?;
    }
    Ok(())
}

/// So many countries with their currencies.
pub(super) fn countries(count: usize) -> impl Iterator<Item = (&'static str, &'static str)> {
    COUNTRIES.into_iter().take(count)
}

/// The price of an offer at the top, which is the first, or in one of its countries.
pub(super) fn price(offer: usize, country: usize) -> String {
    format!("{}.{:02}", 5 + (offer + country) % 80, offer % 100)
}

/// All files below a folder that end so, in order.
pub(super) fn files(folder: &Path, end: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, end)?);
        } else if path.extension().is_some_and(|extension| extension == end) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
