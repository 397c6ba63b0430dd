//! Whether an offer can be what its manifest says, in the API generation of an environment.

mod null;
mod price;
mod text;

use offerctl_model::content::{Content, FieldPath, Fields};
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::Currency;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Value;

use super::marker::MARKER_KEY;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::manifest::{Manifest, Part};
use crate::project::Environment;
use crate::span::Span;

/// Checks the content of a manifest, variables filled in.
pub(super) fn content(
    manifest: &Manifest,
    content: &Content,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) {
    // An offer that cannot be localized is looked at as if it were not: one mistake is reported once.
    let plain = Content {
        fields: content.fields.clone(),
        localizations: None,
    };
    let mut check = Check {
        manifest,
        content,
        environment,
        diagnostics,
    };
    if !check.localizations() {
        check.content = &plain;
    }
    let content = check.content;
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
    check.nulls();
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

    /// Checks what localizations need; returns whether the type can have any at all.
    fn localizations(&mut self) -> bool {
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
                return false;
            }
            if !row.currency.is_known_to(api) {
                let span = self
                    .manifest
                    .places
                    .of(Part::LocalizationCurrency(*country));
                self.unknown_currency(span, row.currency);
            }
        }
        true
    }

    fn unknown_currency(&mut self, span: Span, currency: Currency) {
        let api = self.api();
        let help = match api {
            Api::JsonRpc => format!(
                "it knows {}",
                offerctl_model::money::JSON_RPC_CURRENCIES.join(", ")
            ),
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
        let exists = match path.country {
            Some(_) => field.is_localizable(api, offer_type),
            None => field.fits_top(api, offer_type, self.content.is_localized()),
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
            let message = format!(
                "`{field}` of {} cannot be expressed over {api}",
                offer_type.with_article()
            );
            let help = match having {
                Some(having) => format!(
                    "{having} has it; the environment `{}` uses {api}",
                    self.environment.name
                ),
                None => "take it out".to_owned(),
            };
            self.error(span, Code::ApiField, message, help);
        }
        false
    }

    fn value(&mut self, path: FieldPath, value: &Value) {
        let kind = path.field.kind();
        match value {
            Value::Text(text) => self.text(path, kind, text.raw()),
            Value::Tags(tags) => tags.iter().for_each(|tag| self.tag(path, tag.raw())),
            Value::Texts(texts) => {
                self.reserved(path, texts);
                for (key, text) in texts {
                    self.characters(path, key.raw());
                    self.characters(path, text.raw());
                }
            }
            Value::Records(rules) => self.price_rules(path, rules),
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
            | Value::Record(_) => {}
        }
    }

    /// The key of our marker is not for manifests.
    fn reserved(&mut self, path: FieldPath, texts: &[(Foreign, Foreign)]) {
        let is_marker = |(key, _): &(Foreign, Foreign)| key.raw() == MARKER_KEY;
        if path.field == Field::ExternalProperties && texts.iter().any(is_marker) {
            let message = format!(
                "`{}` among `{}` is the key of the marker that offerctl sets itself",
                MARKER_KEY, path.field
            );
            self.error(self.span(path), Code::ReservedKey, message, "take it out");
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
        self.season();
        self.access_without_end();
    }

    /// Over REST every VOD says how long its buyers have it (docs/cleeng-api.md §5.4): no hours at all are not a word for good.
    fn access_without_end(&mut self) {
        let hours = self.content.fields.get(Field::RentalPeriod);
        let is_for_good = hours.is_some_and(Value::is_cleared);
        let said = self.content.fields.get(Field::Entitlement).is_some();
        if self.api() == Api::Rest && is_for_good && !said {
            let message =
                "a `rentalPeriod` of 0 sells for good, which cannot be expressed over rest";
            let help =
                "write an `entitlement` with a duration, such as 10 years, or its `expiresAt`";
            self.error(
                self.span(FieldPath::top(Field::RentalPeriod)),
                Code::ApiField,
                message,
                help,
            );
        }
    }

    /// A subscription by seasons says which seasons (docs/cleeng-api.md §5.4).
    fn season(&mut self) {
        let Some(Value::Record(members)) = self.content.fields.get(Field::BillingCycle) else {
            return;
        };
        let by_season = members
            .iter()
            .any(|(name, value)| *name == "periodUnit" && *value == Value::text("season"));
        let group = Part::Field(FieldPath::top(Field::SeasonGroupId));
        if by_season && !self.manifest.places.has(group) {
            let message = "`seasonGroupId` is missing beside a `billingCycle` of seasons";
            let span = self.span(FieldPath::top(Field::BillingCycle));
            let help = "write the id of the season group that the subscription belongs to";
            self.error(span, Code::MissingField, message, help);
        }
    }

    fn exclusive(&mut self) {
        for group in Field::GROUPS {
            // Over JSON-RPC nothing is known against free days and free periods together.
            if self.api() == Api::JsonRpc && group.contains(&Field::FreeDays) {
                continue;
            }
            // Zero free days beside free periods contradict nothing.
            let given = |fields: &Fields| -> Vec<Field> {
                let says = |field: &Field| {
                    let value = fields.get(*field);
                    value.is_some_and(|value| !value.is_cleared())
                };
                group.iter().copied().filter(says).collect()
            };
            let mut at_top = given(&self.content.fields);
            at_top.sort_by_key(|field| self.span(FieldPath::top(*field)));
            if let [first, second, ..] = at_top.as_slice() {
                self.exclude(*first, FieldPath::top(*second));
                continue;
            }
            for (country, row) in self.content.localizations.iter().flatten() {
                // What the row says itself stands beside what it takes from the top.
                let mut own = given(&row.fields);
                own.sort_by_key(|field| self.span(FieldPath::localized(*country, *field)));
                let taken = at_top.iter().filter(|field| !own.contains(field));
                let first = taken.chain(&own).next().copied();
                if let (Some(first), Some(last)) = (first, own.last().copied())
                    && first != last
                {
                    self.exclude(first, FieldPath::localized(*country, last));
                }
            }
        }
    }

    fn exclude(&mut self, first: Field, second: FieldPath) {
        let message = format!("`{first}` and `{}` exclude each other", second.field);
        let span = self.span(second);
        self.error(span, Code::Exclusive, message, "leave one of the two out");
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
