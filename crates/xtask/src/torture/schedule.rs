//! What goes wrong, and when: [`Schedule`].

use fastrand::Rng;

/// What goes wrong during the first apply.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    /// The kind of accident.
    pub(super) class: &'static str,
    /// Whether the account is empty; otherwise it has the catalogue as it was before some edits.
    pub(super) fresh: bool,
    /// Rules of the emulator.
    pub(super) faults: Vec<String>,
    /// When the program is killed.
    pub(super) kill: Option<Kill>,
    /// How many milliseconds later a second apply starts, and how long it waits for the lock.
    pub(super) rival: Option<(u64, f64)>,
    /// What people do in the dashboard meanwhile, and after how many milliseconds.
    pub(super) by_hand: Vec<(u64, ByHand)>,
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
    /// With exit 3.
    pub(super) refused: bool,
}

/// When `kill -9` strikes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kill {
    /// When the state has had so many writes.
    AfterSegments(usize),
    /// When so many writing calls have been carried out.
    AfterWrites(usize),
    /// After so many milliseconds.
    After(u64),
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
}

/// How late a change may show: well inside the window of the runs.
pub(super) const LATE: u64 = 120;

/// How many calls write when the catalogue is made, and when it is changed.
const WRITES: [usize; 2] = [64, 34];

/// The kinds of write, as the names of the methods begin.
const VERBS: [&str; 4] = ["create", "update", "deactivate", "cancel"];

/// Draws schedules: a fixed share of every class, and of the systematic ones as many as there is room for.
pub(super) fn schedules(count: usize, seed: u64) -> Vec<Schedule> {
    let mut rng = Rng::with_seed(seed);
    let mut single = single_faults();
    rng.shuffle(&mut single);
    single.truncate(count * 55 / 100);
    let mut all = single;
    let kills = count * 15 / 100;
    all.extend((0..kills).map(|_| kill(&mut rng)));
    all.extend((0..count * 6 / 100).map(|_| rival(&mut rng)));
    all.extend((0..count * 8 / 100).map(|_| by_hand(&mut rng)));
    all.extend((0..count / 100).map(|_| timeout(&mut rng)));
    while all.len() < count {
        all.push(several(&mut rng));
    }
    rng.shuffle(&mut all);
    all
}

fn plain(class: &'static str, fresh: bool) -> Schedule {
    Schedule {
        class,
        fresh,
        faults: Vec::new(),
        kill: None,
        rival: None,
        by_hand: Vec::new(),
        timeout: None,
        may_end: MayEnd::default(),
    }
}

/// What shows late: a change in the lists, also where an offer is read by itself, or country by country.
fn lates() -> [String; 3] {
    ["", ",gets", ",gets,rows"].map(|scope| format!("late:{LATE}{scope}"))
}

/// Every fault of a write, as the emulator names it.
fn write_faults() -> Vec<String> {
    let mut faults = Vec::new();
    let whole = [
        "status:500",
        "status:502",
        "status:503",
        "status:504",
        "status:408",
        "status:302",
        "cut",
        "garbage",
        "truncate",
        "bare-error",
    ];
    for fault in whole {
        faults.extend([fault.to_owned(), format!("{fault},after")]);
        faults.extend(lates().map(|late| format!("{fault},after,{late}")));
    }
    // What is proven not to have been done.
    for code in [
        "400",
        "401",
        "403",
        "404",
        "413",
        "422",
        "429",
        "429,retry-after:0",
    ] {
        faults.push(format!("status:{code}"));
    }
    for one in [
        "error:8",
        "error:1",
        "error:-32600",
        "error:-32603",
        "error:-32603,after",
        "error:99",
        "missing",
        "missing,before",
        "double",
        "wrong-id",
        "shuffled",
        "delay:20",
        "delay:20,after",
    ] {
        faults.push(one.to_owned());
    }
    faults.extend(lates());
    faults
}

const READ_FAULTS: [&str; 20] = [
    "status:500",
    "status:503",
    "status:429",
    "status:408",
    "cut",
    "garbage",
    "truncate",
    "bare-error",
    "error:-32603",
    "missing",
    "double",
    "wrong-id",
    "short",
    "short:3",
    "shifted",
    "repeated",
    "empty",
    "deaf:booleans",
    "total:1",
    "total:-1",
];

/// Every fault at every writing call and at every list, one at a time.
fn single_faults() -> Vec<Schedule> {
    let mut all = Vec::new();
    for fresh in [true, false] {
        let writes = WRITES[usize::from(!fresh)];
        for fault in write_faults() {
            for nth in 1..=writes {
                let mut schedule = plain("one fault at a write", fresh);
                // In a change, each kind of write is counted by itself.
                let (verb, place) = if fresh {
                    ("create", nth)
                } else {
                    (VERBS[nth % VERBS.len()], nth.div_ceil(VERBS.len()))
                };
                schedule.faults.push(format!("{verb}*#{place}={fault}"));
                all.push(schedule);
            }
        }
        for fault in READ_FAULTS {
            for nth in 1..=14 {
                let mut schedule = plain("one fault at a list", fresh);
                schedule.faults.push(format!("list*#{nth}={fault}"));
                all.push(schedule);
            }
        }
    }
    all
}

fn kill(rng: &mut Rng) -> Schedule {
    let fresh = rng.bool();
    // The change makes a dozen new offers.
    let writes = if fresh { WRITES[0] } else { 12 };
    let mut schedule = plain("kill -9", fresh);
    schedule.kill = Some(match rng.u8(0..5) {
        0 => Kill::After(rng.u64(0..160)),
        1 => Kill::AfterSegments(rng.usize(1..12)),
        2 => {
            let nth = rng.usize(1..=writes);
            schedule.faults.push(format!("create*#{nth}=delay:150"));
            Kill::AfterWrites(nth - 1)
        }
        _ => {
            let nth = rng.usize(1..=writes);
            let fault = match rng.usize(0..4) {
                0 => "delay:150,after".to_owned(),
                late => format!("cut,after,{}", lates()[late - 1]),
            };
            schedule.faults.push(format!("create*#{nth}={fault}"));
            Kill::AfterWrites(nth)
        }
    });
    schedule
}

fn rival(rng: &mut Rng) -> Schedule {
    let mut schedule = plain("two runners", rng.bool());
    schedule.rival = Some((rng.u64(0..120), if rng.bool() { 0.0 } else { 5.0 }));
    if rng.bool() {
        let fault = any(&write_faults(), rng);
        schedule
            .faults
            .push(format!("create*#{}={fault}", rng.usize(1..=64)));
    }
    if rng.u8(0..4) == 0 {
        schedule.class = "two runners, one killed";
        schedule.kill = Some(Kill::After(rng.u64(0..160)));
    }
    schedule
}

fn by_hand(rng: &mut Rng) -> Schedule {
    let mut schedule = plain("edits by hand", rng.bool());
    for _ in 0..rng.usize(1..4) {
        let number = rng.usize(0..64);
        let edit = match rng.u8(0..4) {
            0 => ByHand::Deactivate(number),
            1 => ByHand::Reprice(number),
            2 => ByHand::Copy(number),
            _ => ByHand::Stranger,
        };
        schedule.by_hand.push((rng.u64(0..120), edit));
    }
    if rng.bool() {
        let fault = any(&write_faults(), rng);
        schedule
            .faults
            .push(format!("create*#{}={fault}", rng.usize(1..=64)));
    }
    schedule.may_end = MayEnd {
        undecided: true,
        refused: true,
    };
    schedule
}

/// A request that takes longer than anybody waits; what it does, it does inside the window.
fn timeout(rng: &mut Rng) -> Schedule {
    let mut schedule = plain("one answer too late", rng.bool());
    let after = if rng.bool() { ",after" } else { "" };
    schedule.timeout = Some(0.3);
    schedule
        .faults
        .push(format!("create*#{}=delay:400{after}", rng.usize(1..=64)));
    schedule
}

fn several(rng: &mut Rng) -> Schedule {
    let fresh = rng.bool();
    let mut schedule = plain("several faults", fresh);
    for _ in 0..rng.usize(2..6) {
        // It is drawn also where a list is to fail, so that a seed draws the same as ever.
        let of_write = any(&write_faults(), rng);
        let verb = if fresh {
            "create"
        } else {
            ["create", "update", "list"][rng.usize(0..3)]
        };
        let fault = if verb == "list" {
            READ_FAULTS[rng.usize(0..READ_FAULTS.len())].to_owned()
        } else {
            of_write
        };
        let nth = rng.usize(1..=WRITES[usize::from(!fresh)]);
        schedule.faults.push(format!("{verb}*#{nth}={fault}"));
    }
    if rng.u8(0..3) == 0 {
        schedule.class = "several faults and kill -9";
        schedule.kill = Some(Kill::After(rng.u64(0..200)));
    }
    schedule
}

fn any(faults: &[String], rng: &mut Rng) -> String {
    faults[rng.usize(0..faults.len())].clone()
}
