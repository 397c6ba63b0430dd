//! Every fault, as the emulator names it: [`write_faults`], [`list_faults`].

use fastrand::Rng;

use super::{Api, LATE};

/// What shows late: a change in the lists, also where an offer is read by itself, or country by country.
pub(super) fn lates() -> [String; 3] {
    ["", ",gets", ",gets,rows"].map(|scope| format!("late:{LATE}{scope}"))
}

/// What happens to the whole answer, before the call takes effect or after it.
const WHOLE: [&str; 9] = [
    "status:500",
    "status:502",
    "status:503",
    "status:504",
    "status:408",
    "status:302",
    "cut",
    "garbage",
    "truncate",
];

/// Statuses that prove that nothing was done.
const REFUSALS: [&str; 8] = [
    "400",
    "401",
    "403",
    "404",
    "413",
    "422",
    "429",
    "429,retry-after:0",
];

/// What happens to one call of a batch.
const OF_MEMBERS: [&str; 13] = [
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
];

/// What happens to a request of REST, beside what happens to those of both.
const OF_REST: [&str; 9] = [
    "status:412",
    "error:422",
    "error:409",
    "error:409,after",
    "error:412",
    "error:500",
    "error:500,after",
    "delay:20",
    "delay:20,after",
];

/// Every fault of a write.
pub(super) fn write_faults(api: Api) -> Vec<String> {
    let mut faults = Vec::new();
    let bare = (api == Api::JsonRpc).then_some("bare-error");
    for fault in WHOLE.into_iter().chain(bare) {
        faults.extend([fault.to_owned(), format!("{fault},after")]);
        faults.extend(lates().map(|late| format!("{fault},after,{late}")));
    }
    faults.extend(REFUSALS.map(|code| format!("status:{code}")));
    let others: &[&str] = match api {
        Api::JsonRpc => &OF_MEMBERS,
        Api::Rest => &OF_REST,
    };
    faults.extend(others.iter().map(|fault| (*fault).to_owned()));
    faults.extend(lates());
    faults
}

const LIST_FAULTS: [&str; 20] = [
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

const LIST_FAULTS_OF_REST: [&str; 17] = [
    "status:500",
    "status:503",
    "status:429",
    "status:408",
    "cut",
    "garbage",
    "truncate",
    "error:400",
    "error:500",
    "short",
    "short:3",
    "shifted",
    "repeated",
    "empty",
    "deaf",
    "total:1",
    "total:-1",
];

/// Every fault of a list.
pub(super) fn list_faults(api: Api) -> &'static [&'static str] {
    match api {
        Api::JsonRpc => &LIST_FAULTS,
        Api::Rest => &LIST_FAULTS_OF_REST,
    }
}

/// The reads that a fault of a list befalls: what is no matter of lists may befall an offer that is read by itself.
pub(super) fn read_verb(fault: &str, rng: &mut Rng) -> &'static str {
    let any_read = ["status", "cut", "garbage", "truncate", "error:500"];
    let is_any = any_read.iter().any(|start| fault.starts_with(start));
    if is_any && rng.bool() {
        "get*"
    } else {
        "list*"
    }
}
