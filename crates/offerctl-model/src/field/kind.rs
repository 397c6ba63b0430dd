//! What a field holds: [`Kind`], and whether it can be read back: [`Visibility`].

/// What a field holds, and so how it is read, compared and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// An absolute http or https address.
    Url,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// One of the words of [`Field::periods`](super::Field::periods).
    Period,
    /// A price in the currency of the offer, or of the localization that it stands in.
    Price,
    /// A currency code.
    Currency,
    /// A decimal number that is no price.
    Rate,
    /// A whole number within bounds, both included.
    Integer {
        /// The smallest.
        min: u32,
        /// The largest.
        max: u32,
    },
    /// `true` or `false`.
    Flag,
    /// A moment.
    Time,
    /// The IANA name of a time zone.
    TimeZone,
    /// A set of tags.
    Tags,
    /// In which countries the offer is sold.
    GeoRestriction,
    /// A set of events, by name or by id.
    Events,
    /// Texts by keys of one's own.
    TextMap,
    /// A text for each of a few known keys.
    Texts(&'static [&'static str]),
    /// A fixed set of members.
    Record(&'static [Member]),
    /// A list of records.
    Records(&'static [Member]),
}

/// A member of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The vendor's name of it.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether the record needs it.
    pub required: bool,
}

/// Whether and how the value of a field can be read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Visibility {
    /// The lists carry it.
    Listed,
    /// The lists may lack it: then it is read again with the offer itself.
    Detail,
    /// It comes back in no answer, or in another form: it is compared with what was last applied.
    WriteOnly,
}

/// What becomes of the live value of a field once a manifest no longer declares it, if an apply sent it (the contract's
/// "What git no longer says is undone").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Removal {
    /// It goes back to the empty value of its kind.
    Clears,
    /// It stays as it is, because the field has no empty value: no offer exists without it, or it never changes.
    Stays,
    /// The plan is refused until the manifest says what is intended: the empty value sells more, or to nobody, or nobody
    /// can see the live one.
    Refused,
}
