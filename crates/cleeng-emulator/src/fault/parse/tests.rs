//! Actions as they are written, and the refusals of what is none.

use rust_decimal::Decimal;
use serde_json::json;

use super::*;

#[track_caller]
fn check(text: &str, mishap: Mishap, writes: Vec<WriteFault>) {
    assert_eq!(parse(text), Ok(Action { mishap, writes }), "{text}");
}

fn status(code: u16) -> Spoil {
    Spoil::Status {
        code,
        retry_after: None,
        location: None,
    }
}

fn late(delay: u64) -> WriteFault {
    WriteFault::Late {
        delay: Duration::from_millis(delay),
        scope: Scope::Lists,
        part: Part::All,
    }
}

#[test]
fn faults_of_the_whole_answer_come_before_the_effect_unless_told() {
    let whole = |text, spoil, extent| check(text, Mishap::Whole(spoil, extent), vec![]);
    whole("cut", Spoil::Cut, Extent::Before);
    whole("cut,before", Spoil::Cut, Extent::Before);
    whole("silence", Spoil::Silence, Extent::Before);
    whole("garbage,after", Spoil::Garbage, Extent::After);
    whole("truncate,after:all", Spoil::Truncate, Extent::AfterAll);
    let later = Spoil::Status {
        code: 429,
        retry_after: Some(3),
        location: None,
    };
    whole(
        "status:429,retry-after:3,after:all",
        later,
        Extent::AfterAll,
    );
    let moved = Spoil::Status {
        code: 307,
        retry_after: None,
        location: Some("http://127.0.0.1:1/x".to_owned()),
    };
    let text = "status:307,location:http://127.0.0.1:1/x";
    whole(text, moved, Extent::Before);
}

#[test]
fn effect_behind_a_spoiled_answer_may_show_late() {
    let late = WriteFault::Late {
        delay: Duration::from_millis(5),
        scope: Scope::Everywhere,
        part: Part::All,
    };
    let cut = Mishap::Whole(Spoil::Cut, Extent::After);
    check("cut,after,late:5,gets", cut, vec![late]);
}

#[test]
fn value_behind_a_wrong_answer_may_be_wrong_too() {
    let ignored = WriteFault::Ignore(Field::ExternalProperties);
    check(
        "status:503,after,ignore:externalProperties,late:120",
        Mishap::Whole(status(503), Extent::After),
        vec![late(120), ignored.clone()],
    );
    check(
        "cut,after:all,ignore:price,ignore:externalProperties",
        Mishap::Whole(Spoil::Cut, Extent::AfterAll),
        vec![WriteFault::Ignore(Field::Price), ignored.clone()],
    );
    for (text, mishap) in [
        ("error:500,after", Mishap::Error(500, Moment::After)),
        ("double", Mishap::Member(MemberFault::Double)),
        (
            "missing",
            Mishap::Member(MemberFault::Missing(Moment::After)),
        ),
    ] {
        let text = format!("{text},ignore:externalProperties");
        check(&text, mishap, vec![ignored.clone()]);
    }
    check(
        "late:120,ignore:externalProperties",
        Mishap::Write,
        vec![late(120), ignored],
    );
    let stored = WriteFault::Store {
        field: Field::Title,
        value: "a, b".into(),
    };
    let cut = Mishap::Whole(Spoil::Cut, Extent::After);
    check("cut,after,store:title=a, b", cut, vec![stored]);
}

#[test]
fn what_does_not_take_effect_stores_nothing_wrong() {
    for text in [
        "cut",
        "cut,before",
        "status:429",
        "error:8",
        "missing,before",
        "body-of-another,before",
    ] {
        for (write, word) in [
            ("late:5", "late"),
            ("ignore:price", "ignore"),
            ("store:price=1", "store"),
        ] {
            let reason = format!("`{word}` goes with `after`");
            assert_eq!(parse(&format!("{text},{write}")), Err(reason), "{text}");
        }
    }
}

#[test]
fn missing_members_take_effect_unless_told() {
    let missing = |moment| Mishap::Member(MemberFault::Missing(moment));
    check("missing", missing(Moment::After), vec![]);
    check("missing,before", missing(Moment::Before), vec![]);
}

#[test]
fn results_may_be_those_of_other_offers() {
    let result = |of: Option<Which>, extract| ResultFault { of, extract };
    let id: Which = Which::from_id("P123456789").unwrap();
    for (text, fault, moment) in [
        (
            "body-of-another",
            result(Some(Which::Youngest), Extract::Whole),
            Moment::After,
        ),
        (
            "body-of:oldest,before",
            result(Some(Which::Oldest), Extract::Whole),
            Moment::Before,
        ),
        (
            "body-of:P123456789,answer-only:id",
            result(Some(id), Extract::Id),
            Moment::After,
        ),
        ("answer-only:id", result(None, Extract::Id), Moment::After),
    ] {
        check(text, Mishap::Result(fault, moment), vec![]);
    }
}

#[test]
fn faults_of_lists_may_be_joined() {
    let list = |text, faults| check(text, Mishap::List(faults), vec![]);
    let endless = ListFault::Endless(Rows::Same);
    list(
        "total-is:18446744073709551615",
        vec![ListFault::TotalIs(u64::MAX)],
    );
    list(
        "endless:same,no-total",
        vec![endless.clone(), ListFault::NoTotal],
    );
    let link = || ListFault::Link(Link::Endless);
    list("link:endless,endless:same", vec![link(), endless]);
    list(
        "link:endless",
        vec![ListFault::Endless(Rows::MadeUp), link()],
    );
}

#[test]
fn values_are_json_or_else_texts() {
    let store = |text, field, value: FieldValue| {
        check(
            text,
            Mishap::Write,
            vec![WriteFault::Store { field, value }],
        );
    };
    let price = Decimal::new(9999, 2).into();
    store("store:price=99.99", Field::Price, price);
    store("store:title=a, b", Field::Title, "a, b".into());
    store("store:tags=[\"a\"]", Field::Tags, ["a"].into());
    let map = BTreeMap::from([("offerctl".to_owned(), "club/gold".to_owned())]);
    let text = "store:externalProperties={\"offerctl\":\"club/gold\"}";
    store(text, Field::ExternalProperties, map.into());
    let answer = WriteFault::Answer {
        member: "active".to_owned(),
        value: json!("1"),
    };
    check("answer:active=\"1\"", Mishap::Write, vec![answer]);
}

#[test]
fn wrong_actions_say_what_is_wrong() {
    for (text, reason) in [
        ("", "there is no action ``"),
        ("explode", "there is no action `explode`"),
        ("cut:5", "there is no action `cut:5`"),
        ("status:99", "`99` is no final HTTP status"),
        ("status:x", "`x` is no final HTTP status"),
        ("delay:soon", "`soon` is no whole number that fits"),
        (
            "late:99999999999",
            "`99999999999` milliseconds are more than a day",
        ),
        ("cut,aftr", "`aftr` does not belong there"),
        ("cut,after:some", "`some` is not `all`"),
        ("double,after", "`after` does not belong there"),
        ("cut,late:5", "`late` goes with `after`"),
        ("cut,gets", "`gets` does not belong there"),
        ("delay:5,after,late:5", "`late` does not belong there"),
        ("short,after", "`after` does not belong there"),
        ("short,late:5", "`late` does not belong there"),
        ("short,store:price=1", "`store` does not belong there"),
        ("ignore:prise", "there is no field `prise`"),
        ("cut,after,ignore:prise", "there is no field `prise`"),
        ("store:price", "`store` lacks a value"),
        ("store:price=cheap", "`price` cannot hold `cheap`"),
        ("store:title={}", "`title` cannot hold `{}`"),
        ("total-is:-1", "`-1` is no whole number that fits"),
        (
            "body-of:eldest",
            "`eldest` is none of youngest, oldest and an offer id",
        ),
        (
            "link:next",
            "`next` is none of self, first, endless, elsewhere and an address",
        ),
        (
            "answer-only:title",
            "there is no action `answer-only:title`",
        ),
    ] {
        assert_eq!(parse(text), Err(reason.to_owned()), "{text}");
    }
}
