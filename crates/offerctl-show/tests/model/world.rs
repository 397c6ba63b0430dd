//! What the model is about: [`World`], the service, the state backend and the runners at one moment.
//!
//! Everything is small and has an order, so that a world can be compared with all that were seen before. Times are
//! not numbers: "the window has passed" is that whatever had to happen within it has happened.

use super::facts::StateId;

/// A case to be explored: what is declared, and what may go wrong.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// The content of each name; equal numbers are equal contents, equal last digits are equal titles.
    pub(crate) names: Vec<u8>,
    pub(crate) form: Form,
    pub(crate) runners: u8,
    /// How many creates share a request.
    pub(crate) batch: usize,
    /// How many requests a runner has under way.
    pub(crate) side_by_side: usize,
    pub(crate) budget: Budget,
    /// Whether each runner also changes the price of an offer that is there, to a value of its own.
    pub(crate) changes: bool,
    pub(crate) executor: Executor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    /// With a row for each of two countries, which the lists may show at different times.
    Localized,
    /// Over REST, where an offer carries the marker of its name; with one row.
    Marked,
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
    /// A name is bound to whatever an answer shows.
    BelievesAnswers,
    /// A request with several creates that is refused as a whole proves that none of them was made.
    RefusedBatchIsProof,
    /// A create that was refused by itself is not looked out for.
    ForgetsRefused,
    /// The window begins with the end of what was lost, though another create was answered after that.
    ShortWindow,
    /// The answer of the store to whose the lock is counts for ever.
    AsksOnce,
    /// Whose the lock is is asked before creates only, and a lock does not grow stale.
    StaleChanges,
    /// A lock that was broken open is taken at once.
    NoQuiet,
    /// Who takes a lock over, or away, stores no document.
    NoFence,
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
    /// Creates that take effect, or are listed, after the window, or though they were refused one by one: more than the
    /// service is assumed to do.
    pub(crate) late: u8,
    /// Requests that are refused as a whole whatever became of their creates, or answered with other offers; markers that
    /// are not kept.
    pub(crate) lies: u8,
    /// Locks that people take away.
    pub(crate) unlocks: u8,
}

/// An offer in the shop. Its place in the list is its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Offer {
    pub(crate) content: u8,
    pub(crate) maker: Maker,
    /// The name in its marker, if it carries one.
    pub(crate) mark: Option<u8>,
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
    /// Somebody, before the first run or later: it has nothing to do with what is declared.
    Other,
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

impl CallAt {
    /// The offer that was made.
    pub(crate) fn made(self) -> Option<u8> {
        match self {
            Self::Made(offer) => Some(offer),
            Self::Sent | Self::Refused => None,
        }
    }
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
    /// Whether nobody else has stored a document since it read the state: otherwise its own is refused.
    pub(crate) may_store: bool,
    /// Whether the store has said that the lock is its own, a moment ago.
    pub(crate) allowed: bool,
    /// Where its change of what is on sale is.
    pub(crate) change: Change,
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
    /// The names that were in a request that was refused as a whole, as bits.
    pub(crate) refused: u8,
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

/// A change of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Change {
    /// There is none, or it is through.
    Over,
    Ready,
    UnderWay,
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
    /// Its answer was lost, or is not believed.
    Lost {
        intent: u8,
    },
    /// Its request was refused as a whole, which proves nothing: it waits until there is time to look.
    Aside {
        intent: u8,
    },
}

impl Step {
    /// The intent that waits for a look at the lists.
    pub(crate) fn looks_for(self) -> Option<u8> {
        match self {
            Self::Lost { intent } | Self::Aside { intent } => Some(intent),
            Self::Over
            | Self::Ready
            | Self::Intended { .. }
            | Self::UnderWay { .. }
            | Self::Returned { .. } => None,
        }
    }

    pub(crate) fn waits_for_a_look(self) -> bool {
        self.looks_for().is_some()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    Shows {
        offer: u8,
        /// The offer that the create made by then, which should be the same.
        own: Option<u8>,
    },
    /// The create itself is refused, in a request with others.
    Refused,
    /// The request is refused, which carried nothing else.
    RefusedAlone,
    /// The request is refused, which carried others as well.
    RefusedTogether,
    Unknown,
}

impl Answer {
    /// The offer that it shows.
    pub(crate) fn offer(self) -> Option<u8> {
        match self {
            Self::Shows { offer, .. } => Some(offer),
            Self::Refused | Self::RefusedAlone | Self::RefusedTogether | Self::Unknown => None,
        }
    }
}

impl Runner {
    pub(crate) fn idle(names: usize) -> Self {
        Self {
            phase: Phase::Idle,
            memory: StateId::default(),
            current: false,
            stale: false,
            may_store: false,
            allowed: false,
            change: Change::Over,
            halted: None,
            frozen: false,
            wrote: false,
            baseline: 0,
            run: None,
            steps: vec![Step::Over; names],
            given_up: 0,
            refused: 0,
        }
    }

    pub(crate) fn requests_under_way(&self) -> Vec<u8> {
        let mut requests: Vec<u8> = self
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::UnderWay { request, .. } | Step::Returned { request, .. } => Some(*request),
                Step::Over
                | Step::Ready
                | Step::Intended { .. }
                | Step::Lost { .. }
                | Step::Aside { .. } => None,
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
    /// The former holder of a lock that was broken open: nobody takes it until what he sent must have ended.
    pub(crate) broken_open: Option<u8>,
    /// The price of the offer that is there.
    pub(crate) price: u8,
    /// The changes that are under way, by their runners, whose values they have.
    pub(crate) changes: Vec<u8>,
    /// The runner that applied last without anything going wrong, until another has the lock.
    pub(crate) applied: Option<u8>,
    pub(crate) runners: Vec<Runner>,
    pub(crate) budget: Budget,
    pub(crate) next_intent: u8,
    /// Whether a person made an offer.
    pub(crate) edited: bool,
    /// Whether a marker was not kept.
    pub(crate) unmarked: bool,
    /// Whether more happened than is assumed.
    pub(crate) broken: bool,
    /// Whether a verdict was that nobody can tell.
    pub(crate) undecided: bool,
}
