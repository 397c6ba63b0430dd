//! What can happen in a world: [`Action`].

use super::world::Budget;

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
    Prepare(u8, Carries, Write),
    Send(u8),
    /// What came back with a request goes into the state.
    TakeIn(u8, u8, Write),
    /// A runner settles what was lost in this run.
    Look(u8, When, Write),
    /// A runner is through, and stores the whole state.
    Finish(u8, Write),
    Execute(usize),
    /// A create takes effect, but its marker is not kept.
    ExecuteUnmarked(usize),
    Refuse(usize),
    /// A create whose connection has ended never takes effect.
    Drop(usize),
    /// A request is over, and this is what its creates are told, in their order.
    End(u8, [Told; MOST_CARRIED]),
    /// A request is refused as a whole, whatever became of its creates, or will.
    RefuseWhole(u8),
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
    /// A person makes an offer that has nothing to do with what is declared: something to lie about.
    HandOther,
    LateCall(usize),
    LateOffer(usize),
    /// A runner stands still between its last look at the lock and the first byte of the request, and sends it after the
    /// lock was taken over.
    SendStale(u8),
    /// A runner asks the store whose the lock is.
    Ask(u8),
    /// The answer to that grows old, and counts no more.
    Forget(u8),
    /// Somebody takes the lock away from whoever holds it.
    Unlock,
    /// A runner sends its change of what is on sale.
    Change(u8),
    /// A change takes effect, if it has not; then its connection ends.
    EndChange(usize),
    /// The connection of a change ends without effect.
    DropChange(usize),
}

impl Action {
    /// Whether a budget is there for what it would spend: it is asked before anything is copied.
    pub(crate) fn is_affordable(self, budget: Budget) -> bool {
        match self {
            Self::Prepare(_, _, write)
            | Self::TakeIn(_, _, write)
            | Self::Look(_, _, write)
            | Self::Finish(_, write) => write == Write::Works || budget.faults > 0,
            Self::Refuse(_) | Self::ReadFails(_) => budget.faults > 0,
            Self::End(_, told) => {
                let some = |is: fn(&Told) -> bool| told.iter().any(is);
                (budget.faults > 0 || !some(|told| matches!(told, Told::Nothing)))
                    && (budget.lies > 0 || !some(|told| matches!(told, Told::Other(_))))
            }
            Self::ExecuteUnmarked(_) => budget.lies > 0,
            Self::RefuseWhole(_) => budget.lies > 0 || budget.late > 0,
            Self::Crash(_) | Self::Interrupt(_) => budget.crashes > 0,
            Self::Stall(_) => budget.stalls > 0,
            Self::HandEqual(_) | Self::HandNear(_) => budget.edits > 0,
            Self::HandOther => budget.edits > 0 && budget.lies > 0,
            Self::LateCall(_) | Self::LateOffer(_) | Self::SendStale(_) => budget.late > 0,
            Self::Unlock => budget.unlocks > 0,
            Self::DropChange(_) => budget.faults > 0 || budget.crashes > 0,
            Self::Start(_)
            | Self::TakeOver(_)
            | Self::Settle(..)
            | Self::Plan(_)
            | Self::Send(_)
            | Self::Ask(_)
            | Self::Forget(_)
            | Self::Change(_)
            | Self::EndChange(_)
            | Self::Execute(_)
            | Self::Drop(_)
            | Self::Show(..)
            | Self::Wake(_) => true,
        }
    }
}

/// More creates than any request carries.
pub(crate) const MOST_CARRIED: usize = 3;

/// What comes back to a create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The truth.
    Own,
    Nothing,
    /// Another offer.
    Other(u8),
}

/// How many creates a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carries {
    AsManyAsFit,
    /// One that was refused together with others before.
    One,
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
