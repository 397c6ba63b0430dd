//! Groups of seasons, and the offers that follow them (docs/cleeng-api.md §5.8).

use cleeng_emulator::{CallOutcome, Clock, Config, Data, ManualClock};
use serde_json::{Value, json};

use super::path;
use crate::client::{Bench, text};

const GROUPS: &str = "offers/season-groups";

/// When the tests happen.
const NOW: i64 = 1_700_000_000;

const DAY: i64 = 24 * 60 * 60;

async fn bench_with(config: Config) -> (Bench, ManualClock) {
    let clock = ManualClock::at(NOW);
    let bench = Bench::with(Config {
        clock: Clock::Manual(clock.clone()),
        ..config
    })
    .await;
    (bench, clock)
}

async fn bench() -> (Bench, ManualClock) {
    bench_with(Config::default()).await
}

/// Sends a request that is answered with 200, and returns the body.
#[track_caller]
fn ok(
    bench: &Bench,
    verb: &str,
    path: &str,
    body: Option<Value>,
) -> impl Future<Output = Value> + use<> {
    let place = std::panic::Location::caller();
    let (client, verb, path) = (bench.client, verb.to_owned(), path.to_owned());
    async move {
        let answer = client.rest(&verb, &path, body.as_ref()).await;
        assert_eq!(answer.status, 200, "{} at {place}", answer.text());
        answer.json()
    }
}

/// Creates a group and returns its path.
async fn group(bench: &Bench, name: &str) -> String {
    let made = ok(bench, "POST", GROUPS, Some(json!({"name": name}))).await;
    format!("{GROUPS}/{}", text(&made["id"]))
}

fn dates(start: i64, end: i64) -> Value {
    json!({"startDate": start, "endDate": end})
}

async fn check_refused(
    bench: &Bench,
    (verb, path): (&str, &str),
    body: Value,
    (status, message): (u16, &str),
) {
    let found = bench.client.refusal(verb, path, body.clone()).await;
    assert_eq!(found, (status, message.to_owned()), "{verb} {path} {body}");
}

#[tokio::test]
async fn group_is_created_read_renamed_and_deleted() {
    let (bench, _) = bench().await;
    assert_eq!(ok(&bench, "GET", GROUPS, None).await, json!([]));
    let made = ok(&bench, "POST", GROUPS, Some(json!({"name": "NFL"}))).await;
    let id = text(&made["id"]);
    assert_eq!(made, json!({"id": id, "name": "NFL", "seasons": []}));
    let path = format!("{GROUPS}/{id}");
    assert_eq!(ok(&bench, "GET", &path, None).await, made);
    let upper = format!("{GROUPS}/{}", id.to_uppercase());
    assert_eq!(ok(&bench, "GET", &upper, None).await, made);

    let renamed = ok(&bench, "PATCH", &path, Some(json!({"name": "NHL"}))).await;
    assert_eq!(renamed, json!({"id": id, "name": "NHL", "seasons": []}));
    ok(&bench, "PATCH", &path, Some(json!({"name": "NHL"}))).await;
    group(&bench, "NFL").await;
    let names = ok(&bench, "GET", GROUPS, None).await;
    assert_eq!(
        (&names[0]["name"], &names[1]["name"]),
        (&json!("NHL"), &json!("NFL"))
    );

    let deleted = ok(&bench, "DELETE", &path, None).await;
    assert_eq!(deleted, json!({"message": "Season group deleted"}));
    let gone = (404, "Season group not found");
    for verb in ["GET", "DELETE"] {
        check_refused(&bench, (verb, &path), json!({}), gone).await;
    }
    assert_eq!(bench.emulator.season_groups().len(), 1);
}

#[tokio::test]
async fn names_are_checked_and_unique() {
    let (bench, _) = bench().await;
    let nfl = group(&bench, "NFL").await;
    let nhl = group(&bench, "NHL").await;
    let taken = (422, "Season group 'NFL' already exists");
    let name = || json!({"name": "NFL"});
    check_refused(&bench, ("POST", GROUPS), name(), taken).await;
    check_refused(&bench, ("PATCH", &nhl), name(), taken).await;
    for body in [
        json!({}),
        json!({"name": ""}),
        json!({"name": 1}),
        json!({"name": "x".repeat(101)}),
        json!({"name": "x", "seasons": []}),
    ] {
        for (verb, path) in [("POST", GROUPS), ("PATCH", nfl.as_str())] {
            let (status, message) = bench.client.refusal(verb, path, body.clone()).await;
            assert_eq!(status, 400, "{verb} {body}");
            assert!(
                message.starts_with("Input validation failed: "),
                "{message}"
            );
        }
    }
    group(&bench, &"x".repeat(100)).await;
}

#[tokio::test]
async fn seasons_are_added_moved_and_removed() {
    let (bench, _) = bench().await;
    let path = group(&bench, "NFL").await;
    let seasons = format!("{path}/seasons");
    let first = dates(NOW + 31 * DAY, NOW + 100 * DAY);
    let added = ok(&bench, "POST", &seasons, Some(first)).await;
    assert_eq!(added["name"], "NFL");
    let season = json!({"id": 1, "startDate": NOW + 31 * DAY, "endDate": NOW + 100 * DAY});
    assert_eq!(added["seasons"], json!([season]));
    let second = dates(NOW + 200 * DAY, NOW + 300 * DAY);
    ok(&bench, "POST", &seasons, Some(second)).await;

    let moved = dates(NOW + 40 * DAY, NOW + 90 * DAY);
    let one = format!("{seasons}/1");
    let patched = ok(&bench, "PATCH", &one, Some(moved)).await;
    assert_eq!(patched["seasons"][0]["endDate"], NOW + 90 * DAY);
    assert_eq!(patched["seasons"][1]["id"], 2);
    assert_eq!(ok(&bench, "GET", &path, None).await, patched);

    let last_only = (422, "Only last season can be removed");
    check_refused(&bench, ("DELETE", &one), json!({}), last_only).await;
    let left = ok(&bench, "DELETE", &format!("{seasons}/2"), None).await;
    assert_eq!(left["seasons"].as_array().unwrap().len(), 1);
    ok(&bench, "DELETE", &one, None).await;
    assert_eq!(ok(&bench, "GET", &path, None).await["seasons"], json!([]));
}

#[tokio::test]
async fn dates_of_seasons_are_checked() {
    let (bench, clock) = bench().await;
    let path = group(&bench, "NFL").await;
    let seasons = format!("{path}/seasons");
    let soon = (422, "Upcoming season can't start in less than 31 days");
    for start in [NOW + 31 * DAY - 1, NOW, 0] {
        let body = dates(start, NOW + 100 * DAY);
        check_refused(&bench, ("POST", &seasons), body, soon).await;
    }
    let backwards = (422, "endDate must be after startDate");
    let body = dates(NOW + 50 * DAY, NOW + 50 * DAY);
    check_refused(&bench, ("POST", &seasons), body, backwards).await;
    for body in [
        json!({}),
        json!({"startDate": NOW + 50 * DAY}),
        json!({"startDate": "soon", "endDate": NOW}),
        json!({"startDate": NOW + 50 * DAY, "endDate": NOW + 60 * DAY, "name": "x"}),
    ] {
        let (status, message) = bench.client.refusal("POST", &seasons, body).await;
        assert_eq!(status, 400);
        assert!(
            message.starts_with("Input validation failed: "),
            "{message}"
        );
    }

    let (start, end) = (NOW + 40 * DAY, NOW + 60 * DAY);
    ok(&bench, "POST", &seasons, Some(dates(start, end))).await;
    clock.advance(50 * DAY);
    let one = format!("{seasons}/1");
    let past = (422, "Only dates in future can be edited");
    let later = dates(start + DAY, end);
    check_refused(&bench, ("PATCH", &one), later, past).await;
    let now = NOW + 50 * DAY;
    let over = dates(start, now - DAY);
    check_refused(&bench, ("PATCH", &one), over, past).await;
    let longer = ok(&bench, "PATCH", &one, Some(dates(start, end + DAY))).await;
    assert_eq!(longer["seasons"][0]["endDate"], end + DAY);
}

#[tokio::test]
async fn group_with_a_season_that_has_not_ended_cannot_be_deleted() {
    let (bench, clock) = bench().await;
    let path = group(&bench, "NFL").await;
    let season = dates(NOW + 40 * DAY, NOW + 60 * DAY);
    ok(&bench, "POST", &format!("{path}/seasons"), Some(season)).await;
    let active = (422, "Cannot delete season group with active seasons");
    check_refused(&bench, ("DELETE", &path), json!({}), active).await;
    clock.advance(50 * DAY);
    check_refused(&bench, ("DELETE", &path), json!({}), active).await;
    clock.advance(10 * DAY);
    ok(&bench, "DELETE", &path, None).await;
}

#[tokio::test]
async fn ids_in_paths_are_checked() {
    let (bench, _) = bench().await;
    let group = group(&bench, "NFL").await;
    let unknown = format!("{GROUPS}/0bdb7589-762c-40bf-b501-a0f02b59d76d");
    let no_group = (404, "Season group not found");
    let no_uuid = (400, "Parameter 'id' has invalid value");
    let season = dates(NOW + 40 * DAY, NOW + 60 * DAY);
    for (verb, tail, body) in [
        ("GET", "", json!({})),
        ("PATCH", "", json!({"name": "x"})),
        ("DELETE", "", json!({})),
        ("POST", "/seasons", season.clone()),
        ("PATCH", "/seasons/1", season.clone()),
        ("DELETE", "/seasons/1", json!({})),
    ] {
        let path = format!("{unknown}{tail}");
        check_refused(&bench, (verb, &path), body.clone(), no_group).await;
        let path = format!("{GROUPS}/nfl{tail}");
        check_refused(&bench, (verb, &path), body, no_uuid).await;
    }
    for (verb, body) in [("PATCH", season), ("DELETE", json!({}))] {
        let missing = (404, "Season with id 3 does not exists");
        let path = format!("{group}/seasons/3");
        check_refused(&bench, (verb, &path), body.clone(), missing).await;
        for id in ["0", "-1", "x", "1.5"] {
            let path = format!("{group}/seasons/{id}");
            let no_id = (400, "Parameter 'seasonId' has invalid value");
            check_refused(&bench, (verb, &path), body.clone(), no_id).await;
        }
    }
}

#[tokio::test]
async fn offer_cannot_name_a_group_that_does_not_exist() {
    let (bench, _) = bench().await;
    let group = group(&bench, "NFL").await;
    let id = group.strip_prefix(&format!("{GROUPS}/")).unwrap();
    let seasonal = |group: &str| {
        json!({
            "billingCycle": {"periodUnit": "season", "amount": 1}, "seasonGroupId": group,
        })
    };
    let unknown = "0bdb7589-762c-40bf-b501-a0f02b59d76d";
    let missing = (422, "Season group not found");
    let body = super::body("subscription", seasonal(unknown));
    check_refused(&bench, ("POST", "offers"), body, missing).await;
    assert!(bench.emulator.offers().is_empty());

    let made = bench.create_rest("subscription", seasonal(id)).await;
    assert_eq!(made["seasonGroupId"], *id);
    let patch = json!({"seasonGroupId": unknown});
    check_refused(&bench, ("PATCH", &path(&made)), patch, missing).await;
    let other = ok(&bench, "POST", GROUPS, Some(json!({"name": "NHL"}))).await["id"].clone();
    let patch = json!({"seasonGroupId": other});
    let patched = bench.client.offer("PATCH", &path(&made), Some(patch)).await;
    assert_eq!(patched["seasonGroupId"], other);
    // An offer whose group is gone can still be changed.
    ok(
        &bench,
        "DELETE",
        &format!("{GROUPS}/{}", text(&other)),
        None,
    )
    .await;
    let patch = json!({"title": "new"});
    let patched = bench.client.offer("PATCH", &path(&made), Some(patch)).await;
    assert_eq!(patched["seasonGroupId"], other);
}

#[tokio::test]
async fn requests_need_the_token_and_are_recorded() {
    let (bench, _) = bench().await;
    let list = format!("/3.1/{GROUPS}");
    let answer = bench.client.request("GET", &list, &[], b"").await;
    assert_eq!(answer.unwrap().status, 401);
    let path = group(&bench, "NFL").await;
    ok(&bench, "GET", &path, None).await;
    ok(&bench, "DELETE", &path, None).await;
    let requests = bench.emulator.requests();
    let id = path.rsplit('/').next().unwrap();
    let calls: Vec<_> = requests.calls().skip(1).collect();
    let told: Vec<_> = calls
        .iter()
        .map(|call| (call.method.as_str(), call.is_write(), call.took_effect))
        .collect();
    assert_eq!(
        told,
        [
            ("createSeasonGroup", true, true),
            ("getSeasonGroup", false, false),
            ("deleteSeasonGroup", true, true),
        ]
    );
    assert_eq!(calls[0].written, [id]);
    assert_eq!(calls[1].params["seasonGroupId"], id);
    assert_eq!(calls[2].outcome, CallOutcome::Succeeded);
}

#[tokio::test]
async fn groups_can_be_struck_by_faults_that_are_not_about_offers() {
    let (bench, _) = bench().await;
    bench.fault("createSeasonGroup#1=cut,after");
    bench.fault("createSeasonGroup#2=error:422");
    // Those that are about offers pass it by.
    bench.fault("*=body-of-another");
    let body = json!({"name": "NFL"}).to_string();
    let headers = [("X-Publisher-Token", crate::client::TOKEN)];
    let path = format!("/3.1/{GROUPS}");
    let cut = bench
        .client
        .request("POST", &path, &headers, body.as_bytes());
    assert!(cut.await.is_none());
    assert_eq!(bench.emulator.season_groups().len(), 1);
    let injected = (422, "A fault rule asked for error 422");
    let body = json!({"name": "NHL"});
    check_refused(&bench, ("POST", GROUPS), body, injected).await;
    let made = ok(&bench, "POST", GROUPS, Some(json!({"name": "MLB"}))).await;
    assert_eq!(made["name"], "MLB");
}

#[tokio::test]
async fn groups_survive_a_restart_and_deleted_ones_stay_away() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("offers.jsonl");
    let config = || Config {
        data: Data::File(file.clone()),
        ..Config::default()
    };
    let (first, _) = bench_with(config()).await;
    let kept = group(&first, "NFL").await;
    let gone = group(&first, "NHL").await;
    let season = dates(NOW + 40 * DAY, NOW + 60 * DAY);
    ok(&first, "POST", &format!("{kept}/seasons"), Some(season)).await;
    ok(&first, "DELETE", &gone, None).await;
    let before = first.emulator.season_groups();
    assert_eq!((before.len(), before[0].seasons.len()), (1, 1));
    first.emulator.shutdown().await;

    let (second, _) = bench_with(config()).await;
    assert_eq!(second.emulator.season_groups(), before);
    // The next write drops what no longer holds.
    group(&second, "MLB").await;
    let lines = std::fs::read_to_string(&file).unwrap().lines().count();
    assert_eq!(lines, 1 + 2);
    second.emulator.shutdown().await;
    let (third, _) = bench_with(config()).await;
    assert_eq!(third.emulator.season_groups().len(), 2);
}
