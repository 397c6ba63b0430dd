//! What is wrong with what somebody wrote: [`Diagnostic`], its [`Code`], and all of them in [`Diagnostics`].

use offerctl_model::codes;

use crate::span::Span;

codes! {
    /// The kind of a [`Diagnostic`]; stable, so that scripts and editors can rely on it.
    pub enum Code {
        /// A file has more bytes than are read.
        FileSize = "file-size",
        /// A file is not UTF-8.
        Utf8 = "utf8",
        /// A file is not YAML.
        YamlSyntax = "yaml-syntax",
        /// A tab indents a line, which YAML forbids.
        YamlTab = "yaml-tab",
        /// A key stands twice in one mapping.
        DuplicateKey = "duplicate-key",
        /// Values are nested deeper than any manifest needs.
        YamlDepth = "yaml-depth",
        /// Aliases stand for more values than any manifest needs.
        YamlAlias = "yaml-alias",
        /// A value has a YAML tag such as `!!str`; manifests use none.
        YamlTag = "yaml-tag",
        /// A file holds more than one YAML document.
        YamlDocuments = "yaml-documents",
        /// A key is not a text, or YAML readers would read the text differently.
        YamlKey = "yaml-key",
        /// A key is not known where it stands.
        UnknownKey = "unknown-key",
        /// A mapping, a list or a single value stands where another is needed.
        WrongShape = "wrong-shape",
        /// A field that is needed is not there.
        MissingField = "missing-field",
        /// The `version` of a file is not one that this program reads.
        Version = "version",
        /// A name is not made of a-z, 0-9 and `-`.
        Name = "name",
        /// A type of offer is not known.
        OfferType = "offer-type",
        /// A price is not a plain decimal number.
        PriceFormat = "price-format",
        /// A price is outside the bounds that the vendor documents.
        PriceBounds = "price-bounds",
        /// A price has more digits than its currency.
        PriceDigits = "price-digits",
        /// A text is longer than the vendor allows.
        TextLength = "text-length",
        /// A text that must say something is empty.
        TextEmpty = "text-empty",
        /// A text has control characters in it.
        TextControl = "text-control",
        /// A url is not an absolute http or https address.
        Url = "url",
        /// A value is not one of those that the field can take.
        Choice = "choice",
        /// A value is not a whole number, or out of its bounds.
        Integer = "integer",
        /// A value is neither `true` nor `false`.
        Flag = "flag",
        /// A time is neither RFC 3339 with an offset nor unix seconds.
        Time = "time",
        /// A date is not written as `2026-12-31`.
        Date = "date",
        /// A time zone is not an IANA name.
        TimeZone = "time-zone",
        /// An event ends before it starts.
        TimeOrder = "time-order",
        /// A country is not a two-letter code of ISO 3166-1.
        Country = "country",
        /// A currency is not one that the API knows.
        Currency = "currency",
        /// A tag is empty, or has spaces at its ends.
        Tag = "tag",
        /// Tags look alike and are not the same, or a tag mixes the letters of several alphabets.
        TagLookAlike = "tag-look-alike",
        /// A tag gives access to nothing in the project, and is nearly one that would.
        TagUnmatched = "tag-unmatched",
        /// An entry stands twice in a list.
        DuplicateEntry = "duplicate-entry",
        /// An offer id does not have the form of Cleeng's ids, or belongs to another type.
        OfferId = "offer-id",
        /// `null` stands where a value cannot be cleared.
        Null = "null",
        /// Two fields are given of which an offer can have only one.
        Exclusive = "exclusive",
        /// Two offers of the project have the same name.
        DuplicateName = "duplicate-name",
        /// A reference names an offer that is not there.
        DanglingReference = "dangling-reference",
        /// A reference names an offer of a type that cannot stand there.
        ReferenceType = "reference-type",
        /// Offers wait for one another in a circle.
        Cycle = "cycle",
        /// `movedFrom` contradicts another offer.
        MovedFrom = "moved-from",
        /// An environment is named that the project does not have.
        UnknownEnvironment = "unknown-environment",
        /// A variable is not defined in the environment, or its use is malformed.
        Variable = "variable",
        /// A key is the tool's own.
        ReservedKey = "reserved-key",
        /// The API generation of the environment does not have the field.
        ApiField = "api-field",
        /// The API generation of the environment cannot localize the type, or the field per country.
        ApiLocalization = "api-localization",
        /// A `defaults` entry fits no offer of its file.
        UnusedDefault = "unused-default",
        /// An offer says something for an environment that does not have it.
        UnusedOverride = "unused-override",
        /// The last day of an approval in `allow` has passed.
        ApprovalExpired = "approval-expired",
        /// A value in `offerctl.yaml` is not valid.
        Config = "config",
        /// A file or folder could not be read.
        Unreadable = "unreadable",
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is done until it is mended.
    Error,
    /// Worth a look; nothing is refused.
    Warning,
}

impl Severity {
    /// The word that is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong: what, where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where it is, if it is in a file.
    pub span: Option<Span>,
    /// The kind.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: a fragment, without a period.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// A second place that belongs to it, with its own words.
    pub related: Option<(Span, String)>,
    /// Whether the line must not be shown, because a secret may stand in it.
    pub concealed: bool,
}

impl Diagnostic {
    /// Returns an error without a place.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            span: None,
            code,
            severity: Severity::Error,
            message,
            help: None,
            related: None,
            concealed: false,
        }
    }

    /// Returns a warning without a place.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// Puts it at a place.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Keeps the text of the place out of every output.
    #[must_use]
    pub fn concealed(mut self) -> Self {
        self.concealed = true;
        self
    }

    /// Points to a second place.
    #[must_use]
    pub fn related(mut self, span: Span, words: impl Into<String>) -> Self {
        self.related = Some((span, words.into()));
        self
    }
}

/// All that was found; a list that only grows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Returns an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of another list.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Whether any is an error.
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Those that are errors.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// Orders them by file and place and drops repetitions, so that the same input always reads the same.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.0.sort();
        self.0.dedup();
        self
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Returns the candidate that somebody who wrote `written` probably meant.
pub fn did_you_mean<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    /// Similar enough that a person would agree; `pirce` and `price` are at 0.92.
    const SIMILAR: f64 = 0.8;
    // A hostile key can be as long as the file, and the comparison is quadratic.
    if written.len() > 100 {
        return None;
    }
    let folded = written.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::jaro_winkler(&folded, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_finds_what_was_meant() {
        let known = ["price", "period", "title"];
        assert_eq!(did_you_mean("pirce", known), Some("price"));
        assert_eq!(did_you_mean("Title", known), Some("title"));
        assert_eq!(did_you_mean("zzz", known), None);
        assert_eq!(did_you_mean(&"p".repeat(1_000_000), known), None);
    }
}
