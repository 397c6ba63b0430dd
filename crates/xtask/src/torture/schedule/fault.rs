//! Every fault, as the emulator names it: [`write_faults`], [`list_faults`].

use fastrand::Rng;

use super::super::api::Api;

/// How late a change may show: well inside the window of the runs.
pub(crate) const LATE: u64 = 120;

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

/// Refusals of a request some or all calls of which took effect all the same. Of a request with one call they are more than is
/// assumed of a service, so over REST creates do not meet them.
const REFUSED_AND_DONE: [&str; 5] = [
    "status:429,after",
    "status:429,retry-after:0,after:all",
    "status:429,after:all",
    "status:422,after:all",
    "status:400,after:all",
];

/// Answers that are about other offers.
const OF_OTHERS: [&str; 4] = [
    "body-of-another",
    "body-of-another,before",
    "body-of:oldest,answer-only:id",
    "answer-only:id",
];

/// Results of a batch that are exchanged.
const EXCHANGED: [&str; 3] = ["rotated", "rotated:all", "answered-as-first"];

/// The answer to a create is lost, and its marker was not kept; after these nobody can tell whether it was made.
const UNMARKED: [&str; 3] = [
    "cut,after,ignore:externalProperties",
    "status:503,after,ignore:externalProperties",
    "body-of-another,ignore:externalProperties",
];

/// Whether a fault keeps the marker off an offer whose answer is lost as well.
pub(super) fn loses_marker(fault: &str) -> bool {
    fault.ends_with("ignore:externalProperties")
}

/// Every fault of a write; a verb stands for the methods whose names begin like this.
pub(super) fn write_faults(api: Api, verb: &str) -> Vec<String> {
    let mut faults = faults_of_any_write(api);
    let is_create = verb.starts_with("createO") || verb == "create*";
    if api == Api::JsonRpc || !is_create {
        faults.extend(REFUSED_AND_DONE.map(str::to_owned));
    }
    if api == Api::JsonRpc {
        faults.extend(EXCHANGED.map(str::to_owned));
    }
    if api == Api::Rest && is_create {
        faults.extend(UNMARKED.map(str::to_owned));
    }
    faults.extend(OF_OTHERS.map(str::to_owned));
    faults
}

fn faults_of_any_write(api: Api) -> Vec<String> {
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

/// What happens to a list of either generation.
const LIST_FAULTS: [&str; 21] = [
    "status:500",
    "status:503",
    "status:429",
    "status:408",
    "cut",
    "garbage",
    "truncate",
    "short",
    "short:3",
    "shifted",
    "repeated",
    "empty",
    "total:1",
    "total:-1",
    "total-is:0",
    "total-is:1000000000",
    "total-is:9223372036854775807",
    "total-moves:1",
    "no-total",
    "endless",
    "endless:same",
];

/// What happens to a list of JSON-RPC, beside what happens to those of both.
const OF_CALLS_OF_LISTS: [&str; 6] = [
    "bare-error",
    "error:-32603",
    "missing",
    "double",
    "wrong-id",
    "deaf:booleans",
];

/// What happens to a list of REST, beside what happens to those of both.
const OF_LISTS_OF_REST: [&str; 6] = [
    "error:400",
    "error:500",
    "deaf",
    "link:self",
    "link:endless",
    "link:elsewhere",
];

/// Every fault of a list.
pub(super) fn list_faults(api: Api) -> Vec<&'static str> {
    let others = match api {
        Api::JsonRpc => OF_CALLS_OF_LISTS,
        Api::Rest => OF_LISTS_OF_REST,
    };
    LIST_FAULTS.into_iter().chain(others).collect()
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
