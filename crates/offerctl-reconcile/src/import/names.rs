//! Names for offers that have none: [`Names`].

use std::collections::{BTreeMap, BTreeSet};

use deunicode::deunicode_char;
use offerctl_manifest::yaml::{Quotes, Surroundings, text_scalar};
use offerctl_model::content::Content;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;

/// The most characters that are taken from a title.
const MOST: usize = 48;

/// What a name is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) id: &'a OfferId,
    pub(super) offer_type: OfferType,
    pub(super) content: &'a Content,
}

/// Gives out names that are all different.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// Begins with names that somebody has already.
    pub(super) fn new<'a>(taken: impl IntoIterator<Item = &'a Name>) -> Self {
        let taken = taken.into_iter().map(|name| name.as_str().to_owned());
        Self {
            taken: taken.collect(),
        }
    }

    /// Names offers by their titles.
    ///
    /// Of offers with one title, each is told apart by its type, or else its period, or else its id: by the first of
    /// these that tells all of them apart. The names depend on the offers alone, not on their order.
    pub(super) fn give<'a>(&mut self, subjects: &[Subject<'a>]) -> BTreeMap<&'a OfferId, Name> {
        let mut by_title: BTreeMap<String, Vec<Subject<'a>>> = BTreeMap::new();
        for subject in subjects {
            let title = subject.content.fields.text(Field::Title);
            let slug = slug(title.map_or("", Foreign::raw));
            let offer_type = subject.offer_type.as_str();
            // `no` or `12` is not what every reader of YAML takes for a text.
            let slug = if slug.is_empty() {
                offer_type.to_owned()
            } else if text_scalar(&slug, Quotes::AsNeeded, Surroundings::Block) == slug {
                slug
            } else {
                format!("{offer_type}-{slug}")
            };
            by_title.entry(slug).or_default().push(*subject);
        }
        let mut names = BTreeMap::new();
        // Titles that one offer has alone come first: no other one is to take the plain name.
        let (alone, several): (Vec<_>, Vec<_>) = by_title
            .into_iter()
            .partition(|(_, group)| group.len() == 1);
        for (slug, group) in alone.into_iter().chain(several) {
            for (subject, wanted) in told_apart(&slug, &group) {
                names.insert(subject.id, self.take(wanted, subject.id));
            }
        }
        names
    }

    fn take(&mut self, wanted: String, id: &OfferId) -> Name {
        let by_id = format!("{wanted}-{}", id_word(id));
        let numbered = (2_u32..).map(|number| format!("{by_id}-{number}"));
        let candidates = [wanted, by_id.clone()].into_iter().chain(numbered);
        for candidate in candidates {
            if !self.taken.contains(&candidate)
                && let Ok(name) = candidate.parse::<Name>()
            {
                self.taken.insert(candidate);
                return name;
            }
        }
        unreachable!("there is no end of numbers")
    }
}

/// Tells a word by which an offer differs from others with its title.
type Way<'a> = &'a dyn Fn(&Subject<'_>) -> Option<String>;

/// The names that offers with one title should have.
fn told_apart<'a>(slug: &str, group: &[Subject<'a>]) -> Vec<(Subject<'a>, String)> {
    if let [subject] = group {
        return vec![(*subject, slug.to_owned())];
    }
    let by_type = |subject: &Subject<'_>| Some(subject.offer_type.as_str().to_owned());
    let by_period = |subject: &Subject<'_>| period(subject.content);
    let by_id = |subject: &Subject<'_>| Some(id_word(subject.id));
    let ways: [Way<'_>; 3] = [&by_type, &by_period, &by_id];
    let words = |way: Way<'_>| -> Option<Vec<String>> {
        let words: Vec<String> = group.iter().map(way).collect::<Option<_>>()?;
        let different: BTreeSet<&String> = words.iter().collect();
        (different.len() == words.len()).then_some(words)
    };
    let words = ways.into_iter().find_map(words).unwrap_or_default();
    let named = group.iter().zip(words);
    named
        .map(|(subject, word)| (*subject, format!("{slug}-{word}")))
        .collect()
}

fn period(content: &Content) -> Option<String> {
    content
        .fields
        .text(Field::Period)
        .map(|period| slug(period.raw()))
}

/// The id as a part of a name.
fn id_word(id: &OfferId) -> String {
    slug(id.stem())
}

/// A text in the letters of names: words with a dash between them.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars() {
        let latin = deunicode_char(character).unwrap_or_default();
        // What is no letter has a name in it as well, such as that of an emoji, which nobody reads out.
        let is_read = character.is_ascii() || character.is_alphanumeric();
        for character in latin.chars() {
            if character.is_ascii_alphanumeric() && is_read {
                slug.push(character.to_ascii_lowercase());
            } else if !slug.ends_with('-') && !slug.is_empty() && character != '\'' {
                slug.push('-');
            }
        }
    }
    if slug.len() > MOST {
        // At the end of a word, unless that leaves nothing.
        let cut = slug[..=MOST].rfind('-').unwrap_or(MOST);
        slug.truncate(cut);
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

#[cfg(test)]
mod tests {
    use super::*;
    use offerctl_model::value::Value;

    fn offer(title: &str, period: &str) -> Content {
        let mut content = Content::default();
        content.fields.set(Field::Title, Value::text(title));
        if !period.is_empty() {
            content.fields.set(Field::Period, Value::text(period));
        }
        content
    }

    fn names(offers: &[(&str, OfferType, Content)], taken: &[&str]) -> Vec<String> {
        let ids: Vec<OfferId> = offers.iter().map(|(id, _, _)| OfferId::new(id)).collect();
        let subjects: Vec<Subject<'_>> = offers
            .iter()
            .zip(&ids)
            .map(|((_, offer_type, content), id)| Subject {
                id,
                offer_type: *offer_type,
                content,
            })
            .collect();
        let taken: Vec<Name> = taken.iter().map(|name| name.parse().unwrap()).collect();
        let found = Names::new(&taken).give(&subjects);
        ids.iter().map(|id| found[id].to_string()).collect()
    }

    #[test]
    fn titles_become_words() {
        for (title, expected) in [
            ("Every finance article", "every-finance-article"),
            ("  Café — 50% off!  ", "cafe-50-off"),
            ("Alt, måned for måned", "alt-maned-for-maned"),
            ("Don't miss", "dont-miss"),
            ("日本", "ri-ben"),
            ("e\u{301}te\u{301} 🎬 film🎬s", "ete-film-s"),
            ("мир", "mir"),
            ("???", ""),
            ("", ""),
        ] {
            assert_eq!(slug(title), expected, "{title}");
        }
        let long = slug(&"word ".repeat(40));
        assert!(long.len() <= MOST && long.ends_with("word"), "{long}");
        assert_eq!(slug(&"x".repeat(200)).len(), MOST);
    }

    #[test]
    fn offers_with_one_title_are_told_apart() {
        use OfferType::{Pass, Subscription};
        let monthly = || offer("Club", "month");
        assert_eq!(
            names(
                &[("S1", Subscription, monthly()), ("P1", Pass, monthly())],
                &[]
            ),
            ["club-subscription", "club-pass"]
        );
        assert_eq!(
            names(
                &[
                    ("S1", Subscription, monthly()),
                    ("S2", Subscription, offer("club", "year"))
                ],
                &[]
            ),
            ["club-month", "club-year"]
        );
        assert_eq!(
            names(
                &[
                    ("S1", Subscription, monthly()),
                    ("S2", Subscription, monthly())
                ],
                &[]
            ),
            ["club-s1", "club-s2"]
        );
    }

    #[test]
    fn a_name_that_is_taken_gets_the_id() {
        use OfferType::Subscription;
        assert_eq!(
            names(
                &[("S123456789_US", Subscription, offer("Club", ""))],
                &["club"]
            ),
            ["club-s123456789"]
        );
        for (title, expected) in [
            ("!", "subscription"),
            ("No", "subscription-no"),
            ("007", "subscription-007"),
        ] {
            let offers = [("S1", Subscription, offer(title, ""))];
            assert_eq!(names(&offers, &[]), [expected]);
        }
    }
}
