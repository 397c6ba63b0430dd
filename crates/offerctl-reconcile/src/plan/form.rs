//! Which countries an offer has, as far as that keeps it from being planned.

use std::collections::BTreeSet;

use offerctl_manifest::desired::Offer;
use offerctl_model::country::Country;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::Api;

use super::change::{Action, Change};
use super::draft::draft;
use super::lost::LostCountries;
use super::planner::Planner;
use crate::conflict::ConflictCode;
use crate::diff::Difference;
use crate::live::View;
use crate::matching::Match;
use crate::notation::country_word;
use crate::state::Record;

/// It cannot be said how to make a localized offer; the conflict is noted.
pub(super) struct HomeUnknown;

impl Planner<'_> {
    /// The country in which a new offer itself is sold, if that has to be known: over REST it is that of the account,
    /// and all other countries are localizations (docs/cleeng-api.md §5.2).
    pub(super) fn home_of_new(
        &mut self,
        name: &Name,
        offer: &Offer,
    ) -> Result<Option<Country>, HomeUnknown> {
        if self.desired.api() == Api::JsonRpc || !offer.content.is_localized() {
            return Ok(None);
        }
        if self.account_country.is_some() {
            return Ok(self.account_country);
        }
        let message = format!(
            "`{name}` is localized, and the account does not show yet which country is its own"
        );
        let help = "write `account: {country: …}` of the environment into offerctl.yaml".to_owned();
        self.conflict(name, [], ConflictCode::HomeUnknown, (message, help));
        Err(HomeUnknown)
    }

    /// Whether git and the account disagree on which countries have prices of their own in a way that the API cannot
    /// mend. Over REST it can, once git says the countries.
    pub(super) fn contradicts_form(
        &mut self,
        name: &Name,
        offer: &Offer,
        found: &Match<'_>,
        view: &View,
    ) -> bool {
        let id = found.id();
        let live = view.countries();
        let Some(rows) = &offer.content.localizations else {
            if view.has_localizations() {
                let message = format!(
                    "`{name}` ({id}) is localized for {}, and the manifest does not say so",
                    words(&live)
                );
                let mut help =
                    "declare `localizations` with these countries, as they are live".to_owned();
                let at_home = view.home.and_then(|home| view.row(home));
                if let (Some(home), Some(currency)) =
                    (view.home, at_home.and_then(|row| row.currency))
                {
                    let own = format!(
                        "localizations: {{{}: {{currency: {currency}}}}}",
                        country_word(home)
                    );
                    let only = format!(
                        "to sell it in {home} only, write `{own}` and approve the countries that go"
                    );
                    help = format!("{help}\n{only}");
                }
                self.conflict(
                    name,
                    [id],
                    ConflictCode::LocalizationsUndeclared,
                    (message, help),
                );
            }
            return view.has_localizations();
        };
        let declared: BTreeSet<Country> = rows.keys().copied().collect();
        if self.desired.api() == Api::Rest || live == declared {
            return false;
        }
        let once = format!(
            "make the change in Cleeng's dashboard, or declare a new offer beside `{name}`"
        );
        let added: BTreeSet<Country> = declared.difference(&live).copied().collect();
        let removed: BTreeSet<Country> = live.difference(&declared).copied().collect();
        if !view.has_localizations() && live.is_disjoint(&declared) {
            let message =
                format!("`{name}` ({id}) is a plain offer, and JSON-RPC cannot localize it");
            self.conflict(name, [id], ConflictCode::LocalizePlain, (message, once));
            return true;
        }
        if !added.is_empty() {
            let message = format!(
                "`{name}` ({id}) gets {}, and JSON-RPC cannot add a country",
                words(&added)
            );
            self.conflict(
                name,
                [id],
                ConflictCode::CountryAdded,
                (message, once.clone()),
            );
        }
        if !removed.is_empty() {
            let message = format!(
                "`{name}` ({id}) loses {}, and JSON-RPC cannot remove a country",
                words(&removed)
            );
            self.conflict(name, [id], ConflictCode::CountryRemoved, (message, once));
            // The guard over countries sees the loss as well.
            let lost = vec![LostCountries {
                row: None,
                countries: removed,
                every_other: false,
            }];
            // What else changes is shown: nothing of it is hidden behind the conflict.
            let resolve = self.resolver();
            let remembered = self.remembered((name, offer), found);
            let comparison = self.comparison((offer, remembered), view, &resolve);
            let fields = self.difference(offer, comparison).fields;
            let change = Change {
                fields,
                lost,
                ..self.change(name, offer, Action::Update, Some(found))
            };
            let draft = draft(change, offer, Difference::default(), Record::default());
            self.drafts.insert(name.clone(), draft);
        }
        true
    }

    pub(super) fn cannot_deactivate(&mut self, name: &Name, id: &OfferId) {
        let message = format!(
            "`{name}` ({id}) is localized, and JSON-RPC cannot deactivate a localized offer"
        );
        let help =
            format!("deactivate it in Cleeng's dashboard, then `offerctl state forget {name}`");
        self.conflict(
            name,
            [id],
            ConflictCode::DeactivateLocalized,
            (message, help),
        );
    }
}

fn words(countries: &BTreeSet<Country>) -> String {
    countries
        .iter()
        .map(|country| country.as_str().to_owned())
        .collect::<Vec<_>>()
        .join(", ")
}
