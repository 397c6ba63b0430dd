//! Many calls in one request, and what comes of answers that do not fit.

use cleeng_client::{Error, ErrorKind, json_rpc::*};

use crate::server::{Reply, Server, fixture};

/// Answers calls by their numbers with passes `P1_US`, `P2_US`, …, in the order given.
fn passes(numbers: impl IntoIterator<Item = usize>) -> String {
    let members: Vec<String> = numbers
        .into_iter()
        .map(|n| format!(r#"{{"result":{{"id":"P{n}_US"}},"id":"{n}","error":null}}"#))
        .collect();
    format!("[{}]", members.join(","))
}

fn gets(count: usize) -> Vec<GetPassOffer> {
    (1..=count)
        .map(|n| GetPassOffer::new(format!("P{n}_US")))
        .collect()
}

fn deactivations(count: usize) -> Vec<DeactivatePassOffer> {
    (1..=count)
        .map(|n| DeactivatePassOffer::new(format!("P{n}_US")))
        .collect()
}

/// Describes results in short.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the others have nothing to show"
)]
fn show(results: Vec<Result<PassOffer, Error>>) -> Vec<String> {
    let kind = |error: Error| match error.kind() {
        ErrorKind::Refused(error) => format!("refused {}", error.code.unwrap_or_default()),
        ErrorKind::Unassigned(error) => format!("unassigned {}", error.code.unwrap_or_default()),
        ErrorKind::Unreadable(_) => "unreadable".to_owned(),
        ErrorKind::Status(error) => format!("status {}", error.status),
        other => format!("{other:?}").to_lowercase(),
    };
    results
        .into_iter()
        .map(|result| result.map_or_else(kind, |offer| offer.id.to_string()))
        .collect()
}

#[tokio::test]
async fn calls_of_different_types_share_a_request() {
    let list = fixture("list-single-offers.answer").replace(r#""id":"1","#, r#""id":"2","#);
    let vod = fixture("get-vod-offer.answer").replace(r#""id":"1","#, r#""id":"3","#);
    let rental = fixture("get-rental-offer.answer");
    let server = Server::start([Reply::json(format!("[{vod},{rental},{list}]"))]);
    let reader = server.reader();

    let mut batch = reader.batch();
    assert!(batch.is_empty());
    let a = batch.add(GetRentalOffer::new("R948468705_US"));
    let b = batch.add(ListSingleOffers::new());
    let c = batch.add(GetVodOffer::new("A371234349_PL"));
    assert_eq!(batch.len(), 3);
    let answers = batch.send().await;

    let c: VodOffer = answers.take(c).unwrap();
    let b: Page<SingleOffer> = answers.take(b).unwrap();
    let a: RentalOffer = answers.take(a).unwrap();
    assert_eq!(a.id.as_str(), "R948468705_US");
    assert_eq!(b.total_item_count, 59);
    assert_eq!(c.id.as_str(), "A371234349_PL");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_empty_batch_sends_nothing() {
    let server = Server::start([]);
    let _answers = server.reader().batch().send().await;
    assert!(server.reader().call_many(gets(0)).await.is_empty());
    assert!(server.writer().call_many(deactivations(0)).await.is_empty());
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn results_come_in_the_order_of_the_calls() {
    let server = Server::start([Reply::json(passes([3, 1, 2]))]);
    let results = server.reader().call_many(gets(3)).await;
    assert_eq!(show(results), ["P1_US", "P2_US", "P3_US"]);
}

#[tokio::test]
async fn a_long_batch_goes_in_several_requests() {
    let server = Server::start([
        Reply::json(passes(1..=25)),
        Reply::json(passes((1..=25).rev())),
        Reply::json(passes([1])),
    ]);
    let results = server.reader().call_many(gets(51)).await;
    assert!(results.iter().all(Result::is_ok));
    let sizes: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.body.matches("\"method\"").count())
        .collect();
    assert_eq!(sizes, [25, 25, 1]);
    let last = &server.requests()[2].body;
    assert!(
        last.contains("P51_US") && last.contains(r#""id":1}"#),
        "{last}"
    );
}

#[tokio::test]
async fn the_size_of_a_request_is_configurable() {
    let server = Server::start([Reply::json(passes([1])), Reply::json(passes([1]))]);
    let reader = Reader::new(&server.config().calls_per_request(0)).unwrap();
    let results = reader.call_many(gets(2)).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_refused_call_does_not_stop_a_long_batch() {
    let refusal = r#"[{"result":null,"error":{"code":8,"message":"no"},"id":"1"}]"#;
    let server = Server::start([Reply::json(refusal), Reply::json(passes([1]))]);
    let writer = Writer::new(&server.config().calls_per_request(1)).unwrap();
    let results = writer.call_many(deactivations(2)).await;
    assert_eq!(show(results), ["refused 8", "P1_US"]);
}

#[tokio::test]
async fn nothing_is_sent_after_a_request_without_a_proper_answer() {
    let server = Server::start([
        Reply::json(passes([1, 2])),
        Reply::json(passes([1])),
        Reply::json(passes([1, 2])),
    ]);
    let writer = Writer::new(&server.config().calls_per_request(2)).unwrap();
    let results = writer.call_many(deactivations(6)).await;
    for skipped in &results[4..] {
        let error = skipped.as_ref().unwrap_err();
        assert!(error.is_proven_refused());
        assert_eq!(error.operation(), "deactivatePassOffer");
    }
    assert_eq!(
        show(results),
        ["P1_US", "P2_US", "P1_US", "missing", "skipped", "skipped"]
    );
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_status_is_the_error_of_every_call() {
    let server = Server::start([Reply::status("503 Busy", &["retry-after: 7"], "later")]);
    let results = server.writer().call_many(deactivations(2)).await;
    for result in &results {
        let error = result.as_ref().unwrap_err();
        assert_eq!(error.retry_after().unwrap().as_secs(), 7);
        assert_eq!(error.http_status(), Some(503));
    }
    assert_eq!(show(results), ["status 503", "status 503"]);
}

/// Sends two writes and checks what becomes of them; nothing of it may be a proof.
async fn check_unproven(answer: &str, expect: [&str; 2]) {
    let server = Server::start([Reply::json(answer)]);
    let results = server.writer().call_many(deactivations(2)).await;
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(!error.is_proven_refused(), "{answer}: {error:?}");
        assert_eq!(error.http_status(), Some(200));
    }
    assert_eq!(show(results), expect, "{answer}");
}

#[tokio::test]
async fn answers_that_do_not_fit_prove_nothing() {
    let result = r#"{"id":"P1_US"}"#;
    for (answer, expect) in [
        (passes([1]), ["P1_US", "missing"]),
        (passes([1, 1, 2]), ["repeated", "P2_US"]),
        (passes([1, 3]), ["P1_US", "missing"]),
        (passes([]), ["missing", "missing"]),
        (
            fixture("error-bare.answer"),
            ["unassigned 3", "unassigned 3"],
        ),
        (
            fixture("error-publisher-token.answer"),
            ["unassigned 3", "unassigned 3"],
        ),
        (
            format!(r#"{{"result":{result},"id":"1"}}"#),
            ["unreadable", "unreadable"],
        ),
        (
            format!(r#"[{{"result":{result},"id":"1"}},{{"error":{{"code":3}},"id":null}}]"#),
            ["P1_US", "unassigned 3"],
        ),
        (
            format!(r#"[{{"result":{result},"id":"1"}},{{"result":null,"id":"2"}}]"#),
            ["P1_US", "empty"],
        ),
        (
            format!(r#"[{{"result":{result},"id":"1"}},{{"result":[],"id":"2"}}]"#),
            ["P1_US", "unreadable"],
        ),
        ("<html></html>".to_owned(), ["unreadable", "unreadable"]),
        (String::new(), ["unreadable", "unreadable"]),
        (
            passes([1, 2]).trim_end_matches(']').to_owned(),
            ["unreadable", "unreadable"],
        ),
    ] {
        check_unproven(&answer, expect).await;
    }
}

#[tokio::test]
async fn a_bare_result_answers_a_batch_of_one() {
    let server = Server::start([Reply::json(r#"{"result":{"id":"P1_US"},"id":"1"}"#)]);
    let results = server.writer().call_many(deactivations(1)).await;
    assert_eq!(show(results), ["P1_US"]);
}

#[tokio::test]
async fn a_bare_error_for_a_batch_of_one_proves_nothing() {
    let server = Server::start([Reply::json(fixture("error-publisher-token.answer"))]);
    let results = server.writer().call_many(deactivations(1)).await;
    assert!(!results[0].as_ref().unwrap_err().is_proven_refused());
    assert_eq!(show(results), ["unassigned 3"]);
}

#[tokio::test]
async fn a_ticket_of_another_batch_fetches_nothing() {
    let server = Server::start([Reply::json(passes([1]))]);
    let reader = server.reader();
    let mut other = reader.batch();
    let foreign = other.add(GetPassOffer::new("P1_US"));
    let mut batch = reader.batch();
    let ticket = batch.add(GetPassOffer::new("P1_US"));
    let answers = batch.send().await;
    let error = answers.take(foreign).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ForeignTicket));
    assert!(answers.take(ticket).is_ok());
}

#[tokio::test]
async fn a_writer_lends_its_connection_to_a_reader() {
    let server = Server::start([Reply::json(passes([1])), Reply::json(passes([1]))]);
    let writer = server.writer();
    assert!(writer.call(DeactivatePassOffer::new("P1_US")).await.is_ok());
    assert!(
        writer
            .reader()
            .call(GetPassOffer::new("P1_US"))
            .await
            .is_ok()
    );
    let connections: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.connection)
        .collect();
    assert_eq!(connections, [1, 1]);
}

/// What is awaited in a task must be able to move between threads.
#[tokio::test]
async fn calls_can_be_tasks() {
    let server = Server::start([Reply::json(passes([1])), Reply::json(passes([1]))]);
    let mut tasks = tokio::task::JoinSet::new();
    let writer = server.writer();
    let reader = server.reader();
    tasks.spawn(async move { writer.call_many(deactivations(1)).await.len() });
    tasks.spawn(async move { reader.call_many(gets(1)).await.len() });
    assert_eq!(tasks.join_all().await, [1, 1]);
}
