//! Texts and addresses compared the way people read them: [`folded`], [`folded_url`].
//!
//! Two titles that look the same are the same title, whatever a keyboard, an editor or the service made of them.

use offerctl_model::foreign::is_invisible;
use unicode_normalization::UnicodeNormalization;

/// Returns a text in the form in which it is compared: compatibility characters composed (NFKC), lower case, runs of
/// blanks as one, none at the ends, without invisible characters, and with the entities of HTML decoded.
pub(crate) fn folded(text: &str) -> String {
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
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns an address in the form in which it is compared: scheme and host in lower case, without the slash at its end,
/// without blanks and invisible characters around it, and with the entities of HTML decoded.
pub(crate) fn folded_url(text: &str) -> String {
    let decoded = decode_entities(text);
    let visible: String = decoded
        .chars()
        .filter(|character| !is_invisible(*character))
        .collect();
    let address = visible.trim().trim_end_matches('/');
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
}
