//! What goes wrong, and when: [`Schedule`].

mod fault;
mod writes;

pub(super) use self::fault::LATE;
pub(super) use self::writes::writes;

use fastrand::Rng;

use self::fault::{lates, list_faults, loses_marker, read_verb, write_faults};
use super::api::Api;
use super::shop::NEW_OFFERS;

/// What goes wrong during the first apply.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    /// The generation of the API.
    pub(super) api: Api,
    /// The kind of accident.
    pub(super) class: &'static str,
    /// Whether the account is empty; otherwise it has the catalogue as it was before some edits.
    pub(super) fresh: bool,
    /// Rules of the emulator.
    pub(super) faults: Vec<String>,
    /// How the service answers where nobody knows how it does.
    pub(super) quirks: Vec<&'static str>,
    /// When the program is killed.
    pub(super) kill: Option<Kill>,
    /// How many milliseconds later a second apply starts, and how long it waits for the lock.
    pub(super) rival: Option<(u64, f64)>,
    /// What people do in the dashboard meanwhile.
    pub(super) by_hand: Vec<(When, ByHand)>,
    /// The longest that a request may take, in seconds.
    pub(super) timeout: Option<f64>,
    /// How it may end otherwise than right.
    pub(super) may_end: MayEnd,
}

/// How an apply may end otherwise than right, because of what people did meanwhile.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MayEnd {
    /// With exit 6.
    pub(super) undecided: bool,
    /// With exit 3; over REST only for a reason that what people did explains.
    pub(super) refused: bool,
}

/// When `kill -9` strikes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kill {
    /// When the state has had so many writes.
    AfterSegments(usize),
    /// When so many writing calls have been carried out whose names begin like this, and so many milliseconds later.
    AfterWrites(&'static str, usize, u64),
    /// After so many milliseconds.
    After(u64),
}

/// When somebody does something in the dashboard.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// After so many milliseconds.
    After(u64),
    /// When so many writing calls have been carried out.
    AfterWrites(usize),
}

/// What somebody does in the dashboard.
#[derive(Debug, Clone, Copy)]
pub(super) enum ByHand {
    /// Takes one of our offers out of the shop.
    Deactivate(usize),
    /// Changes the price of one of our offers.
    Reprice(usize),
    /// Makes an offer with the title of one of ours.
    Copy(usize),
    /// Makes an offer that has nothing to do with ours.
    Stranger,
    /// Makes an offer with the title, the address, the price and the term of one of ours, and without our marker.
    Twin(usize),
    /// Changes of one of our offers what no manifest says.
    Describe(usize),
    /// Sells one of our offers in a country that no manifest names.
    Localize(usize),
    /// Puts a text of his own in the place of our marker.
    Unmark(usize),
}

/// How many milliseconds the first apply to an account waits before it makes anything: the window of the runs.
pub(super) const SECOND_LOOK: u64 = 400;

/// Draws schedules, half of them for each generation: a fixed share of every class, and of the systematic ones as
/// many as there is room for.
pub(super) fn schedules(count: usize, seed: u64) -> Vec<Schedule> {
    let mut rng = Rng::with_seed(seed);
    let mut all = Vec::with_capacity(count);
    for (api, count) in [(Api::JsonRpc, count.div_ceil(2)), (Api::Rest, count / 2)] {
        all.extend(of_generation(api, count, &mut rng));
    }
    rng.shuffle(&mut all);
    all
}

fn of_generation(api: Api, count: usize, rng: &mut Rng) -> Vec<Schedule> {
    let mut all = single_faults(api);
    rng.shuffle(&mut all);
    all.truncate(count * 55 / 100);
    all.extend((0..count * 15 / 100).map(|_| kill(api, rng)));
    all.extend((0..count * 6 / 100).map(|_| rival(api, rng)));
    all.extend((0..count * 8 / 100).map(|_| by_hand(api, rng)));
    all.extend((0..count / 100).map(|_| timeout(api, rng)));
    while all.len() < count {
        all.push(several(api, rng));
    }
    for schedule in &mut all {
        if api == Api::Rest {
            schedule.draw_quirks(rng);
        }
        let mut faults = schedule.faults.iter();
        schedule.may_end.undecided |= faults.any(|fault| loses_marker(fault));
    }
    all
}

fn plain(api: Api, class: &'static str, fresh: bool) -> Schedule {
    Schedule {
        api,
        class,
        fresh,
        faults: Vec::new(),
        quirks: Vec::new(),
        kill: None,
        rival: None,
        by_hand: Vec::new(),
        timeout: None,
        may_end: MayEnd::default(),
    }
}

/// What a list does not have to tell, and forms of answers that are not documented.
const QUIRKS: [&str; 10] = [
    "rest-total=header",
    "rest-create-status=200",
    "rest-create-answers=id",
    "rest-etag=always",
    "rest-etag=never",
    "rest-etag-form=weak",
    "rest-empty=absent",
    "rest-list=items",
    "rest-paging=page",
    "rest-deactivation=alone",
];

impl Schedule {
    /// A third of the schedules meet a service that is otherwise than the others think.
    fn draw_quirks(&mut self, rng: &mut Rng) {
        let lists_fail = self.faults.iter().any(|fault| fault.starts_with("list"));
        if lists_fail && self.faults.len() > 1 {
            // Lists that are wrong twice in the same way can only be found out by their total.
            self.quirks.push("rest-total=header");
        } else if rng.u8(0..3) == 0 {
            self.quirks.push(QUIRKS[rng.usize(0..QUIRKS.len())]);
        }
        // A list without a total is the harder case, so it is the usual one here.
        if !self.quirks.contains(&"rest-total=header") {
            self.quirks.push("rest-total=none");
        }
    }
}

/// A writing call of the change, as the rule of a fault names it, drawn among all.
fn any_write(api: Api, fresh: bool, rng: &mut Rng) -> (&'static str, usize) {
    let kinds = writes(api, fresh);
    let (verb, count) = kinds[rng.usize(0..kinds.len())];
    (verb, rng.usize(1..=count))
}

/// Every fault at every writing call and at every list, one at a time.
fn single_faults(api: Api) -> Vec<Schedule> {
    let mut all = Vec::new();
    for fresh in [true, false] {
        for (verb, count) in writes(api, fresh) {
            for fault in write_faults(api, verb) {
                for nth in 1..=*count {
                    let mut schedule = plain(api, "one fault at a write", fresh);
                    schedule.faults.push(format!("{verb}#{nth}={fault}"));
                    all.push(schedule);
                }
            }
        }
        for fault in list_faults(api) {
            for nth in 1..=14 {
                let mut schedule = plain(api, "one fault at a list", fresh);
                schedule.faults.push(format!("list*#{nth}={fault}"));
                all.push(schedule);
            }
        }
    }
    all
}

/// How many milliseconds after its start an apply is in the middle of its work, most of the time. The first one to an account
/// waits before it makes anything.
fn moment(fresh: bool, rng: &mut Rng) -> u64 {
    let waits = fresh && rng.u8(0..4) > 0;
    rng.u64(0..160) + if waits { SECOND_LOOK } else { 0 }
}

fn kill(api: Api, rng: &mut Rng) -> Schedule {
    let fresh = rng.bool();
    let mut schedule = plain(api, "kill -9", fresh);
    let (verb, nth) = match api {
        // Only creates are counted, and their numbers are taken for those of all writes.
        Api::JsonRpc => ("create*", rng.usize(1..=if fresh { 64 } else { 12 })),
        Api::Rest if rng.bool() => {
            let (verb, count) = writes(api, fresh)[0];
            (verb, rng.usize(1..=count))
        }
        Api::Rest => any_write(api, fresh, rng),
    };
    let counted = match api {
        Api::JsonRpc => "",
        Api::Rest => verb,
    };
    schedule.kill = Some(match (rng.u8(0..5), api) {
        (0, _) => Kill::After(moment(fresh, rng)),
        (1, _) => Kill::AfterSegments(rng.usize(1..12)),
        (2, Api::JsonRpc) => {
            schedule.faults.push(format!("{verb}#{nth}=delay:150"));
            Kill::AfterWrites(counted, nth - 1, 0)
        }
        // Each request has one call: it is under way, and takes effect after the next apply has begun.
        (2 | 3, Api::Rest) => {
            schedule.faults.push(format!("{verb}#{nth}=delay:250"));
            Kill::AfterWrites(counted, nth - 1, rng.u64(5..60))
        }
        _ => {
            let fault = match rng.usize(0..4) {
                0 => "delay:150,after".to_owned(),
                late => format!("cut,after,{}", lates()[late - 1]),
            };
            schedule.faults.push(format!("{verb}#{nth}={fault}"));
            Kill::AfterWrites(counted, nth, 0)
        }
    });
    schedule
}

fn rival(api: Api, rng: &mut Rng) -> Schedule {
    let mut schedule = plain(api, "two runners", rng.bool());
    schedule.rival = Some((rng.u64(0..120), if rng.bool() { 0.0 } else { 5.0 }));
    if rng.bool() {
        schedule.faults.push(any_fault(api, schedule.fresh, rng));
    }
    if rng.u8(0..4) == 0 {
        schedule.class = "two runners, one killed";
        schedule.kill = Some(Kill::After(moment(schedule.fresh, rng)));
    }
    schedule
}

/// A fault at a create; over REST at any write.
fn any_fault(api: Api, fresh: bool, rng: &mut Rng) -> String {
    let (verb, nth) = match api {
        Api::JsonRpc => ("create*", rng.usize(1..=64)),
        Api::Rest => any_write(api, fresh, rng),
    };
    let fault = any(&write_faults(api, verb), rng);
    format!("{verb}#{nth}={fault}")
}

fn by_hand(api: Api, rng: &mut Rng) -> Schedule {
    let fresh = rng.bool();
    let mut schedule = plain(api, "edits by hand", fresh);
    for _ in 0..rng.usize(1..4) {
        let (when, edit) = match api {
            Api::JsonRpc => (When::After(moment(fresh, rng)), edit(rng)),
            Api::Rest => (any_moment(fresh, rng), edit_over_rest(fresh, rng)),
        };
        schedule.by_hand.push((when, edit));
    }
    if rng.bool() {
        schedule.faults.push(any_fault(api, fresh, rng));
    }
    // What looks like an offer that is being made, and has no marker of ours, may be that offer.
    schedule.may_end = MayEnd {
        undecided: true,
        refused: true,
    };
    schedule
}

fn edit(rng: &mut Rng) -> ByHand {
    let number = rng.usize(0..64);
    match rng.u8(0..4) {
        0 => ByHand::Deactivate(number),
        1 => ByHand::Reprice(number),
        2 => ByHand::Copy(number),
        _ => ByHand::Stranger,
    }
}

/// Most of the time between what is read and what is written.
fn any_moment(fresh: bool, rng: &mut Rng) -> When {
    if rng.u8(0..4) == 0 {
        return When::After(moment(fresh, rng));
    }
    let all: usize = writes(Api::Rest, fresh)
        .iter()
        .map(|(_, count)| count)
        .sum();
    When::AfterWrites(rng.usize(1..all))
}

fn edit_over_rest(fresh: bool, rng: &mut Rng) -> ByHand {
    // Copies are of interest where something is made.
    let is_new = !fresh && rng.bool();
    let made = rng.usize(if is_new { NEW_OFFERS } else { 0..64 });
    let number = rng.usize(0..64);
    match rng.u8(0..8) {
        0 => ByHand::Deactivate(number),
        1 => ByHand::Reprice(number),
        2 => ByHand::Copy(made),
        3 => ByHand::Twin(made),
        4 => ByHand::Localize(number),
        // An offer that is being made is known by its marker alone.
        5 if !fresh => ByHand::Unmark(number),
        5 | 6 => ByHand::Describe(number),
        _ => ByHand::Stranger,
    }
}

/// A request that takes longer than anybody waits; what it does, it does inside the window.
fn timeout(api: Api, rng: &mut Rng) -> Schedule {
    let mut schedule = plain(api, "one answer too late", rng.bool());
    let after = if rng.bool() { ",after" } else { "" };
    schedule.timeout = Some(0.3);
    let (verb, nth) = match api {
        Api::JsonRpc => ("create*", rng.usize(1..=64)),
        Api::Rest => any_write(api, schedule.fresh, rng),
    };
    let fault = if rng.bool() {
        format!("silence{after}")
    } else {
        format!("delay:400{after}")
    };
    schedule.faults.push(format!("{verb}#{nth}={fault}"));
    schedule
}

fn several(api: Api, rng: &mut Rng) -> Schedule {
    let fresh = rng.bool();
    let mut schedule = plain(api, "several faults", fresh);
    for _ in 0..rng.usize(2..6) {
        let reads = !fresh && rng.u8(0..3) == 0;
        let fault = if reads {
            let faults = list_faults(api);
            let fault = faults[rng.usize(0..faults.len())];
            format!("{}#{}={fault}", read_verb(fault, rng), rng.usize(1..=34))
        } else {
            let (verb, nth) = any_write(api, fresh, rng);
            format!("{verb}#{nth}={}", any(&write_faults(api, verb), rng))
        };
        schedule.faults.push(fault);
    }
    if rng.u8(0..3) == 0 {
        schedule.class = "several faults and kill -9";
        schedule.kill = Some(Kill::After(moment(fresh, rng)));
    }
    schedule
}

fn any(faults: &[String], rng: &mut Rng) -> String {
    faults[rng.usize(0..faults.len())].clone()
}
