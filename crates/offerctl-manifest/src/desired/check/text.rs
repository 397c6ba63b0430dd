//! Texts of an offer: lengths, characters, addresses, periods, time zones, tags.

use offerctl_model::content::FieldPath;
use offerctl_model::field::{Field, Kind};
use offerctl_model::foreign::is_invisible;
use offerctl_model::offer_type::Api;

use super::Check;
use crate::diagnostic::Code;
use crate::yaml::cut;

impl Check<'_> {
    pub(super) fn text(&mut self, path: FieldPath, kind: Kind, text: &str) {
        let field = path.field;
        let blank = text.trim().is_empty() && field.is_essential();
        if text.is_empty() || blank {
            if blank {
                self.error(
                    self.span(path),
                    Code::TextEmpty,
                    format!("`{field}` is empty"),
                    "every offer needs one",
                );
            }
            return;
        }
        self.characters(path, text);
        if let Some(max) = field.max_length(self.api(), self.offer_type()) {
            let length = text.chars().count();
            if length > max {
                let message = format!(
                    "`{field}` has {length} characters, {} too many",
                    length - max
                );
                self.error(
                    self.span(path),
                    Code::TextLength,
                    message,
                    format!("at most {max} are allowed"),
                );
            }
        }
        if kind == Kind::Url {
            self.url(path, text);
        } else if kind == Kind::Period {
            self.period(path, text);
        } else if kind == Kind::TimeZone {
            self.time_zone(path, text);
        }
    }

    /// Refuses characters that nobody can see and no customer should get.
    pub(super) fn characters(&mut self, path: FieldPath, text: &str) {
        let hidden = |character: &char| character.is_control() && !matches!(character, '\n' | '\t');
        if let Some(found) = text.chars().find(hidden) {
            let message = format!(
                "`{}` has the control character U+{:04X} in it",
                path.field,
                u32::from(found)
            );
            self.error(self.span(path), Code::TextControl, message, "take it out");
        }
    }

    /// Refuses characters that have no width or turn the direction, where every character counts.
    ///
    /// A text for people may have them: emoji and right-to-left scripts need some.
    fn invisible(&mut self, path: FieldPath, text: &str) {
        // A mark that makes an emoji of a sign changes how it looks.
        let is_form = |character: char| matches!(character, '\u{fe00}'..='\u{fe0f}');
        let invisible = |character: &char| {
            is_invisible(*character) && !character.is_control() && !is_form(*character)
        };
        if let Some(found) = text.chars().find(invisible) {
            let message = format!(
                "`{}` has the invisible character U+{:04X} in it",
                path.field,
                u32::from(found)
            );
            self.error(self.span(path), Code::TextControl, message, "take it out");
        }
    }

    fn url(&mut self, path: FieldPath, text: &str) {
        self.invisible(path, text);
        let absolute = text.starts_with("http://") || text.starts_with("https://");
        let blank = text.chars().any(char::is_whitespace);
        if absolute && !blank && url::Url::parse(text).is_ok_and(|url| url.has_host()) {
            return;
        }
        let message = format!("`{}` is not an http or https address", cut(text));
        self.error(
            self.span(path),
            Code::Url,
            message,
            "write it in full, such as `https://club.tv/plans`",
        );
    }

    fn period(&mut self, path: FieldPath, text: &str) {
        let periods = Field::periods(self.offer_type(), self.content.is_localized());
        if !periods.contains(&text) {
            let message = format!("`{}` is no period of a {}", cut(text), self.offer_type());
            self.error(
                self.span(path),
                Code::Choice,
                message,
                format!("possible are {}", periods.join(", ")),
            );
        }
    }

    fn time_zone(&mut self, path: FieldPath, text: &str) {
        let database = jiff::tz::TimeZoneDatabase::bundled();
        let found = database
            .get(text)
            .is_ok_and(|zone| zone.iana_name() == Some(text));
        if !found {
            let message = format!("`{}` is not the IANA name of a time zone", cut(text));
            let help = match database
                .get(text)
                .ok()
                .and_then(|zone| zone.iana_name().map(str::to_owned))
            {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "write a name such as `Europe/Oslo`".to_owned(),
            };
            self.error(self.span(path), Code::TimeZone, message, help);
        }
    }

    pub(super) fn tag(&mut self, path: FieldPath, tag: &str) {
        self.characters(path, tag);
        self.invisible(path, tag);
        if self.api() != Api::Rest {
            return;
        }
        // docs/cleeng-api.md §5.3.
        let fits = |character: char| {
            character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | ':' | ' ')
        };
        let max = path
            .field
            .max_length(Api::Rest, self.offer_type())
            .unwrap_or(usize::MAX);
        if !tag.chars().all(fits) || tag.chars().count() > max {
            let message = format!("the tag `{}` cannot be expressed over rest", cut(tag));
            let help = format!("use up to {max} letters, digits, spaces and _ - :");
            self.error(self.span(path), Code::Tag, message, help);
        }
    }
}
