//! Laws of what is stored: states, journals and saved plans come back as they were, or not at all.

use offerctl_model::content::Fields;
use offerctl_model::field::Field;
use offerctl_model::money::Amount;
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Value;
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::live::{Completeness, Live};
use offerctl_reconcile::plan::plan;
use offerctl_reconcile::saved::{SavedPlan, SavedPlanFile};
use offerctl_reconcile::state::{Entry, Gone, Retiring, Segment, State, StateDocument};
use proptest::prelude::*;

use super::config;
use crate::support::catalogue::{Catalogue, calm, rough};
use crate::support::world::World;

fn saved(world: &World) -> SavedPlan {
    let World {
        desired,
        live,
        state,
    } = world;
    let headline = Headline {
        environment: "local".to_owned(),
        endpoint: "emulator".to_owned(),
        account: Some("sales@club.tv".into()),
        completeness: Completeness::Assumed,
        ..Headline::default()
    };
    let plan = plan(desired, live, state);
    let details = [(OfferType::Pass, OfferId::new("P100000000_US"))];
    SavedPlan::new("nonce".to_owned(), &headline, plan, (live, state), &details)
}

/// What a saved plan keeps: places in files and words of conflicts are not part of it.
fn kept(mut saved: SavedPlan) -> SavedPlan {
    saved.plan.conflicts.clear();
    saved.plan.notes.clear();
    for change in &mut saved.plan.changes {
        if let Some(span) = &mut change.span {
            span.start = 0;
            span.length = 0;
            span.file = offerctl_manifest::span::FileId(u32::MAX);
        }
    }
    saved
}

/// Values that no manifest can say, as a service may show them.
fn odd_values() -> impl Strategy<Value = Vec<(usize, Field, Value)>> {
    let decimal = prop_oneof![
        Just("-1".to_owned()),
        Just("9.9900000000000002".to_owned()),
        Just("1234567890123456789012345.67".to_owned()),
        Just("0.0000000000000000000000000001".to_owned()),
    ];
    let amount = decimal.prop_map(|text| Value::Amount(Amount::new(text.parse().unwrap())));
    let number = prop_oneof![Just(Value::text("-5")), Just(Value::Integer(u64::MAX))];
    let geo = Just(Value::text("greylist QQ, SE"));
    let empty = Just(Value::text(""));
    let value = prop_oneof![
        amount.prop_map(|value| (Field::Price, value)),
        number.prop_map(|value| (Field::FreeDays, value)),
        geo.prop_map(|value| (Field::GeoRestriction, value)),
        empty.prop_map(|value| (Field::Title, value)),
    ];
    proptest::collection::vec((0..8_usize, value), 0..4).prop_map(|values| {
        let triple = |(place, (field, value))| (place, field, value);
        values.into_iter().map(triple).collect()
    })
}

fn show(live: &mut Live, catalogue: &Catalogue, odd: &[(usize, Field, Value)]) {
    for (index, field, value) in odd {
        let Some(draft) = catalogue.drafts.get(*index) else {
            continue;
        };
        let id = catalogue.id(*index);
        let view = live
            .get_mut(&id)
            .and_then(|offer| offer.view_mut(draft.offer_type));
        for row in view.into_iter().flat_map(|view| &mut view.rows) {
            row.fields.set(*field, value.clone());
        }
    }
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let entry = (rough(), 0..8_usize, 0..6_u8).prop_map(|(catalogue, place, which)| {
        let World { state, .. } = catalogue.world();
        let name = Catalogue::name(place);
        let old = Retiring {
            id: OfferId::new(&format!("P50000000{place}_US")),
            offer_type: OfferType::Pass,
        };
        let gone = |reason| Entry::Gone {
            name: name.clone(),
            id: old.id.clone(),
            offer_type: OfferType::Pass,
            reason,
        };
        let nonce = format!("nonce-{place}");
        let binding = state.bindings.values().next().cloned();
        let intent = state.intents.iter().next();
        let run = state.runs.iter().next();
        match which {
            0 => gone(Gone::Forgotten),
            1 => Entry::Retired { name, old },
            2 => Entry::Moved {
                from: name,
                to: Catalogue::name(place / 2),
            },
            3 => match run {
                Some((run, found)) => Entry::Began {
                    run: run.clone(),
                    found: found.clone(),
                },
                None => gone(Gone::Deactivated),
            },
            4 => match intent {
                Some((id, intent)) => Entry::Intended {
                    id: id.clone(),
                    intent: intent.clone(),
                },
                None => Entry::Consumed { nonce },
            },
            _ => match (binding, intent) {
                (Some(binding), intent) => Entry::Bound {
                    name,
                    binding,
                    intent: intent.map(|(id, _)| id.clone()),
                },
                (None, Some((id, _))) => Entry::Refused { id: id.clone() },
                (None, None) => Entry::Account {
                    account: state.account,
                },
            },
        }
    });
    proptest::collection::vec(entry, 0..8)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_state_comes_back_as_it_was(catalogue in prop_oneof![calm(), rough()], serial in any::<u64>()) {
        let state = catalogue.world().state;
        let bytes = StateDocument::new("local", serial, &state).to_bytes();
        let read = StateDocument::parse(&bytes, "local").unwrap();
        prop_assert_eq!(read.serial, serial);
        prop_assert_eq!(&read.to_bytes(), &bytes);
        prop_assert_eq!(read.into_state(), state);
    }

    #[test]
    fn a_journal_in_segments_is_a_journal_at_once(entries in entries(), cut in 0..8_usize) {
        let mut at_once = State::default();
        for entry in &entries {
            at_once.apply(entry.clone());
        }
        let mut in_segments = State::default();
        let (first, second) = entries.split_at(cut.min(entries.len()));
        for part in [first, second] {
            let segment = Segment {
                format_version: 1,
                environment: "local".to_owned(),
                entries: part.to_vec(),
            };
            let text = serde_json::to_string(&segment).unwrap();
            let read: Segment = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&read, &segment);
            // What was there before may have been folded into a document in between.
            let bytes = StateDocument::new("local", 1, &in_segments).to_bytes();
            in_segments = StateDocument::parse(&bytes, "local").unwrap().into_state();
            for entry in read.entries {
                in_segments.apply(entry);
            }
        }
        prop_assert_eq!(in_segments, at_once);
    }

    #[test]
    fn a_saved_plan_comes_back_as_it_was(
        catalogue in prop_oneof![calm(), rough()],
        odd in odd_values(),
    ) {
        let mut world = catalogue.world();
        show(&mut world.live, &catalogue, &odd);
        let saved = saved(&world);
        let bytes = SavedPlanFile::new(&saved).to_bytes();
        let read = SavedPlanFile::parse(&bytes).unwrap();
        prop_assert_eq!(&read.to_bytes(), &bytes);
        let read = read.into_saved().unwrap();
        prop_assert_eq!(kept(read), kept(saved));
    }

    #[test]
    fn a_saved_plan_fits_what_it_was_made_for(catalogue in calm()) {
        let world = catalogue.world();
        let saved = saved(&world);
        prop_assume!(saved.plan.conflicts.is_empty());
        prop_assert_eq!(saved.misfits(&world.live, &world.state), Vec::<String>::new());
    }

    #[test]
    fn a_saved_plan_with_a_changed_byte_is_refused(
        catalogue in calm(),
        place in any::<prop::sample::Index>(),
        change in 1..=255_u8,
        way in 0..3_u8,
    ) {
        let mut bytes = SavedPlanFile::new(&saved(&catalogue.world())).to_bytes();
        let place = place.index(bytes.len());
        match way {
            0 => bytes[place] ^= change,
            1 => drop(bytes.remove(place)),
            _ => bytes.insert(place, change),
        }
        prop_assert!(SavedPlanFile::parse(&bytes).is_err());
    }
}

#[test]
fn every_changed_byte_of_a_saved_plan_is_noticed() {
    let texts = crate::support::world::declared(
        "news: {type: pass, title: News, url: 'https://club.tv/news', period: month}",
    );
    let bytes = SavedPlanFile::new(&saved(&texts.world())).to_bytes();
    for place in 0..bytes.len() {
        for change in [1, 0x20, 0x80] {
            let mut other = bytes.clone();
            other[place] ^= change;
            assert!(SavedPlanFile::parse(&other).is_err(), "byte {place}");
        }
        assert!(
            SavedPlanFile::parse(&bytes[..place]).is_err(),
            "{place} bytes"
        );
    }
}

#[test]
fn fields_of_every_field_come_back_as_they_were() {
    for field in Field::all() {
        if let Some(value) = Value::cleared(field.kind()) {
            let fields = Fields::from_iter([(field, value)]);
            let text = serde_json::to_string(&fields).unwrap();
            assert_eq!(
                serde_json::from_str::<Fields>(&text).unwrap(),
                fields,
                "{field}"
            );
        }
    }
}
