//! Manifests edited at random, step by step: after each apply the account is what git says, and `git revert` undoes.
//!
//! The witness of "what git says" is a second account, which is made anew from the same files at each step. What is live
//! beyond that may only be what somebody wrote by hand and no apply ever sent.
//!
//! `OFFERCTL_EDITS` is the number of steps (200 by default), `OFFERCTL_SEED` the seed of the first run.

mod edit;
mod files;
mod view;

use std::collections::BTreeMap;

use cleeng_emulator::Field;
use fastrand::Rng;

use self::edit::edit;
use self::files::Files;
use self::view::{Place, View, view};
use crate::support::{Api, Run, Shop, both};

/// How many steps are taken with one account.
const STEPS_OF_AN_ACCOUNT: u64 = 25;

fn number(variable: &str, default: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.map_or(default, |text| text.parse().unwrap())
}

/// One account, its files, and what people wrote into it.
struct Account {
    api: Api,
    seed: u64,
    shop: Shop,
    files: Files,
    /// Values that nobody ever declared.
    by_hand: BTreeMap<Place, String>,
    log: Vec<String>,
}

/// What became of an apply.
#[derive(Debug, PartialEq)]
enum Applied {
    Done,
    Refused,
}

both!(git_revert_undoes_whatever_was_edited);

fn git_revert_undoes_whatever_was_edited(api: Api) {
    let steps = number("OFFERCTL_EDITS", 200);
    let first = number("OFFERCTL_SEED", 1);
    for account in 0..steps.div_ceil(STEPS_OF_AN_ACCOUNT) {
        let seed = first + account;
        let mut rng = Rng::with_seed(seed);
        let mut account = Account {
            api,
            seed,
            shop: Shop::of(api),
            files: Files::new(api),
            by_hand: BTreeMap::new(),
            log: Vec::new(),
        };
        account.write(&account.files.clone());
        assert_eq!(account.apply(), Applied::Done);
        let mut refused = 0;
        for _ in 0..steps.min(STEPS_OF_AN_ACCOUNT) {
            refused += u64::from(account.step(&mut rng) == Applied::Refused);
        }
        assert!(
            refused < STEPS_OF_AN_ACCOUNT,
            "seed {seed}: nothing was ever applied"
        );
    }
}

impl Account {
    fn write(&self, files: &Files) {
        let _nothing_yet = std::fs::remove_dir_all(self.shop.path("offers"));
        for (name, text) in files.texts() {
            self.shop.write(&format!("offers/{name}"), &text);
        }
    }

    fn view(&self) -> View {
        view(self.shop.emulator())
    }

    /// What nobody but a failing test reads.
    fn story(&self, run: &Run) -> String {
        let files: String = self
            .files
            .texts()
            .map(|(name, text)| format!("--- {name}\n{text}"))
            .collect();
        let seed = self.seed;
        format!(
            "{:?}, seed {seed}\n{}\n{files}\n{run:?}",
            self.api,
            self.log.join("\n")
        )
    }

    /// Applies the files; refused means that nothing was written.
    fn apply(&mut self) -> Applied {
        let before = self.view();
        self.shop.requests();
        let run = self.shop.run("apply --auto-approve");
        if run.code == 3 {
            assert_eq!(self.shop.writes(), 0, "{}", self.story(&run));
            assert_eq!(self.view(), before);
            self.log.push("  refused".to_owned());
            return Applied::Refused;
        }
        assert_eq!(run.code, 0, "{}", self.story(&run));
        let live = self.view();
        let said = self.declared();
        self.forget_what_git_says_otherwise(&said);
        let mut expected = said;
        for (place, value) in &self.by_hand {
            if let Some(row) = expected.get_mut(&place.row) {
                row.entry(place.field.clone())
                    .or_insert_with(|| value.clone());
            }
        }
        assert_eq!(live, expected, "{}", self.story(&run));
        // Over JSON-RPC what comes back is another offer, which nobody has edited.
        if self.api == Api::JsonRpc {
            self.by_hand
                .retain(|place, _| live.contains_key(&place.row));
        }
        let plan = self.shop.run("plan --detailed-exitcode");
        assert_eq!(plan.code, 0, "{}", self.story(&plan));
        let drift = self.shop.run("drift");
        assert_eq!(drift.code, 0, "{}", self.story(&drift));
        Applied::Done
    }

    /// What an account is that is made anew from the files.
    fn declared(&self) -> View {
        let fresh = Shop::of(self.api);
        for (name, text) in self.files.texts() {
            fresh.write(
                &format!("offers/{name}"),
                &text.replace("movedFrom", "# movedFrom"),
            );
        }
        let run = fresh.run("apply --auto-approve");
        assert_eq!(run.code, 0, "{}", self.story(&run));
        view(fresh.emulator())
    }

    /// A value that git says is sent, unless it is live already.
    fn forget_what_git_says_otherwise(&mut self, said: &View) {
        let spoken_of = self.files.speaking_of("description");
        self.by_hand.retain(|place, value| {
            let said = said.get(&place.row).and_then(|row| row.get(&place.field));
            // `null` says that there is nothing.
            let is_cleared = said.is_none() && spoken_of.contains(&place.row.0);
            !is_cleared && said.is_none_or(|said| said == value)
        });
    }

    /// Edits, applies, and perhaps takes the edit back.
    fn step(&mut self, rng: &mut Rng) -> Applied {
        if rng.u8(..10) == 0 {
            self.write_by_hand(rng);
        }
        let before = (self.files.clone(), self.view());
        let by_hand = self.by_hand.clone();
        let words = edit(&mut self.files, rng);
        self.log.push(words);
        self.write(&self.files.clone());
        if self.apply() == Applied::Refused {
            self.files = before.0;
            self.write(&self.files.clone());
            return Applied::Refused;
        }
        if rng.bool() {
            let after = std::mem::replace(&mut self.files, before.0);
            self.log.push("  git revert".to_owned());
            self.write(&self.files.clone());
            if self.apply() == Applied::Refused {
                self.files = after;
                self.write(&self.files.clone());
            } else {
                let mut expected = before.1;
                // What a manifest said in the place of a value that only the account had is undone, and no more.
                for place in by_hand
                    .keys()
                    .filter(|place| !self.by_hand.contains_key(place))
                {
                    let row = expected.get_mut(&place.row);
                    row.map(|row| row.remove(&place.field));
                }
                let story = self.log.join("\n");
                assert_eq!(self.view(), expected, "seed {}\n{story}", self.seed);
            }
        }
        Applied::Done
    }

    /// Somebody writes a description into the dashboard that git never spoke of.
    fn write_by_hand(&mut self, rng: &mut Rng) {
        let open = self.files.never_described();
        let Some(key) = rng.choice(open) else { return };
        let value = format!("By hand {}", rng.u8(..5));
        let url = files::url(&key);
        let offers = self.shop.emulator().offers();
        let mut there = offers
            .iter()
            .filter(|offer| offer.is_active() && offer.text(Field::Url) == Some(url.as_str()));
        let Some(offer) = there.next() else { return };
        let row = (url, offer.id().country().to_owned());
        let change = |offer: &mut cleeng_emulator::Offer| {
            offer.set(Field::Description, value.as_str());
        };
        let _offer = self.shop.emulator().edit(offer.id(), change).unwrap();
        self.log
            .push(format!("by hand: `{key}` is described as {value:?}"));
        let field = format!("{:?}", Field::Description);
        let value = view::words(&cleeng_emulator::FieldValue::Text(value)).unwrap();
        self.by_hand.insert(Place { row, field }, value);
    }
}
