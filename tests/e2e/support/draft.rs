//! Offers of a manifest, built in code: [`Draft`].

use super::Api;

/// One offer of a manifest, with all fields that its type requires.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    name: String,
    lines: Vec<(String, String)>,
}

/// The six types.
pub(crate) const TYPES: [&str; 6] = ["subscription", "pass", "single", "rental", "event", "vod"];

/// What singles and VODs say over REST where a test says nothing: there they cannot do without.
const ENTITLEMENT: &str = "{duration: {periodUnit: year, amount: 1}}";

/// The four types that can be localized over JSON-RPC.
pub(crate) const LOCALIZED: [&str; 4] = ["subscription", "pass", "single", "rental"];

impl Draft {
    /// Begins with a title and an address that come of the name, and a price of 10.00.
    pub(crate) fn new(kind: &str, name: &str) -> Self {
        let draft = Self {
            name: name.to_owned(),
            lines: Vec::new(),
        }
        .with("type", kind)
        .with("title", &format!("Title of {name}"))
        .with("url", &format!("https://club.tv/{name}"))
        .with("price", "10.00");
        match kind {
            "subscription" | "pass" => draft.with("period", "month"),
            "rental" => draft.with("period", "48"),
            "event" => draft
                .with("startTime", "2031-06-01T20:00:00+02:00")
                .with("endTime", "2031-06-01T22:00:00+02:00")
                .with("timeZone", "Europe/Oslo"),
            _ => draft,
        }
    }

    /// Says something in a field, in place of what it said before; the value is YAML on one line.
    pub(crate) fn with(mut self, field: &str, value: &str) -> Self {
        match self.lines.iter_mut().find(|line| line.0 == field) {
            Some(line) => value.clone_into(&mut line.1),
            None => self.lines.push((field.to_owned(), value.to_owned())),
        }
        self
    }

    /// Says nothing in a field.
    pub(crate) fn without(mut self, field: &str) -> Self {
        self.lines.retain(|line| line.0 != field);
        self
    }

    /// The same under another name.
    pub(crate) fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Sold in the United States, France and Norway, at 10.00 USD, 9.00 EUR and 99.00 NOK.
    pub(crate) fn localized(self) -> Self {
        self.with(
            "localizations",
            "{US: {currency: USD}, FR: {currency: EUR, price: 9.00}, NO: {currency: NOK, price: 99.00}}",
        )
    }

    /// The lines of a manifest, below `offers:`.
    pub(crate) fn yaml(&self) -> String {
        self.yaml_over(Api::JsonRpc)
    }

    /// The same for a generation of the API.
    pub(crate) fn yaml_over(&self, api: Api) -> String {
        let says = |field: &str| self.lines.iter().any(|line| line.0 == field);
        let lasts = ["entitlement", "rentalPeriod"].into_iter().any(says);
        let needs_end = self
            .lines
            .iter()
            .any(|(field, value)| field == "type" && ["single", "vod"].contains(&value.as_str()));
        let end = (api == Api::Rest && needs_end && !lasts)
            .then(|| ("entitlement".to_owned(), ENTITLEMENT.to_owned()));
        let lines: String = self
            .lines
            .iter()
            .chain(&end)
            .map(|(field, value)| format!("    {field}: {value}\n"))
            .collect();
        format!("  {}:\n{lines}", self.name)
    }
}
