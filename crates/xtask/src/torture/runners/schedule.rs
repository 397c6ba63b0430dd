//! What befalls two or three runners, and when: [`Schedule`].

use fastrand::Rng;

use super::super::api::Api;
use super::super::base::SETTLE_SECONDS;
use super::super::schedule::LATE;

/// What befalls runners whose state is in one bucket.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// The generation of the API.
    pub(crate) api: Api,
    /// The kind of accident.
    pub(crate) class: &'static str,
    /// Whether the account is empty.
    pub(super) fresh: bool,
    /// Whether requests go out one by one, each with one call.
    pub(super) one_by_one: bool,
    pub(super) editions: Editions,
    /// What befalls whom.
    pub(super) blows: Vec<Blow>,
    /// When the runners after the first start.
    pub(super) others: Vec<Start>,
    /// Rules of the emulator.
    pub(crate) faults: Vec<String>,
    /// How many seconds what was made may take to show.
    pub(super) settle: f64,
    /// How many milliseconds it does take.
    pub(super) late: u64,
    /// How many milliseconds later each answer of the service comes.
    pub(super) slowness: u64,
}

/// How the manifests of the runners differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Editions {
    /// In prices, and each declares more offers than the one before.
    Grow,
    /// In nothing but prices, and all else has been applied before.
    OfPrices,
}

/// Something that befalls a runner at one of its requests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blow {
    /// Whom, from 0.
    pub(super) runner: usize,
    /// At which request.
    pub(super) at: Point,
    /// Whether the request has taken effect by then, and is not answered yet.
    pub(super) is_after: bool,
    pub(super) accident: Accident,
}

/// A request of a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
    /// The how manyeth of all, from 1.
    Any(u64),
    /// The how manyeth to the store.
    Store(u64),
    /// The how manyeth to the service.
    Service(u64),
    /// The how manyeth write of the document.
    Document(u64),
    /// The how manyeth write of a segment.
    Segment(u64),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Accident {
    /// The store or the way to it errs; only at a request to the store.
    Store(StoreFault),
    /// It is stopped, and goes on when all others have ended.
    Sleep,
    /// It is stopped for so many milliseconds.
    Nap(u64),
    /// `kill -9`.
    Kill,
    /// Somebody takes the lock away from whoever holds it.
    Unlock,
    /// Nothing that it sends reaches the store for so many milliseconds.
    CutOff(u64),
}

/// How the store or the way to it errs; times are milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) enum StoreFault {
    Delay { before: u64, after: u64 },
    Drop,
    DropAnswer,
    Late(u64),
    Repeat,
    Answer { status: u16, is_done: bool },
}

/// When a runner starts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start {
    /// So many milliseconds after the first.
    After(u64),
    /// So many milliseconds after so many blows were struck, or when nobody is left who could be struck.
    Struck(usize, u64),
}

/// How many requests a runner sends while nothing goes wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Totals {
    pub(super) any: u64,
    pub(super) store: u64,
}

/// How likely each class is, in hundredths.
const CLASSES: [(&str, u8, Draw); 9] = [
    ("one fault at the store", 12, one_fault),
    ("asleep past the lock", 16, asleep),
    ("stopped for a while", 8, nap),
    ("unlocked", 14, unlocked),
    ("cut off from the store", 12, cut_off),
    ("kill -9", 8, killed),
    ("a late document", 12, late_document),
    ("three runners", 8, three),
    ("a change that waits", 10, change_that_waits),
];

type Draw = fn(&mut Schedule, Totals, &mut Rng);

/// Draws schedules, half of them for each generation.
pub(crate) fn schedules(
    count: usize,
    seed: u64,
    totals: impl Fn(Api, [bool; 2]) -> Totals,
) -> Vec<Schedule> {
    let mut rng = Rng::with_seed(seed);
    (0..count)
        .map(|number| {
            let api = Api::ALL[number % 2];
            let fresh = rng.u8(0..3) == 0;
            let one_by_one = rng.bool();
            let totals = totals(api, [fresh, one_by_one]);
            draw((api, fresh, one_by_one), totals, &mut rng)
        })
        .collect()
}

fn draw((api, fresh, one_by_one): (Api, bool, bool), totals: Totals, rng: &mut Rng) -> Schedule {
    let mut left = rng.u8(0..100);
    let class = CLASSES.iter().find(|(_, share, _)| {
        let is_it = left < *share;
        left = left.saturating_sub(*share);
        is_it
    });
    let (class, _, draw) = class.unwrap_or(&CLASSES[0]);
    let mut schedule = Schedule {
        api,
        class,
        fresh,
        one_by_one,
        editions: Editions::Grow,
        blows: Vec::new(),
        others: Vec::new(),
        faults: Vec::new(),
        settle: SETTLE_SECONDS,
        late: LATE,
        slowness: 0,
    };
    draw(&mut schedule, totals, rng);
    schedule
}

fn any(totals: Totals, rng: &mut Rng) -> Point {
    Point::Any(rng.u64(1..=totals.any))
}

fn store_fault(rng: &mut Rng) -> Accident {
    Accident::Store(match rng.u8(0..8) {
        0 => StoreFault::Delay {
            before: rng.u64(50..600),
            after: 0,
        },
        1 => StoreFault::Delay {
            before: 0,
            after: rng.u64(50..600),
        },
        2 => StoreFault::Drop,
        3 => StoreFault::DropAnswer,
        4 => StoreFault::Late(rng.u64(20..1500)),
        5 => StoreFault::Repeat,
        answer => StoreFault::Answer {
            status: [500, 503, 429, 409, 412][rng.usize(0..5)],
            is_done: answer == 6,
        },
    })
}

/// Now and then the service is slow, or the answer to a create is lost.
fn slow_service(schedule: &mut Schedule, rng: &mut Rng) {
    let verb = match (schedule.api, schedule.fresh || rng.bool()) {
        (Api::JsonRpc, true) => "create*",
        (Api::JsonRpc, false) => "update*",
        (Api::Rest, true) => "createOffer",
        (Api::Rest, false) => "patchOffer",
    };
    for _ in 0..rng.usize(0..4) {
        let fault = match rng.u8(0..4) {
            0 => "cut,after".to_owned(),
            1 => format!("delay:{}", rng.u64(20..300)),
            _ => format!("delay:{},after", rng.u64(20..300)),
        };
        let nth = rng.usize(1..=12);
        schedule.faults.push(format!("{verb}#{nth}={fault}"));
    }
}

fn one_fault(schedule: &mut Schedule, totals: Totals, rng: &mut Rng) {
    for _ in 0..rng.usize(1..4) {
        schedule.blows.push(Blow {
            runner: 0,
            at: Point::Store(rng.u64(1..=totals.store)),
            is_after: false,
            accident: store_fault(rng),
        });
    }
    if rng.bool() {
        schedule.others.push(Start::After(rng.u64(0..600)));
    }
}

fn struck(schedule: &mut Schedule, totals: Totals, (accident, rng): (Accident, &mut Rng)) {
    schedule.blows.push(Blow {
        runner: 0,
        at: any(totals, rng),
        is_after: rng.bool(),
        accident,
    });
    let later = rng.u64(0..200);
    schedule.others.push(Start::Struck(1, later));
    slow_service(schedule, rng);
}

fn asleep(schedule: &mut Schedule, totals: Totals, rng: &mut Rng) {
    struck(schedule, totals, (Accident::Sleep, rng));
}

fn nap(schedule: &mut Schedule, totals: Totals, rng: &mut Rng) {
    let nap = Accident::Nap(rng.u64(100..1800));
    struck(schedule, totals, (nap, rng));
}

fn unlocked(schedule: &mut Schedule, totals: Totals, rng: &mut Rng) {
    if rng.bool() {
        // Asleep as well, so that what it meant to send comes late.
        schedule.blows.push(Blow {
            runner: 0,
            at: any(totals, rng),
            is_after: rng.bool(),
            accident: Accident::Nap(rng.u64(100..1200)),
        });
    }
    struck(schedule, totals, (Accident::Unlock, rng));
}

fn cut_off(schedule: &mut Schedule, totals: Totals, rng: &mut Rng) {
    let cut = Accident::CutOff(rng.u64(200..3500));
    struck(schedule, totals, (cut, rng));
}

fn killed(schedule: &mut Schedule, totals: Totals, rng: &mut Rng) {
    struck(schedule, totals, (Accident::Kill, rng));
}

/// The document of the first runner arrives when the second has begun; the second is killed, and the third finds what is left.
fn late_document(schedule: &mut Schedule, totals: Totals, rng: &mut Rng) {
    schedule.fresh = false;
    let at = Point::Document(rng.u64(1..=2));
    let late = Accident::Store(StoreFault::Late(rng.u64(950..1900)));
    for (accident, at) in [(late, at), (Accident::Sleep, at)] {
        schedule.blows.push(Blow {
            runner: 0,
            at,
            is_after: false,
            accident,
        });
    }
    schedule.blows.push(Blow {
        runner: 1,
        at: if rng.bool() {
            Point::Segment(rng.u64(1..6))
        } else {
            any(totals, rng)
        },
        is_after: rng.bool(),
        accident: Accident::Kill,
    });
    schedule.others = vec![Start::Struck(1, 0), Start::Struck(3, rng.u64(0..200))];
    // Longer than it takes until a lock ends: without its intent, the third would not see what the second made.
    schedule.settle = 2.5;
    schedule.late = 2000;
    let verb = match schedule.api {
        Api::JsonRpc => "create*",
        Api::Rest => "createOffer",
    };
    schedule.slowness = rng.u64(0..150);
    for nth in 1..=30 {
        let late = rng.u64(1200..schedule.late);
        let fault = format!("{verb}#{nth}=late:{late},gets,rows");
        schedule.faults.push(fault);
    }
}

/// The service has no time for a change just as the lock is lost: its turn comes when the lock is another's. Nothing but prices
/// changes, so that nothing has to be written down meanwhile, which would show that the lock is lost.
fn change_that_waits(schedule: &mut Schedule, _: Totals, rng: &mut Rng) {
    schedule.fresh = false;
    schedule.editions = Editions::OfPrices;
    let accident = match rng.u8(0..4) {
        0 => Accident::Sleep,
        1 => Accident::Unlock,
        _ => Accident::CutOff(rng.u64(2500..4000)),
    };
    schedule.blows.push(Blow {
        runner: 0,
        at: Point::Service(rng.u64(1..6)),
        is_after: true,
        accident,
    });
    schedule.others.push(Start::Struck(1, 0));
    let verb = match schedule.api {
        Api::JsonRpc => "update*",
        Api::Rest => "patchOffer",
    };
    let wait = rng.u64(1..4);
    let fault = format!("{verb}#1=status:429,retry-after:{wait}");
    schedule.faults.push(fault);
}

fn three(schedule: &mut Schedule, totals: Totals, rng: &mut Rng) {
    for runner in 0..2 {
        let accident = match rng.u8(0..6) {
            0 => Accident::Sleep,
            1 => Accident::Nap(rng.u64(100..1800)),
            2 => Accident::Kill,
            3 => Accident::Unlock,
            4 => Accident::CutOff(rng.u64(200..2500)),
            _ => store_fault(rng),
        };
        let at = match accident {
            Accident::Store(_) => Point::Store(rng.u64(1..=totals.store)),
            Accident::Sleep
            | Accident::Nap(_)
            | Accident::Kill
            | Accident::Unlock
            | Accident::CutOff(_) => any(totals, rng),
        };
        schedule.blows.push(Blow {
            runner,
            at,
            is_after: rng.bool(),
            accident,
        });
    }
    schedule.others = vec![
        Start::Struck(1, rng.u64(0..200)),
        Start::Struck(2, rng.u64(0..200)),
    ];
    slow_service(schedule, rng);
}
