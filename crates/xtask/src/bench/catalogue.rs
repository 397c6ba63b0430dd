//! Catalogues to measure with: the same every time.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// How large a catalogue is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) offers: usize,
    /// Countries with a price of their own, for the types that can have them; none makes plain offers of all types.
    pub(super) localizations: usize,
    pub(super) per_file: usize,
}

const COUNTRIES: [(&str, &str); 10] = [
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
];

/// Writes a project with manifests; returns the size of the manifests in bytes.
pub(super) fn write_catalogue(
    folder: &Path,
    shape: Shape,
    environment: &str,
) -> anyhow::Result<u64> {
    fs::write(
        folder.join("offerctl.yaml"),
        format!("version: 1\nproject: bench\nenvironments:\n  bench:\n    {environment}\n"),
    )?;
    fs::create_dir_all(folder.join("offers"))?;
    let mut bytes = 0;
    for (number, first) in (0..shape.offers).step_by(shape.per_file).enumerate() {
        let mut text = String::from("version: 1\noffers:\n");
        for offer in first..(first + shape.per_file).min(shape.offers) {
            write_offer(&mut text, offer, shape.localizations)?;
        }
        bytes += text.len() as u64;
        fs::write(folder.join(format!("offers/{number:04}.yaml")), text)?;
    }
    Ok(bytes)
}

fn write_offer(text: &mut String, number: usize, localizations: usize) -> anyhow::Result<()> {
    // Only four of the six types can be localized.
    let kinds: &[&str] = if localizations > 0 {
        &["subscription", "pass", "single", "rental"]
    } else {
        &["subscription", "pass", "single", "rental", "event", "vod"]
    };
    let kind = kinds[number % kinds.len()];
    let price = |offset: usize| format!("{}.{:02}", 5 + (number + offset) % 80, number % 100);
    write!(
        text,
        "  offer-{number:06}:\n    type: {kind}\n    title: \"Offer number {number} of the catalogue\"\n    \
         description: What this {kind} is about, in a sentence of usual length.\n    price: {}\n    \
         url: https://club.example/{kind}/{number}\n",
        price(0)
    )?;
    text.push_str(match kind {
        "subscription" => "    period: month\n    accessToTags: [news, sports]\n",
        "pass" => "    period: week\n    accessToTags: [films]\n",
        "rental" => "    period: 48\n    tags: [films]\n",
        "event" => {
            "    startTime: 2027-05-30T18:00:00+02:00\n    endTime: 2027-05-30T21:00:00+02:00\n    \
             timeZone: Europe/Oslo\n    tags: [sports]\n"
        }
        _ => "    videoId: asset\n    tags: [films, news]\n",
    });
    if localizations > 0 {
        text.push_str("    localizations:\n");
    }
    for (index, (country, currency)) in COUNTRIES.iter().take(localizations).enumerate() {
        writeln!(
            text,
            "      {country}: {{currency: {currency}, price: {}}}",
            price(index)
        )?;
    }
    Ok(())
}

/// All YAML files below a folder.
pub(super) fn yaml_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(yaml_files(&path)?);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
