//! Whether an offer can be what its manifest says, in the API generation of an environment.

use crate::content::{Content, FieldPath};
use crate::country::Country;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::field::{Field, Kind};
use crate::manifest::{Manifest, Part};
use crate::money::{Amount, Currency};
use crate::offer_type::{Api, OfferType};
use crate::project::Environment;
use crate::source::Span;
use crate::value::Value;
use crate::yaml::cut;

use super::bounds::price_bounds;

/// Checks the content of a manifest, variables filled in.
pub(super) fn content(
    manifest: &Manifest,
    content: &Content,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) {
    let mut check = Check {
        manifest,
        content,
        environment,
        diagnostics,
    };
    check.localizations();
    for (field, value) in content.fields.iter() {
        let path = FieldPath::top(field);
        if check.is_expressible(path) {
            check.value(path, value);
        }
    }
    for (country, row) in content.localizations.iter().flatten() {
        for (field, value) in row.fields.iter() {
            let path = FieldPath::localized(*country, field);
            if check.is_expressible(path) {
                check.value(path, value);
            }
        }
    }
    check.prices();
    check.required();
    check.exclusive();
    check.times();
}

struct Check<'a> {
    manifest: &'a Manifest,
    content: &'a Content,
    environment: &'a Environment,
    diagnostics: &'a mut Diagnostics,
}

impl Check<'_> {
    fn api(&self) -> Api {
        self.environment.api
    }

    fn offer_type(&self) -> OfferType {
        self.manifest.offer_type
    }

    fn span(&self, path: FieldPath) -> Span {
        self.manifest.places.of(Part::Field(path))
    }

    fn error(
        &mut self,
        span: Span,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics
            .push(Diagnostic::error(code, message).at(span).help(help));
    }

    fn localizations(&mut self) {
        let (api, offer_type) = (self.api(), self.offer_type());
        for (country, row) in self.content.localizations.iter().flatten() {
            if !Field::Price.is_localizable(api, offer_type) {
                let span = self.manifest.places.of(Part::Localization(*country));
                let message = format!("offers of type {offer_type} cannot be localized over {api}");
                self.error(
                    span,
                    Code::ApiLocalization,
                    message,
                    "make one offer per country instead",
                );
                return;
            }
            if !row.currency.is_known_to(api) {
                let span = self
                    .manifest
                    .places
                    .of(Part::LocalizationCurrency(*country));
                self.unknown_currency(span, row.currency);
            }
        }
    }

    fn unknown_currency(&mut self, span: Span, currency: Currency) {
        let api = self.api();
        let help = match api {
            Api::JsonRpc => format!("it knows {}", crate::money::JSON_RPC_CURRENCIES.join(", ")),
            Api::Rest => "write a current code of ISO 4217".to_owned(),
        };
        self.error(
            span,
            Code::Currency,
            format!("`{currency}` is no currency over {api}"),
            help,
        );
    }

    /// Whether the API generation has the field where it stands; notes it if not.
    fn is_expressible(&mut self, path: FieldPath) -> bool {
        let (api, offer_type, field) = (self.api(), self.offer_type(), path.field);
        let exists = match (path.country, self.content.is_localized()) {
            (Some(_), _) => field.is_localizable(api, offer_type),
            (None, true) => field.fits_localized_offer(api, offer_type),
            (None, false) => field.exists_in(api, offer_type),
        };
        if exists {
            return true;
        }
        let span = self.span(path);
        if path.country.is_some() && field.exists_in(api, offer_type) {
            let message = format!("`{field}` cannot differ per country over {api}");
            self.error(
                span,
                Code::ApiLocalization,
                message,
                "write it at the top of the offer",
            );
        } else if field.exists_in(api, offer_type) {
            let message = format!(
                "an offer of type {offer_type} with localizations cannot have `{field}` over {api}"
            );
            self.error(
                span,
                Code::ApiLocalization,
                message,
                "take it out, or take the localizations out",
            );
        } else if field.fits_localized_offer(api, offer_type) {
            let message =
                format!("a {offer_type} without localizations cannot have `{field}` over {api}");
            self.error(span, Code::ApiField, message, "take it out");
        } else {
            let having = Api::ALL
                .iter()
                .find(|other| field.exists_in(**other, offer_type));
            let message = format!("`{field}` of a {offer_type} cannot be expressed over {api}");
            let help = having.map_or_else(String::new, |having| {
                format!(
                    "{having} has it; the environment `{}` uses {api}",
                    self.environment.name
                )
            });
            self.error(span, Code::ApiField, message, help);
        }
        false
    }

    fn value(&mut self, path: FieldPath, value: &Value) {
        let kind = path.field.kind();
        match value {
            Value::Text(text) => self.text(path, kind, text),
            Value::Tags(tags) => tags.iter().for_each(|tag| self.tag(path, tag)),
            Value::Texts(texts) => texts
                .iter()
                .for_each(|(_, text)| self.characters(path, text)),
            Value::Currency(currency) if !currency.is_known_to(self.api()) => {
                self.unknown_currency(self.span(path), *currency);
            }
            Value::Record(members) if path.field == Field::Entitlement && members.len() != 1 => {
                let message = "an entitlement lasts either until `expiresAt` or for a `duration`";
                self.error(
                    self.span(path),
                    Code::Exclusive,
                    message,
                    "give one of the two",
                );
            }
            Value::Currency(_)
            | Value::Integer(_)
            | Value::Flag(_)
            | Value::Amount(_)
            | Value::Time(_)
            | Value::Geo(_)
            | Value::Events(_)
            | Value::Record(_)
            | Value::Records(_) => {}
        }
    }

    fn text(&mut self, path: FieldPath, kind: Kind, text: &str) {
        let field = path.field;
        if text.is_empty() {
            if field.is_essential() {
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
    fn characters(&mut self, path: FieldPath, text: &str) {
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

    fn url(&mut self, path: FieldPath, text: &str) {
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

    fn tag(&mut self, path: FieldPath, tag: &str) {
        self.characters(path, tag);
        if self.api() != Api::Rest {
            return;
        }
        // API sheet §5.3.
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

    /// Checks each price where it counts: in the currency of its row, whether it is the row's own or the top's.
    fn prices(&mut self) {
        let own = match self.content.fields.get(Field::Currency) {
            Some(Value::Currency(currency)) => Some(*currency),
            _ => self.environment.account.currency,
        };
        let at_top = FieldPath::top(Field::Price);
        if let Some(Value::Amount(price)) = self.content.fields.get(Field::Price) {
            // The price at the top of a localized offer is in the currency of whatever row takes it.
            self.price(
                at_top,
                *price,
                if self.content.is_localized() {
                    None
                } else {
                    own
                },
            );
        }
        let rows: Vec<(Country, Currency)> = self
            .content
            .localizations
            .iter()
            .flatten()
            .map(|(country, row)| (*country, row.currency))
            .collect();
        for (country, currency) in rows {
            let path = FieldPath::localized(country, Field::Price);
            let path = if self.manifest.places.has(Part::Field(path)) {
                path
            } else {
                at_top
            };
            if let Some(Value::Amount(price)) = self.content.effective(country, Field::Price) {
                self.price(path, *price, Some(currency));
            }
        }
    }

    fn price(&mut self, path: FieldPath, price: Amount, currency: Option<Currency>) {
        /// The most digits that any currency of the generation has.
        const DIGITS: fn(Api) -> u32 = |api| match api {
            Api::JsonRpc => 2,
            Api::Rest => 4,
        };
        let bounds = price_bounds(self.api(), self.offer_type(), self.content.is_localized());
        if !bounds.contain(price) {
            let message = format!(
                "the price {} is out of bounds",
                price.in_digits_of(currency)
            );
            let help = format!(
                "prices of a {} are {}",
                self.offer_type(),
                bounds.describe()
            );
            self.error(self.span(path), Code::PriceBounds, message, help);
        }
        let digits = currency.map_or_else(|| DIGITS(self.api()), Currency::digits);
        if price.digits() > digits {
            let place = currency.map_or_else(
                || "any currency here".to_owned(),
                |currency| currency.to_string(),
            );
            let message = format!("the price {price} has more digits than {place}");
            self.error(
                self.span(path),
                Code::PriceDigits,
                message,
                format!("write at most {digits} after the point"),
            );
        }
    }

    fn required(&mut self) {
        let (api, offer_type) = (self.api(), self.offer_type());
        let one_of: &[&[Field]] = match offer_type {
            OfferType::Subscription => &[&[Field::Period, Field::BillingCycle]],
            OfferType::Pass => &[&[Field::Period, Field::ExpiresAt, Field::Entitlement]],
            OfferType::Rental => &[&[Field::RentalHours]],
            OfferType::Event => &[&[Field::StartTime], &[Field::EndTime], &[Field::TimeZone]],
            OfferType::Single if api == Api::Rest => &[&[Field::Entitlement]],
            OfferType::Vod if api == Api::Rest => &[&[Field::Entitlement, Field::RentalPeriod]],
            OfferType::Single | OfferType::Vod => &[],
        };
        let always: &[&[Field]] = &[&[Field::Title], &[Field::Price], &[Field::Url]];
        for group in always.iter().chain(one_of) {
            // A value that was written and could not be read has its own diagnostic.
            let written = |field: &&Field| {
                self.manifest
                    .places
                    .has(Part::Field(FieldPath::top(**field)))
            };
            if group.iter().any(|field| written(&field)) {
                continue;
            }
            let possible: Vec<String> = group
                .iter()
                .filter(|field| field.exists_in(api, offer_type))
                .map(|field| format!("`{field}`"))
                .collect();
            let message = format!(
                "{} is missing in `{}`",
                possible.join(" or "),
                self.manifest.name
            );
            let help = format!("every {offer_type} needs it");
            self.error(
                self.manifest.places.of(Part::Name),
                Code::MissingField,
                message,
                help,
            );
        }
    }

    fn exclusive(&mut self) {
        const GROUPS: [&[Field]; 3] = [
            &[
                Field::Period,
                Field::ExpiresAt,
                Field::BillingCycle,
                Field::Entitlement,
            ],
            &[Field::RentalHours, Field::RentalPeriod, Field::Entitlement],
            &[Field::FreeDays, Field::FreePeriods, Field::FreeTrial],
        ];
        for group in GROUPS {
            // Zero free days beside free periods contradict nothing.
            let given: Vec<Field> = group
                .iter()
                .copied()
                .filter(|field| {
                    self.content
                        .fields
                        .get(*field)
                        .is_some_and(|value| !value.is_cleared())
                })
                .collect();
            // Over JSON-RPC nothing is known against free days and free periods together.
            let both_possible = self.api() == Api::JsonRpc && group.contains(&Field::FreeDays);
            if let [first, second, ..] = given.as_slice()
                && !both_possible
            {
                let message = format!("`{first}` and `{second}` exclude each other");
                let span = self.span(FieldPath::top(*second));
                self.error(span, Code::Exclusive, message, "leave one of the two out");
            }
        }
    }

    fn times(&mut self) {
        let time = |field| match self.content.fields.get(field) {
            Some(Value::Time(moment)) => Some(*moment),
            _ => None,
        };
        if let (Some(start), Some(end)) = (time(Field::StartTime), time(Field::EndTime))
            && end <= start
        {
            let message = format!("the event ends at {end}, not after it starts at {start}");
            let span = self.span(FieldPath::top(Field::EndTime));
            self.error(
                span,
                Code::TimeOrder,
                message,
                "let `endTime` be later than `startTime`",
            );
        }
    }
}
