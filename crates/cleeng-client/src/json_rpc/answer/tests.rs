//! Answers that fit their calls, and all those that do not.

use super::*;

/// Describes what two calls in an array get out of a body.
fn check(body: &str, expect: &str) {
    check_form(body, Form::Array, 2, expect);
}

fn check_form(body: &str, form: Form, calls: usize, expect: &str) {
    let token = Token::new("canary-token").unwrap();
    let shown = match assign(body, form, calls, &token) {
        Err(kind) => format!("all: {}", show(&kind)),
        Ok(assigned) => {
            assert_eq!(assigned.len(), calls);
            let shown: Vec<String> = assigned
                .into_iter()
                .map(|result| match result {
                    Ok(range) => body[range].to_owned(),
                    Err(kind) => show(&kind),
                })
                .collect();
            shown.join(" | ")
        }
    };
    assert_eq!(shown, expect, "{body}");
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the others have nothing to show"
)]
fn show(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::Refused(error) => format!("refused {error}"),
        ErrorKind::Unassigned(error) => format!("unassigned {error}"),
        ErrorKind::Contradictory(error) => format!("contradictory {error}"),
        ErrorKind::Unreadable(error) => format!("unreadable {}", error.expected),
        other => format!("{other:?}").to_lowercase(),
    }
}

#[test]
fn numbers_decide_whatever_their_order_and_form() {
    check(
        r#"[{"result":"b","id":"2"},{"result":"a","id":1}]"#,
        r#""a" | "b""#,
    );
    check(
        r#" [{"result":{"x":[1]},"error":null,"id":1.0},{"id":" 2 ","result":2}] "#,
        r#"{"x":[1]} | 2"#,
    );
}

#[test]
fn an_error_belongs_to_its_call() {
    check(
        r#"[{"result":null,"error":{"code":8,"message":"no","data":{}},"id":"1"},{"result":1,"id":"2"}]"#,
        "refused no (code 8) | 1",
    );
    check(
        r#"[{"error":{"code":"4","message":"gone","data":[]},"id":"2"},{"error":"down","id":"1"}]"#,
        "refused \"down\" (no code) | refused gone (code 4)",
    );
    check(
        r#"[{"error":{"message":"m"},"id":1},{"error":{"code":1.5},"id":2}]"#,
        r#"refused m (no code) | refused {"code":1.5} (no code)"#,
    );
}

#[test]
fn a_missing_member_is_missing() {
    check(r#"[{"result":1,"id":"1"}]"#, "1 | missing");
    check("[]", "missing | missing");
    check(r#"[{"result":1,"id":"1"},{"result":2}]"#, "1 | missing");
    check(
        r#"[{"result":1,"id":"1"},{"result":2,"id":null}]"#,
        "1 | missing",
    );
}

#[test]
fn an_unknown_number_answers_nobody() {
    for id in [
        "3", "\"0\"", "-1", "\"x\"", "1.5", "[1]", "1e99", "{}", "true",
    ] {
        check(
            &format!(r#"[{{"result":1,"id":"1"}},{{"result":2,"id":{id}}}]"#),
            "1 | missing",
        );
    }
}

#[test]
fn a_repeated_number_is_an_error_of_that_call() {
    check(
        r#"[{"result":1,"id":"1"},{"result":2,"id":1},{"result":3,"id":2}]"#,
        "repeated | 3",
    );
    check(
        r#"[{"result":1,"id":1},{"error":{"code":8},"id":1},{"result":2,"id":1}]"#,
        "repeated | missing",
    );
}

#[test]
fn an_error_without_a_number_is_told_to_those_without_an_answer() {
    check(
        r#"[{"result":1,"id":"1"},{"error":{"code":-32600,"message":"bad"},"id":null}]"#,
        "1 | unassigned bad (code -32600)",
    );
}

#[test]
fn garbage_among_the_members_spoils_only_itself() {
    check(
        r#"[null,true,0,-1,1.5,"x",[1,{"id":1}],{"result":2,"id":2}]"#,
        "missing | 2",
    );
}

#[test]
fn an_array_is_no_answer_by_position() {
    check(
        r#"[["1",{"id":"P1_US"},null],{"result":2,"id":2}]"#,
        "missing | 2",
    );
}

#[test]
fn a_member_with_both_or_neither_is_an_error() {
    check(
        r#"[{"result":1,"error":{"code":4,"message":"x"},"id":1},{"result":null,"error":null,"id":2}]"#,
        "contradictory x (code 4) | empty",
    );
}

#[test]
fn a_bare_error_in_the_place_of_the_array_is_nobodys() {
    check(
        r#"{"code":3,"message":"token","data":{}}"#,
        "all: unassigned token (code 3)",
    );
    check(
        r#"{"result":null,"error":{"code":3,"message":"token"},"id":"1","jsonrpc":"2.0"}"#,
        "all: unassigned token (code 3)",
    );
    check_form(
        r#"{"result":null,"error":{"code":3,"message":"token"},"id":"1"}"#,
        Form::Array,
        1,
        "all: unassigned token (code 3)",
    );
}

#[test]
fn a_bare_result_answers_an_array_of_one() {
    check_form(r#"{"result":1,"id":"1"}"#, Form::Array, 1, "1");
    check(
        r#"{"result":1,"id":"1"}"#,
        "all: unreadable an array of answers",
    );
    check_form(
        r#"{"result":1}"#,
        Form::Array,
        1,
        "all: unreadable an array of answers",
    );
}

#[test]
fn a_call_by_itself_is_answered_by_itself_or_in_an_array() {
    check_form(r#"{"result":1,"id":"1"}"#, Form::Object, 1, "1");
    check_form(r#"[{"result":1,"id":"1"}]"#, Form::Object, 1, "1");
    check_form(
        r#"{"error":{"code":4,"message":"gone"},"id":"1"}"#,
        Form::Object,
        1,
        "refused gone (code 4)",
    );
    check_form(r#"{"result":1}"#, Form::Object, 1, "all: missing");
    check_form(r#"{"result":1,"id":2}"#, Form::Object, 1, "all: missing");
    check_form(
        r#"{"error":{"code":-32700,"message":"bad"},"id":null}"#,
        Form::Object,
        1,
        "all: unassigned bad (code -32700)",
    );
    check_form(
        r#"{"code":4,"message":"gone"}"#,
        Form::Object,
        1,
        "all: unassigned gone (code 4)",
    );
}

#[test]
fn what_is_no_json_is_unreadable() {
    for body in [
        "",
        " ",
        "null",
        "1",
        "\"x\"",
        "<html>",
        "[",
        r#"[{"result":1,"id":"1"}"#,
        r#"[{"result":1,"id":"1"},{"result":2,"id":"2"}] x"#,
        r#"[{"id":1,"id":2}]"#,
    ] {
        check(body, "all: unreadable an array of answers");
    }
}

#[test]
fn depth_costs_no_stack() {
    let deep = "[".repeat(1_000_000);
    check(&deep, "all: unreadable an array of answers");
    let deep = format!(
        r#"[{{"result":{}{},"id":1}}]"#,
        "[".repeat(500_000),
        "]".repeat(500_000)
    );
    let token = Token::new("canary-token").unwrap();
    let assigned = assign(&deep, Form::Array, 2, &token).unwrap();
    assert!(assigned[0].is_ok());
}
