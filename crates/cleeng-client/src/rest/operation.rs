//! The endpoints of the API: [`Operation`].

use reqwest::{Method, Url};

/// An endpoint: a method and a path below the base, with a place for each name in it.
///
/// All that offers and groups of seasons have are the constants of this file (docs/cleeng-api.md §5.2). Only the `GET`s
/// change nothing, and only those are for readers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation(&'static str);

pub(super) const LIST: Operation = Operation("GET /offers");
pub(super) const GET: Operation = Operation("GET /offers/{offerId}");
pub(super) const CREATE: Operation = Operation("POST /offers");
pub(super) const PATCH: Operation = Operation("PATCH /offers/{offerId}");
pub(super) const ACTIVATE: Operation = Operation("POST /offers/{offerId}/activate");
pub(super) const DEACTIVATE: Operation = Operation("POST /offers/{offerId}/deactivate");
pub(super) const CREATE_LOCALIZATION: Operation = Operation("POST /offers/{offerId}/localizations");
pub(super) const PATCH_LOCALIZATION: Operation =
    Operation("PATCH /offers/{offerId}/localizations/{countryCode}");
pub(super) const ACTIVATE_LOCALIZATION: Operation =
    Operation("POST /offers/{offerId}/localizations/{countryCode}/activate");
pub(super) const DEACTIVATE_LOCALIZATION: Operation =
    Operation("POST /offers/{offerId}/localizations/{countryCode}/deactivate");
pub(super) const LIST_SEASON_GROUPS: Operation = Operation("GET /offers/season-groups");
pub(super) const GET_SEASON_GROUP: Operation = Operation("GET /offers/season-groups/{id}");
pub(super) const CREATE_SEASON_GROUP: Operation = Operation("POST /offers/season-groups");
pub(super) const PATCH_SEASON_GROUP: Operation = Operation("PATCH /offers/season-groups/{id}");
pub(super) const DELETE_SEASON_GROUP: Operation = Operation("DELETE /offers/season-groups/{id}");
pub(super) const CREATE_SEASON: Operation = Operation("POST /offers/season-groups/{id}/seasons");
pub(super) const PATCH_SEASON: Operation =
    Operation("PATCH /offers/season-groups/{id}/seasons/{seasonId}");
pub(super) const DELETE_SEASON: Operation =
    Operation("DELETE /offers/season-groups/{id}/seasons/{seasonId}");

impl Operation {
    /// Returns the method and the path, which is how errors and the log call it.
    pub(super) fn name(self) -> &'static str {
        self.0
    }

    /// Returns the HTTP method.
    pub(super) fn method(self) -> Method {
        if self.0.starts_with("GET ") {
            Method::GET
        } else if self.0.starts_with("PATCH ") {
            Method::PATCH
        } else if self.0.starts_with("DELETE ") {
            Method::DELETE
        } else {
            Method::POST
        }
    }

    /// Returns the address below a base, with the names in their places. `None` if a name cannot
    /// stand in a path as itself, so that another endpoint would be called.
    pub(super) fn url(self, base: &Url, names: &[&str]) -> Option<Url> {
        let mut url = base.clone();
        let mut names = names.iter();
        {
            let mut segments = url.path_segments_mut().ok()?;
            segments.pop_if_empty();
            for part in self.0.split('/').skip(1) {
                if part.starts_with('{') {
                    let name = names.next().filter(|name| is_segment(name))?;
                    segments.push(name);
                } else {
                    segments.push(part);
                }
            }
        }
        Some(url)
    }
}

/// Returns whether a text can be one segment of a path. What else is in it is percent-encoded.
fn is_segment(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(operation: Operation, names: &[&str], expect: Option<&str>) {
        let base = Url::parse("https://host/api/3.1").unwrap();
        let url = operation.url(&base, names);
        let shown = url.map(|url| format!("{} {url}", operation.method()));
        let expect = expect.map(|expect| expect.replace(' ', " https://host/api/3.1"));
        assert_eq!(shown, expect);
    }

    #[test]
    fn endpoints_are_the_documented_ones() {
        check(LIST, &[], Some("GET /offers"));
        check(CREATE, &[], Some("POST /offers"));
        let offer = ["S123456789"];
        check(GET, &offer, Some("GET /offers/S123456789"));
        check(PATCH, &offer, Some("PATCH /offers/S123456789"));
        check(ACTIVATE, &offer, Some("POST /offers/S123456789/activate"));
        check(
            DEACTIVATE,
            &offer,
            Some("POST /offers/S123456789/deactivate"),
        );
        check(
            CREATE_LOCALIZATION,
            &offer,
            Some("POST /offers/S123456789/localizations"),
        );
        let row = ["S123456789", "FR"];
        check(
            PATCH_LOCALIZATION,
            &row,
            Some("PATCH /offers/S123456789/localizations/FR"),
        );
        check(
            ACTIVATE_LOCALIZATION,
            &row,
            Some("POST /offers/S123456789/localizations/FR/activate"),
        );
        check(
            DEACTIVATE_LOCALIZATION,
            &row,
            Some("POST /offers/S123456789/localizations/FR/deactivate"),
        );
    }

    #[test]
    fn groups_of_seasons_have_their_own() {
        const GROUPS: &str = "/offers/season-groups";
        let expect = |verb: &str, rest: &str| Some(format!("{verb} {GROUPS}{rest}"));
        for (operation, names, line) in [
            (LIST_SEASON_GROUPS, &[][..], expect("GET", "")),
            (CREATE_SEASON_GROUP, &[], expect("POST", "")),
            (GET_SEASON_GROUP, &["g"], expect("GET", "/g")),
            (PATCH_SEASON_GROUP, &["g"], expect("PATCH", "/g")),
            (DELETE_SEASON_GROUP, &["g"], expect("DELETE", "/g")),
            (CREATE_SEASON, &["g"], expect("POST", "/g/seasons")),
            (PATCH_SEASON, &["g", "3"], expect("PATCH", "/g/seasons/3")),
            (DELETE_SEASON, &["g", "3"], expect("DELETE", "/g/seasons/3")),
        ] {
            check(operation, names, line.as_deref());
        }
    }

    #[test]
    fn a_name_stays_in_its_segment() {
        check(GET, &["a/../b"], Some("GET /offers/a%2F..%2Fb"));
        check(GET, &["a?b#c%2F"], Some("GET /offers/a%3Fb%23c%252F"));
        check(GET, &["é"], Some("GET /offers/%C3%A9"));
        for name in ["", ".", "..", "a\n", "\t", "\u{0}"] {
            check(GET, &[name], None);
            check(PATCH_LOCALIZATION, &["S1", name], None);
        }
    }
}
