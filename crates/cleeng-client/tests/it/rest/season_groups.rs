//! Groups of seasons: what is sent, and what is made of the answers (docs/cleeng-api.md §5.8).

use cleeng_client::{
    Error, ErrorKind, Member,
    rest::{CreateOffer, PeriodData, PriceData, SeasonData, SeasonGroup, SeasonGroupId},
};

use super::{reader, writer};
use crate::server::{Reply, Request, Server, fixture};

const ID: &str = "0bdb7589-762c-40bf-b501-a0f02b59d76d";

const SEASON: SeasonData = SeasonData {
    start_date: 1_764_590_400,
    end_date: 1_777_636_800,
};

fn id() -> SeasonGroupId {
    SeasonGroupId::from(ID)
}

/// A server that answers with a group.
fn server() -> Server {
    Server::start([Reply::json(fixture("rest-season-group.answer"))])
}

#[track_caller]
fn check_request(request: &Request, line: &str, body: &str) {
    let line = format!("{line} HTTP/1.1").replace("{id}", ID);
    assert_eq!(request.head.lines().next().unwrap(), line);
    assert_eq!(request.body, body);
}

#[track_caller]
fn check_group(group: &SeasonGroup) {
    assert_eq!(group.id, id());
    assert_eq!(group.name, Member::Value("NFL".to_owned()));
    let [first, second] = &group.seasons.value().unwrap()[..] else {
        panic!("{group:?}");
    };
    assert_eq!((first.id, second.id), (1, 2));
    assert_eq!(second.start_date, Member::Value(SEASON.start_date));
    assert_eq!(second.end_date, Member::Value(SEASON.end_date));
}

#[tokio::test]
async fn a_group_is_read() {
    let server = server();
    check_group(&reader(&server).get_season_group(&id()).await.unwrap());
    check_request(&server.request(), "GET /3.1/offers/season-groups/{id}", "");
}

#[tokio::test]
async fn all_groups_are_read() {
    let group = fixture("rest-season-group.answer");
    let server = Server::start([Reply::json(format!("[{group}]"))]);
    let groups = reader(&server).list_season_groups().await.unwrap();
    assert_eq!(groups.len(), 1);
    check_group(&groups[0]);
    check_request(&server.request(), "GET /3.1/offers/season-groups", "");
    let server = Server::start([Reply::json("[]")]);
    assert_eq!(reader(&server).list_season_groups().await.unwrap(), []);
}

#[tokio::test]
async fn groups_are_created_renamed_and_deleted() {
    let server = server();
    check_group(&writer(&server).create_season_group("NFL").await.unwrap());
    let path = "POST /3.1/offers/season-groups";
    check_request(&server.request(), path, r#"{"name":"NFL"}"#);

    let server = self::server();
    let renamed = writer(&server).rename_season_group(&id(), "NFL").await;
    check_group(&renamed.unwrap());
    let path = "PATCH /3.1/offers/season-groups/{id}";
    check_request(&server.request(), path, r#"{"name":"NFL"}"#);

    let server = Server::start([Reply::json(r#"{"message":"Season group deleted"}"#)]);
    writer(&server).delete_season_group(&id()).await.unwrap();
    let path = "DELETE /3.1/offers/season-groups/{id}";
    check_request(&server.request(), path, "");
    assert!(server.request().head.contains("content-length: 0\r\n"));
}

#[tokio::test]
async fn seasons_are_added_moved_and_removed() {
    let dates = r#"{"startDate":1764590400,"endDate":1777636800}"#;
    let server = server();
    check_group(&writer(&server).create_season(&id(), SEASON).await.unwrap());
    let path = "POST /3.1/offers/season-groups/{id}/seasons";
    check_request(&server.request(), path, dates);

    let server = self::server();
    let moved = writer(&server).patch_season(&id(), 2, SEASON).await;
    check_group(&moved.unwrap());
    let path = "PATCH /3.1/offers/season-groups/{id}/seasons/2";
    check_request(&server.request(), path, dates);

    let server = self::server();
    check_group(&writer(&server).delete_season(&id(), 2).await.unwrap());
    let path = "DELETE /3.1/offers/season-groups/{id}/seasons/2";
    check_request(&server.request(), path, "");
}

#[tokio::test]
async fn a_refusal_says_why() {
    let message = r#"{"message":"Season group 'NFL' already exists"}"#;
    let server = Server::start([Reply::status("422 X", &[], message)]);
    let error: Error = writer(&server)
        .create_season_group("NFL")
        .await
        .unwrap_err();
    assert!(error.is_proven_refused());
    let told = error.status_error().unwrap();
    assert_eq!(
        told.message.as_deref(),
        Some("Season group 'NFL' already exists")
    );
}

#[tokio::test]
async fn what_is_no_group_is_an_error() {
    for body in [
        "{}",
        "[]",
        r#"{"name":"NFL","seasons":[]}"#,
        r#"{"id":"","name":"NFL"}"#,
        r#"{"id":"g","seasons":[{"startDate":1}]}"#,
        r#"{"id":"g","seasons":{"id":1}}"#,
    ] {
        let server = Server::start([Reply::json(body)]);
        let error = reader(&server).get_season_group(&id()).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unreadable(_)), "{body}");
        let server = Server::start([Reply::json(body)]);
        let listed = reader(&server).list_season_groups().await;
        assert_eq!(listed.is_ok(), body == "[]", "{body}");
    }
}

#[tokio::test]
async fn an_id_that_would_call_something_else_is_not_sent() {
    let server = Server::start([]);
    for id in ["", ".", "..", "a\n"] {
        let id = SeasonGroupId::from(id);
        let error = writer(&server).delete_season_group(&id).await.unwrap_err();
        assert!(error.is_proven_refused());
    }
    assert!(server.requests().is_empty());
}

#[test]
fn an_offer_names_its_group() {
    let price = PriceData::new(5);
    let offer = CreateOffer::subscription("T", price, PeriodData::new(1, "season"));
    let offer = offer.season_group_id(id());
    assert_eq!(offer.season_group_id.as_deref(), Some(ID));
}
