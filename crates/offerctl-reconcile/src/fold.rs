//! Titles and addresses compared the way people read them: [`AsRead`].
//!
//! Two titles that look the same are the same title, whatever a keyboard, an editor or the service made of them. This is the
//! only place that folds texts, and everything that asks whether two offers look alike asks it: matching, copies,
//! look-alikes and settling.

use std::cmp::Ordering;

use offerctl_model::field::Field;
use offerctl_model::foreign::{Foreign, is_invisible};
use offerctl_model::offer_type::{Api, OfferType};
use unicode_normalization::UnicodeNormalization;

/// A title or an address as people read it. Equal ones look the same.
///
/// A text that the service cut at the length that it documents is not equal to the declared one, but [`is_shown_as`]
/// knows it again.
///
/// [`is_shown_as`]: Self::is_shown_as
#[derive(Debug, Clone)]
pub(crate) struct AsRead {
    text: Box<str>,
    /// What is left of a longer text, decomposed, if the service may have cut it.
    cut: Option<Box<str>>,
}

impl AsRead {
    /// Folds a text that somebody declared.
    pub(crate) fn declared(field: Field, text: &Foreign) -> Self {
        Self {
            text: fold(field, text.raw()).into(),
            cut: None,
        }
    }

    /// Folds a text that the service shows for an offer of a type; it may have cut one that is as long as the field can be.
    pub(crate) fn live(field: Field, (api, of_type): (Api, OfferType), text: &Foreign) -> Self {
        let limit = field.max_length(api, of_type);
        let is_full = limit.is_some_and(|limit| text.raw().chars().count() == limit);
        let cut = || -> Box<str> {
            fold(field, without_half_an_entity(text.raw()))
                .nfkd()
                .collect()
        };
        Self {
            text: fold(field, text.raw()).into(),
            cut: is_full.then(cut).filter(|cut| !cut.is_empty()),
        }
    }

    /// Returns whether there is nothing to read.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns whether a live text is this declared one, whole or cut at the length that the service documents.
    pub(crate) fn is_shown_as(&self, live: &Self) -> bool {
        let is_cut = |cut: &str| {
            let mut whole = self.text.nfkd();
            cut.chars().all(|character| whole.next() == Some(character))
        };
        self.text == live.text || live.cut.as_deref().is_some_and(is_cut)
    }

    /// Returns whether the service may have cut it.
    pub(crate) fn may_be_cut(&self) -> bool {
        self.cut.is_some()
    }
}

impl PartialEq for AsRead {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for AsRead {}

impl PartialOrd for AsRead {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AsRead {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

fn fold(field: Field, text: &str) -> String {
    if field == Field::Url {
        folded_url(text)
    } else {
        folded(text)
    }
}

/// A cut may go through an entity: what is left of it says nothing.
fn without_half_an_entity(text: &str) -> &str {
    match text.rsplit_once('&') {
        Some((before, after)) if !after.contains(';') => before,
        _ => text,
    }
}

/// Returns a text in the form in which it is compared: compatibility characters composed (NFKC), lower case, runs of
/// blanks as one, none at the ends, without invisible characters, and with the entities of HTML decoded.
fn folded(text: &str) -> String {
    let is_plain = |byte: u8| (byte.is_ascii_graphic() && byte != b'&') || byte == b' ';
    if text.bytes().all(is_plain) {
        return collapsed(&text.to_ascii_lowercase());
    }
    let decoded = decode_entities(text);
    let visible = decoded
        .chars()
        .filter(|character| !is_invisible(*character));
    let composed: String = visible
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|character| !is_invisible(*character))
        .nfkc()
        .collect();
    collapsed(&composed)
}

/// Returns a text with single blanks, and none at its ends.
fn collapsed(text: &str) -> String {
    let mut words = text.split_whitespace();
    let mut collapsed = String::with_capacity(text.len());
    collapsed.push_str(words.next().unwrap_or_default());
    for word in words {
        collapsed.push(' ');
        collapsed.push_str(word);
    }
    collapsed
}

/// Returns an address in the form in which it is compared: scheme and host in lower case, without the slash at its end,
/// without blanks and invisible characters around it, and with the entities of HTML decoded.
fn folded_url(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'&';
    if text.bytes().all(is_plain) {
        return folded_address(text);
    }
    let decoded = decode_entities(text);
    let visible: String = decoded
        .chars()
        .filter(|character| !is_invisible(*character))
        .collect();
    folded_address(visible.trim())
}

fn folded_address(address: &str) -> String {
    let address = address.trim_end_matches('/');
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let host = host.to_lowercase();
    if scheme.is_empty() {
        format!("{host}{path}")
    } else {
        format!("{}://{host}{path}", scheme.to_lowercase())
    }
}

/// The entities that services write for characters that HTML gives a meaning to.
const ENTITIES: [(&str, char); 6] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
];

/// Decodes the entities of HTML, once: what is no entity stays as it is.
fn decode_entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let entity = after
            .split_once(';')
            .and_then(|(name, after)| Some((entity(name)?, after)));
        if let Some((character, after)) = entity {
            decoded.push(character);
            rest = after;
        } else {
            decoded.push('&');
            rest = after;
        }
    }
    decoded.push_str(rest);
    decoded
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    let mut entities = ENTITIES.iter();
    let found = entities.find(|(known, _)| *known == name)?;
    Some(found.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_that_look_the_same_are_the_same() {
        for text in [
            "Café News",
            "Cafe\u{301} News",
            "  café\u{a0} news ",
            "CAFÉ NEWS",
            "Ca\u{200b}fé\u{feff} Ne\u{ad}ws\u{e0020}",
            "Caf&#233; News",
            "Caf&#xE9;&nbsp;News",
            "Café\u{3000}Ｎｅｗｓ",
        ] {
            assert_eq!(folded(text), "café news", "{text:?}");
        }
        assert_eq!(folded("Tom &amp; Jerry"), folded("Tom & Jerry"));
        assert_ne!(folded("News 1"), folded("News 2"));
        assert_ne!(folded("AT&T; News"), folded("ATT News"));
        assert_eq!(folded("\u{200b} \u{feff}"), "");
    }

    #[test]
    fn titles_are_in_the_order_of_what_is_read() {
        let title = |text: &str| AsRead::declared(Field::Title, &text.into());
        assert!(title("ÉTÉ") > title("Cafe\u{301}"));
        assert!(title("a") < title("B"));
        assert!(title("a") <= title("\u{200b}A"));
        assert!(title(" \u{200b}\u{feff}&nbsp;").is_empty());
        assert!(!title("\u{200b}a").is_empty());
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in ["ǅ", "İstanbul", "ﬁlm\u{301}", "ᾳ\u{345}", "&amp;lt;", "½ €"] {
            let once = folded(text);
            if !text.contains('&') {
                assert_eq!(folded(&once), once, "{text:?}");
            }
        }
    }

    #[test]
    fn addresses_are_compared_without_what_means_nothing() {
        for text in [
            "https://club.tv/News",
            "HTTPS://Club.TV/News/",
            " https://club.tv/News ",
            "https://club.tv/\u{200b}News",
        ] {
            assert_eq!(folded_url(text), "https://club.tv/News", "{text:?}");
        }
        assert_eq!(
            folded_url("https://club.tv/?a=1&amp;b=2"),
            folded_url("https://club.tv/?a=1&b=2")
        );
        assert_eq!(
            folded_url("https://club.tv/"),
            folded_url("https://club.tv")
        );
        assert_ne!(
            folded_url("https://club.tv/news"),
            folded_url("https://club.tv/News"),
            "paths are told apart by case"
        );
        assert_eq!(folded_url("Club.tv/A"), "club.tv/A");
    }

    #[test]
    fn a_text_that_was_cut_at_its_length_is_the_same() {
        let of = (Api::JsonRpc, OfferType::Pass);
        let is_same = |declared: &str, live: &str| {
            let declared = AsRead::declared(Field::Title, &declared.into());
            declared.is_shown_as(&AsRead::live(Field::Title, of, &live.into()))
        };
        let cut = |text: &str| text.chars().take(70).collect::<String>();
        let plain = "x".repeat(64);
        // Escaped, it is longer than the service keeps; decomposed, too.
        let escaped = format!("{plain} & you");
        assert!(is_same(&escaped, &cut(&escaped.replace('&', "&amp;"))));
        let accents = format!("{plain} éééé");
        let decomposed: String = accents.nfd().collect();
        for length in 66..decomposed.chars().count() {
            let live: String = decomposed.chars().take(length).collect();
            assert_eq!(is_same(&accents, &live), length == 70, "{length}");
        }
        // Cut in the middle of the entity.
        let late = format!("{}&&", "x".repeat(67));
        assert!(is_same(&late, &cut(&late.replace('&', "&amp;"))));
        // A whole entity before the cut is read, and so is what follows it.
        let behind = |tail: &str| format!("{} & {tail}", "x".repeat(60));
        let live = behind("abc").replace('&', "&amp;");
        assert_eq!(live.chars().count(), 70);
        assert!(is_same(&behind("abcdef"), &live));
        assert!(!is_same(&behind("abd"), &live));
        // Full, and something else.
        let other = |last: char| format!("{}{last}", "x".repeat(69));
        assert!(is_same(&other('1'), &other('1')));
        assert!(!is_same(&other('2'), &other('1')));
        // Shorter than a cut: another title.
        assert!(!is_same("News for all", "News"));
    }
}
