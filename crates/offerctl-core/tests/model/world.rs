//! What the model is about: [`World`], the service, the state backend and the runners at one moment.
//!
//! Everything is small and has an order, so that a world can be compared with all that were seen before. Times are
//! not numbers: "the window has passed" is that whatever had to happen within it has happened.

use super::facts::StateId;

/// A case to be explored: what is declared, and what may go wrong.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// The content of each name; equal numbers are equal contents.
    pub(crate) names: Vec<u8>,
    pub(crate) form: Form,
    pub(crate) runners: u8,
    /// How many creates share a request.
    pub(crate) batch: usize,
    /// How many requests a runner has under way.
    pub(crate) side_by_side: usize,
    pub(crate) budget: Budget,
    pub(crate) executor: Executor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    /// With a row for each of two countries, which the lists may show at different times.
    Localized,
}

/// The program, or one that is broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Executor {
    Sound,
    /// A create whose answer is lost is sent again at once.
    BlindRetry,
    /// The intent of a create is written down when its answer is there.
    LateIntent,
    /// A create whose outcome is unknown is taken as never made.
    NoSettling,
    /// What was lost is settled though another create, with a durable intent, is still to be sent.
    HastyLook,
}

/// What may still go wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Budget {
    /// Answers lost, creates refused, reads of lists and writes of the state that fail.
    pub(crate) faults: u8,
    /// Kills, and interruptions that let the runner write down what is under way.
    pub(crate) crashes: u8,
    /// Runners that stand still until their lock may be taken over.
    pub(crate) stalls: u8,
    /// Offers that people make by hand.
    pub(crate) edits: u8,
    /// Creates that take effect, or are listed, after the window: more than the service is assumed to do.
    pub(crate) late: u8,
}

/// An offer in the shop. Its place in the list is its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Offer {
    pub(crate) content: u8,
    pub(crate) maker: Maker,
    /// The rows that the lists show, as bits.
    pub(crate) rows: u8,
    /// Whether it is not listed within the window.
    pub(crate) late: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Maker {
    /// A create that was answered, or will be.
    Answered,
    /// A create whose answer was lost.
    Lost,
    /// A person, who wrote just what a manifest says.
    HandEqual,
    /// A person, who wrote the same title.
    HandNear,
}

impl Maker {
    pub(crate) fn is_us(self) -> bool {
        matches!(self, Self::Answered | Self::Lost)
    }
}

/// A create on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    pub(crate) name: u8,
    pub(crate) intent: u8,
    /// The request that carries it, by the first intent in it; `None` if its connection has ended.
    pub(crate) request: Option<u8>,
    pub(crate) at: CallAt,
    /// Whether it takes effect after the window.
    pub(crate) late: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CallAt {
    Sent,
    Made(u8),
    Refused,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a world is a record of facts, any of which may hold beside the others"
)]
pub(crate) struct Runner {
    pub(crate) phase: Phase,
    /// The state as the runner knows it.
    pub(crate) memory: StateId,
    /// Whether nobody else has written since: otherwise its next write is refused by the backend.
    pub(crate) current: bool,
    /// Whether its heartbeat is so old that it may send no create.
    pub(crate) stale: bool,
    /// Why it sends nothing any more, if so.
    pub(crate) halted: Option<Halted>,
    /// Whether something of the type may be made that nobody knows of.
    pub(crate) frozen: bool,
    /// Whether it has written anything since it took the lock.
    pub(crate) wrote: bool,
    /// The offers that were listed when it planned, as bits.
    pub(crate) baseline: u32,
    /// Its id, once it is in the state.
    pub(crate) run: Option<u8>,
    pub(crate) steps: Vec<Step>,
    /// The names that were sent, lost, and never made, as bits.
    pub(crate) given_up: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Halted {
    /// The state could not be written.
    NotWritten,
    /// Somebody interrupted it.
    Interrupted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    Idle,
    /// It has the lock and the state.
    Locked,
    /// What earlier runs left open is settled as far as can be.
    Settled,
    /// It goes through the steps of its plan.
    Running,
}

/// A create of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// There is none for this name, or it is through.
    Over,
    Ready,
    /// Its intent is durable.
    Intended {
        intent: u8,
        request: u8,
    },
    UnderWay {
        intent: u8,
        request: u8,
    },
    /// Its connection has ended, and nothing of that is in the state yet.
    Returned {
        intent: u8,
        request: u8,
        answer: Answer,
    },
    /// Its answer was lost.
    Lost {
        intent: u8,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    Done(u8),
    Refused,
    Unknown,
}

impl Runner {
    pub(crate) fn idle(names: usize) -> Self {
        Self {
            phase: Phase::Idle,
            memory: StateId::default(),
            current: false,
            stale: false,
            halted: None,
            frozen: false,
            wrote: false,
            baseline: 0,
            run: None,
            steps: vec![Step::Over; names],
            given_up: 0,
        }
    }

    pub(crate) fn requests_under_way(&self) -> Vec<u8> {
        let mut requests: Vec<u8> = self
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::UnderWay { request, .. } | Step::Returned { request, .. } => Some(*request),
                Step::Over | Step::Ready | Step::Intended { .. } | Step::Lost { .. } => None,
            })
            .collect();
        requests.sort_unstable();
        requests.dedup();
        requests
    }

    pub(crate) fn has(&self, is: impl Fn(&Step) -> bool) -> bool {
        self.steps.iter().any(is)
    }
}

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a world is a record of facts, any of which may hold beside the others"
)]
pub(crate) struct World {
    pub(crate) offers: Vec<Offer>,
    pub(crate) calls: Vec<Call>,
    /// The state as the backend has it.
    pub(crate) stored: StateId,
    pub(crate) lock: Option<u8>,
    pub(crate) runners: Vec<Runner>,
    pub(crate) budget: Budget,
    pub(crate) next_intent: u8,
    /// Whether a person made an offer.
    pub(crate) edited: bool,
    /// Whether more happened than is assumed.
    pub(crate) broken: bool,
    /// Whether a verdict was that nobody can tell.
    pub(crate) undecided: bool,
}

/// Something that can happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// A runner takes the free lock, and reads the state.
    Start(u8),
    /// A runner takes over the lock of one that stands still.
    TakeOver(u8),
    /// A runner settles what earlier runs left open: early if everything is found, else after the window.
    Settle(u8, When),
    /// A runner reads the catalogue, plans, and notes what needs no request.
    Plan(u8),
    /// A runner makes the intents of its next request durable.
    Prepare(u8, Write),
    Send(u8),
    /// What came back with a request goes into the state.
    TakeIn(u8, u8, Write),
    /// A runner settles what was lost in this run.
    Look(u8, When, Write),
    /// A runner is through, and stores the whole state.
    Finish(u8, Write),
    Execute(usize),
    Refuse(usize),
    /// A create whose connection has ended never takes effect.
    Drop(usize),
    /// A request is over; the bits are the names whose answers are lost.
    End(u8, u8),
    /// A row shows in the lists.
    Show(usize, u8),
    /// The lists cannot be read.
    ReadFails(u8),
    Crash(u8),
    Interrupt(u8),
    Stall(u8),
    /// A runner that stood still goes on, or stops if its lock was taken over.
    Wake(u8),
    HandEqual(u8),
    HandNear(u8),
    LateCall(usize),
    LateOffer(usize),
    /// A runner stands still between its last look at the lock and the send, and sends after the lock was taken over.
    SendStale(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Early,
    AfterWindow,
}

/// What the backend does with a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    Works,
    /// It says that it failed, and it did.
    Fails,
    /// It says that it failed, and yet it is durable.
    FailsLate,
}
