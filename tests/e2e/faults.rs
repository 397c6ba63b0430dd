//! What goes wrong on the way, and what must come of it: reads, lists, refused writes, and writes without an answer.

use std::sync::Mutex;

use cleeng_emulator::Field;
use serde_json::Value as Json;

use crate::support::{Api, Draft, Run, Shop, both};

fn single(name: &str) -> Draft {
    Draft::new("single", name)
}

/// Offers of two types, one of them with several rows.
fn catalogue() -> [Draft; 5] {
    [
        single("film-1"),
        single("film-2"),
        single("film-3"),
        Draft::new("pass", "news"),
        Draft::new("subscription", "world").localized(),
    ]
}

/// A shop with offers applied, and nothing in its record.
fn applied(api: Api, drafts: &[Draft]) -> Shop {
    let shop = Shop::of(api);
    shop.declare(drafts);
    let _run = shop.apply();
    shop.requests();
    shop
}

/// Runs cases side by side, since most of their time is waiting, and fails with all that is wrong.
#[track_caller]
fn side_by_side<T: Sync>(cases: &[T], case: impl Fn(&T) -> Result<(), String> + Sync) {
    let next = Mutex::new(cases.iter());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..cases.len().min(8) {
            let _worker = scope.spawn(|| {
                loop {
                    let Some(found) = next.lock().unwrap().next() else {
                        return;
                    };
                    if let Err(problem) = case(found) {
                        wrong.lock().unwrap().push(problem);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem()) }
}

/// What breaks an answer and may be over when it is asked for again.
const PASSING: [&str; 17] = [
    "cut",
    "garbage",
    "truncate",
    "status:408",
    "status:429",
    "status:429,retry-after:1",
    "status:500",
    "status:502",
    "status:503",
    "status:503,retry-after:1",
    "status:504",
    "status:524",
    "missing",
    "double",
    "wrong-id",
    "shuffled",
    "error:-32603",
];

both!(a_read_that_fails_is_repeated);

fn a_read_that_fails_is_repeated(api: Api) {
    let faults: Vec<&str> = PASSING.into_iter().filter(|it| api.knows(it)).collect();
    side_by_side(&faults, |fault| {
        let shop = applied(api, &catalogue());
        shop.fault(&format!("list*#1-2={fault}"));
        let run = shop.run("plan --detailed-exitcode");
        let requests = shop.requests();
        ensure(run.code == 0 && run.out.contains("No changes."), || {
            format!("{fault}: {run:?}")
        })?;
        ensure(requests.write_calls() == 0, || format!("{fault}: writes"))
    });
}

both!(a_failing_read_ends_the_command_with_nothing_written);

fn a_failing_read_ends_the_command_with_nothing_written(api: Api) {
    let lasting = [
        "*=cut",
        "listPassOffers=truncate",
        "list*=status:503",
        "listVodOffers=missing",
        "listSingleOffers=error:-32603",
        // What would only be refused again is not repeated.
        "list*=status:401",
        "list*=status:403",
        "list*=status:404",
        "list*=status:302",
        "listSingleOffers=error:1",
        "listSingleOffers=error:16",
        "listSingleOffers=error:-32601",
        "listSingleOffers=error:-32000",
        "listSingleOffers=error:999",
        "list*=bare-error",
    ];
    let over_rest = [
        "*=cut",
        "listOffers=truncate",
        "listOffers=garbage",
        "listOffers=status:503",
        "listOffers#2+=status:503",
        "listOffers=status:401",
        "listOffers=status:403",
        "listOffers=status:404",
        "listOffers=status:422",
        "listOffers=status:302",
    ];
    let lasting = match api {
        Api::JsonRpc => &lasting[..],
        Api::Rest => &over_rest,
    };
    side_by_side(lasting, |fault| {
        let shop = applied(api, &catalogue());
        let before = shop.files();
        shop.declare(&[single("film-1"), single("new")]);
        shop.fault(fault);
        let run = shop.run("apply --auto-approve --allow-deactivations 4");
        ensure(
            run.code == 1 && run.err.contains("nothing was written"),
            || format!("{fault}: {run:?}"),
        )?;
        ensure(shop.writes() == 0, || format!("{fault}: {run:?}"))?;
        let state = shop.path(crate::support::STATE);
        ensure(before.get(&state) == shop.files().get(&state), || {
            format!("{fault}: the state changed")
        })
    });
}

both!(no_command_makes_something_of_half_a_catalogue);

fn no_command_makes_something_of_half_a_catalogue(api: Api) {
    let commands = ["plan", "drift", "apply --dry-run", "state adopt film-1 A1"];
    side_by_side(&commands, |line| {
        let shop = applied(api, &catalogue());
        shop.fault(match api {
            Api::JsonRpc => "listPassOffers=error:1",
            Api::Rest => "listOffers#2+=status:404",
        });
        let run = shop.run(line);
        ensure(run.code == 1 && shop.writes() == 0, || format!("{run:?}"))
    });
}

/// More offers than fit on a page, so that the second page can go wrong.
fn many(api: Api) -> Shop {
    let drafts = films(count(api));
    let shop = match api {
        Api::JsonRpc => Shop::of(api),
        // Only a list that tells its total can be known not to add up.
        Api::Rest => Shop::of_quirks(api, &["rest-page-most=3"]),
    };
    if api == Api::JsonRpc {
        let offers = (0..drafts.len()).map(|number| {
            let id = format!("A7{number:08}_US");
            let price: rust_decimal::Decimal = "10.00".parse().unwrap();
            cleeng_emulator::Offer::new(id.parse().unwrap(), cleeng_emulator::Kind::Single)
                .with(Field::Title, format!("Title of film-{number}"))
                .with(Field::Url, format!("https://club.tv/film-{number}"))
                .with(Field::Price, price)
        });
        shop.emulator().seed_offers(offers.collect()).unwrap();
    }
    shop.declare(&drafts);
    let _run = shop.apply();
    shop.requests();
    shop
}

/// How many offers that takes; a deactivation or two are allowed of them.
fn count(api: Api) -> usize {
    match api {
        Api::JsonRpc => 450,
        Api::Rest => 8,
    }
}

fn films(count: usize) -> Vec<Draft> {
    (0..count)
        .map(|number| single(&format!("film-{number}")))
        .collect()
}

both!(a_list_that_does_not_add_up_is_read_again);

fn a_list_that_does_not_add_up_is_read_again(api: Api) {
    let passing = [
        "listSingleOffers#1=short",
        "listSingleOffers#1=short:100",
        "listSingleOffers#1=total:1",
        "listSingleOffers#1=total:-1",
        "listSingleOffers#1=repeated",
        "listSingleOffers#3=shifted",
        "listSingleOffers#3=short",
        "listSingleOffers#4=repeated",
        "listSingleOffers#4=total:1",
        "listSingleOffers#4=empty",
        "listSingleOffers#1-2=deaf",
        "listSingleOffers=deaf:booleans",
        "list*=deaf:booleans",
    ];
    let shop = many(api);
    for fault in passing {
        shop.emulator().clear_faults();
        shop.fault(&fault.replace("listSingleOffers", &api.call("listSingleOffers")));
        let run = shop.run("plan --detailed-exitcode");
        assert!(
            run.code == 0 && run.out.contains("No changes."),
            "{fault}: {run:?}"
        );
        assert!(shop.requests().http_requests() > 1, "{fault}: {run:?}");
    }
}

both!(a_list_that_never_adds_up_ends_the_command_with_nothing_written);

fn a_list_that_never_adds_up_ends_the_command_with_nothing_written(api: Api) {
    let shop = many(api);
    let mut drafts = films(count(api) - 1);
    drafts.push(single("new"));
    shop.declare(&drafts);
    let faults = ["short", "shifted", "repeated", "total:1", "total:-1"];
    let deaf = match api {
        Api::JsonRpc => &["listSingleOffers=deaf", "list*=deaf"][..],
        // There it can be read without the parameter.
        Api::Rest => &[],
    };
    let list = api.call("listSingleOffers");
    let faults = faults.map(|fault| format!("{list}={fault}")).into_iter();
    for fault in faults.chain(deaf.iter().map(|fault| (*fault).to_owned())) {
        shop.emulator().clear_faults();
        shop.fault(&fault);
        shop.requests();
        let run = shop.run("apply --auto-approve");
        assert_eq!(run.code, 1, "{fault}: {run:?}");
        assert!(run.err.contains("nothing was written"), "{fault}: {run:?}");
        let requests = shop.requests();
        assert_eq!(requests.write_calls(), 0, "{fault}: {run:?}");
        assert!(
            requests.calls_of(&list).count() > 3,
            "{fault}: it was read again"
        );
    }
}

/// HTTP statuses and error codes that prove that a write was not carried out.
fn refusals(api: Api) -> Vec<String> {
    let statuses = [400, 401, 403, 404, 413, 422].map(|status| format!("status:{status}"));
    let codes = (1..=16).chain([-32600, -32601, -32602, -32700]);
    let codes = codes.map(|code| format!("error:{code}"));
    let all = statuses.into_iter().chain(codes);
    all.filter(|fault| api.knows(fault)).collect()
}

fn outcome(run: &Run, name: &str) -> String {
    let document = run.json();
    let outcomes = document["outcomes"].as_array().unwrap();
    let found = outcomes.iter().find(|outcome| outcome["name"] == name);
    found.map_or_else(
        || format!("no {name} in {document:#}"),
        |found| found["outcome"].as_str().unwrap().to_owned(),
    )
}

both!(a_refused_create_has_failed_and_is_made_once_the_next_time);

fn a_refused_create_has_failed_and_is_made_once_the_next_time(api: Api) {
    side_by_side(&refusals(api), |fault| {
        let shop = Shop::of(api);
        shop.declare(&[single("film")]);
        shop.fault(&format!("{}={fault}", api.call("createSingleOffer")));
        let run = shop.run("apply --auto-approve --format json");
        ensure(run.code == 1 && outcome(&run, "film") == "failed", || {
            format!("{fault}: {run:?}")
        })?;
        let sent = shop
            .requests()
            .calls_of(&api.call("createSingleOffer"))
            .count();
        ensure(sent == 1, || format!("{fault}: sent {sent} times"))?;
        let pending = shop.run("state list --format json").json()["pending"].clone();
        ensure(pending == Json::Array(Vec::new()), || {
            format!("{fault}: {pending}")
        })?;
        shop.emulator().clear_faults();
        let run = shop.run("apply --auto-approve");
        let made = shop.active("Title of film").len();
        ensure(run.code == 0 && made == 1, || {
            format!("{fault}: {made}, {run:?}")
        })
    });
}

both!(a_refused_create_beside_one_that_is_made_is_five);

fn a_refused_create_beside_one_that_is_made_is_five(api: Api) {
    let faults = match api {
        Api::JsonRpc => ["error:8", "error:-32602", "error:16"],
        Api::Rest => ["error:400", "error:404", "error:422"],
    };
    side_by_side(&faults, |fault| {
        let shop = Shop::of(api);
        shop.declare(&catalogue());
        shop.fault(&format!("{}#2={fault}", api.call("createSingleOffer")));
        let run = shop.run("apply --auto-approve --format json");
        let summary = &run.json()["summary"];
        ensure(
            run.code == 5 && summary["failed"] == 1 && summary["succeeded"] == 4,
            || format!("{fault}: {run:?}"),
        )?;
        let run = shop.run("apply --auto-approve");
        ensure(run.code == 0, || format!("{fault}: {run:?}"))?;
        let rows = shop.emulator().offers().len();
        ensure(rows == 7, || format!("{fault}: {rows} rows"))
    });
}

both!(too_many_requests_is_tried_again_when_the_service_says);

fn too_many_requests_is_tried_again_when_the_service_says(api: Api) {
    let faults = ["status:429", "status:429,retry-after:1"];
    side_by_side(&faults, |fault| {
        let shop = Shop::of(api);
        shop.declare(&[single("film"), Draft::new("pass", "news")]);
        shop.fault(&format!("create*#1-2={fault}"));
        let run = shop.run("apply --auto-approve");
        let made = ["Title of film", "Title of news"].map(|title| shop.active(title).len());
        ensure(run.code == 0 && made == [1, 1], || {
            format!("{fault}: {made:?} {run:?}")
        })
    });
}

both!(a_refused_update_or_deactivation_has_failed_and_is_done_the_next_time);

fn a_refused_update_or_deactivation_has_failed_and_is_done_the_next_time(api: Api) {
    side_by_side(&refusals(api), |fault| {
        let shop = applied(api, &[single("film"), single("gone"), single("stays")]);
        shop.declare(&[single("film").with("description", "New"), single("stays")]);
        shop.fault(&format!("{}={fault}", api.call("updateSingleOffer")));
        shop.fault(&format!("{}={fault}", api.call("deactivateSingleOffer")));
        let run = shop.run("apply --auto-approve --format json");
        let outcomes = ["film", "gone"].map(|name| outcome(&run, name));
        ensure(
            run.code == 1 && outcomes.iter().all(|outcome| outcome == "failed"),
            || format!("{fault}: {run:?}"),
        )?;
        shop.emulator().clear_faults();
        let run = shop.run("apply --auto-approve");
        ensure(run.code == 0, || format!("{fault}: {run:?}"))?;
        ensure(shop.active("Title of gone").is_empty(), || {
            format!("{fault}: still active")
        })?;
        let film = &shop.active("Title of film")[0];
        ensure(film.text(Field::Description) == Some("New"), || {
            format!("{fault}: {film:?}")
        })
    });
}

/// What leaves open whether a write was carried out, each with and without its effect.
fn doubts(api: Api) -> Vec<String> {
    let whole = [
        "cut",
        "garbage",
        "truncate",
        "bare-error",
        "status:302",
        "status:307",
        "status:408",
        "status:409",
        "status:500",
        "status:502",
        "status:503",
        "status:504",
        "error:-32603",
        "error:-32000",
        "error:17",
        "error:999",
        "error:0",
    ];
    let both = whole
        .iter()
        .flat_map(|fault| [(*fault).to_owned(), format!("{fault},after")]);
    let members = ["missing", "missing,before", "double", "wrong-id"].map(str::to_owned);
    let all = both.chain(members);
    all.filter(|fault| api.knows(fault)).collect()
}

/// Applies until nothing is open, at most three times; the codes.
fn apply_until_settled(shop: &Shop) -> Result<Vec<i32>, String> {
    let mut codes = Vec::new();
    for _ in 0..3 {
        let run = shop.run("apply --auto-approve");
        codes.push(run.code);
        // 3 where a person has to adopt what was made: that is no second create.
        if ![0, 3, 5, 6].contains(&run.code) {
            return Err(format!("{run:?}"));
        }
        if run.code == 0 {
            break;
        }
    }
    Ok(codes)
}

both!(a_create_without_an_answer_is_never_made_twice);

fn a_create_without_an_answer_is_never_made_twice(api: Api) {
    side_by_side(&doubts(api), |fault| {
        let shop = Shop::of(api);
        shop.declare(&catalogue());
        shop.fault(&format!("{}#2={fault}", api.call("createSingleOffer")));
        let codes = apply_until_settled(&shop).map_err(|problem| format!("{fault}: {problem}"))?;
        ensure([0, 5, 6].contains(&codes[0]), || {
            format!("{fault}: {codes:?}")
        })?;
        for name in ["film-1", "film-2", "film-3", "news"] {
            let made = shop.active(&format!("Title of {name}")).len();
            ensure(made <= 1, || {
                format!("{fault}: {name} was made {made} times, {codes:?}")
            })?;
        }
        let rows = shop.active("Title of world").len();
        ensure([0, 3].contains(&rows), || {
            format!("{fault}: {rows} rows, {codes:?}")
        })
    });
}

both!(a_create_without_an_answer_is_settled_in_the_same_run);

fn a_create_without_an_answer_is_settled_in_the_same_run(api: Api) {
    side_by_side(&doubts(api), |fault| {
        let shop = Shop::of(api);
        shop.declare(&catalogue());
        shop.fault(&format!("{}#2={fault}", api.call("createSingleOffer")));
        let run = shop.run("apply --auto-approve");
        ensure(run.code == 0, || format!("{fault}: {run:?}"))?;
        for name in ["film-1", "film-2", "film-3", "news"] {
            let made = shop.active(&format!("Title of {name}")).len();
            ensure(made == 1, || {
                format!("{fault}: {name} was made {made} times, {run:?}")
            })?;
        }
        let rows = shop.active("Title of world").len();
        ensure(rows == 3, || format!("{fault}: {rows} rows, {run:?}"))?;
        let plan = shop.run("plan --detailed-exitcode");
        ensure(plan.code == 0, || format!("{fault}: {plan:?}"))
    });
}

both!(a_localized_create_without_an_answer_is_never_made_twice);

fn a_localized_create_without_an_answer_is_never_made_twice(api: Api) {
    side_by_side(&doubts(api), |fault| {
        let shop = Shop::of(api);
        shop.declare(&[Draft::new("subscription", "world").localized()]);
        shop.fault(&format!("create*#1={fault}"));
        let codes = apply_until_settled(&shop).map_err(|problem| format!("{fault}: {problem}"))?;
        let rows = shop.active("Title of world").len();
        ensure([0, 3].contains(&rows), || {
            format!("{fault}: {rows} rows, {codes:?}")
        })
    });
}

both!(a_create_that_takes_too_long_is_never_made_twice);

fn a_create_that_takes_too_long_is_never_made_twice(api: Api) {
    let faults = [
        "delay:4000",
        "delay:4000,after",
        "cut,after,late:150",
        "cut,after,late:150,gets",
    ];
    side_by_side(&faults, |fault| {
        let shop = Shop::of(api);
        let config = shop.read("offerctl.yaml");
        // What was on its way takes effect 3 seconds after the connection has ended: within the window.
        let limits = "{settleSeconds: 5, timeoutSeconds: 1}";
        shop.write(
            "offerctl.yaml",
            &config.replace("{settleSeconds: 0.2}", limits),
        );
        shop.declare(&[single("film"), Draft::new("pass", "news")]);
        shop.fault(&format!("{}#1={fault}", api.call("createSingleOffer")));
        let codes = apply_until_settled(&shop).map_err(|problem| format!("{fault}: {problem}"))?;
        ensure([0, 5, 6].contains(&codes[0]), || {
            format!("{fault}: {codes:?}")
        })?;
        // Whatever was still on its way has arrived by now.
        std::thread::sleep(std::time::Duration::from_secs(4));
        let made = ["Title of film", "Title of news"].map(|title| shop.active(title).len());
        ensure(made[0] <= 1 && made[1] <= 1, || {
            format!("{fault}: {made:?}, {codes:?}")
        })
    });
}

/// Applies an update and a deactivation, one of which gets no answer; the codes of this and of a second run.
fn apply_without_an_answer(api: Api, fault: &str, method: &str) -> Result<[i32; 2], String> {
    let shop = applied(api, &[single("film"), single("gone"), single("stays")]);
    shop.declare(&[single("film").with("description", "New"), single("stays")]);
    shop.fault(&format!("{}#1={fault}", api.call(method)));
    let first = shop.run("apply --auto-approve");
    let second = shop.run("apply --auto-approve");
    let film = shop.active("Title of film");
    ensure(
        film.len() == 1
            && film[0].text(Field::Description) == Some("New")
            && shop.active("Title of gone").is_empty()
            && shop.emulator().offers().len() == 3,
        || format!("{method}={fault}: first {first:?}\nthen {second:?}"),
    )?;
    Ok([first.code, second.code])
}

const CHANGES: [&str; 2] = ["updateSingleOffer", "deactivateSingleOffer"];

both!(an_update_or_deactivation_without_an_answer_comes_right_the_next_time);

fn an_update_or_deactivation_without_an_answer_comes_right_the_next_time(api: Api) {
    side_by_side(&doubts(api), |fault| {
        for method in CHANGES {
            let codes = apply_without_an_answer(api, fault, method)?;
            ensure([0, 1, 5, 6].contains(&codes[0]) && codes[1] == 0, || {
                format!("{method}={fault}: {codes:?}")
            })?;
        }
        Ok(())
    });
}

both!(an_update_or_deactivation_without_an_answer_is_read_back_and_repeated);

fn an_update_or_deactivation_without_an_answer_is_read_back_and_repeated(api: Api) {
    side_by_side(&doubts(api), |fault| {
        for method in CHANGES {
            let codes = apply_without_an_answer(api, fault, method)?;
            ensure(codes == [0, 0], || format!("{method}={fault}: {codes:?}"))?;
        }
        Ok(())
    });
}

both!(a_value_that_did_not_stick_is_an_error_that_names_both);

fn a_value_that_did_not_stick_is_an_error_that_names_both(api: Api) {
    for (fault, sent, stored) in [
        ("store:price=99.99", "11", "99.99"),
        ("ignore:price", "11", "10"),
    ] {
        let shop = applied(api, &[single("film"), single("stays")]);
        shop.declare(&[single("film").with("price", "11.00"), single("stays")]);
        shop.fault(&format!("{}={fault}", api.call("updateSingleOffer")));
        let run = shop.run("apply --auto-approve --format json");
        assert!([1, 5].contains(&run.code), "{run:?}");
        let document = run.json();
        let error = document["outcomes"][0]["error"].as_str().unwrap();
        assert!(error.contains(sent) && error.contains(stored), "{error}");
    }
}

#[test]
fn an_answer_in_another_order_is_no_problem() {
    // Over REST there are no batches.
    let shop = Shop::new();
    shop.declare(&catalogue());
    shop.fault("*=shuffled");
    let _run = shop.apply();
    let state = shop.state();
    for name in ["film-1", "film-2", "film-3", "news"] {
        let id = shop.id(&format!("Title of {name}"));
        assert_eq!(state["offers"][name]["id"], id.as_str());
    }
    shop.expect_no_changes();
}

both!(redirects_are_not_followed);

fn redirects_are_not_followed(api: Api) {
    let elsewhere = Shop::of(api);
    let location = format!("{}/3.0/json-rpc", elsewhere.emulator().url());
    let shop = Shop::of(api);
    shop.declare(&[single("film")]);
    shop.fault(&format!("create*#1=status:307,location:{location}"));
    let run = shop.run("apply --auto-approve");
    assert!([0, 5, 6].contains(&run.code), "{run:?}");
    assert_eq!(elsewhere.requests().http_requests(), 0);
    shop.emulator().clear_faults();
    shop.fault(&format!("list*=status:308,location:{location}"));
    shop.run("plan").exits(1);
    assert_eq!(elsewhere.requests().http_requests(), 0);
}
