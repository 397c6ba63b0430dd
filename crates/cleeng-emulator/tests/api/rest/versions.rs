//! Versions, their tags, and conditional requests (docs/cleeng-api.md §5.1).

use serde_json::{Value, json};

use super::create::with;
use super::{localization, path};
use crate::client::{Answer, Bench};

async fn get(bench: &Bench, offer: &Value, headers: &[(&str, &str)]) -> Answer {
    bench
        .client
        .rest_if("GET", &path(offer), None, headers)
        .await
}

#[tokio::test]
async fn etag_comes_only_when_it_is_asked_for() {
    let bench = Bench::start().await;
    let made = bench.create_rest("pass", json!({})).await;
    assert!(!get(&bench, &made, &[]).await.headers.contains_key("etag"));
    for header in ["If-Match", "If-None-Match"] {
        let tag = if header == "If-Match" {
            "\"1\""
        } else {
            "\"7\""
        };
        let answer = get(&bench, &made, &[(header, tag)]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["etag"], "\"1\"");
    }
}

#[tokio::test]
async fn etag_takes_its_form() {
    for (quirks, expected) in [
        (&["rest-etag=always"][..], Some("\"1\"")),
        (&["rest-etag=always", "rest-etag-form=bare"], Some("1")),
        (
            &["rest-etag=always", "rest-etag-form=weak"],
            Some("W/\"1\""),
        ),
        (&["rest-etag=never"], None),
    ] {
        let bench = with(quirks).await;
        let made = bench.create_rest("pass", json!({})).await;
        let answer = get(&bench, &made, &[("If-Match", "1")]).await;
        assert_eq!(
            answer.headers.get("etag").map(String::as_str),
            expected,
            "{quirks:?}"
        );
    }
}

#[tokio::test]
async fn version_that_is_known_is_304() {
    let bench = Bench::start().await;
    let made = bench.create_rest("pass", json!({})).await;
    let answer = get(&bench, &made, &[("If-None-Match", "\"1\"")]).await;
    assert_eq!((answer.status, answer.body.len()), (304, 0));
    assert_eq!(answer.headers["etag"], "\"1\"");
    assert_eq!(
        get(&bench, &made, &[("If-Match", "\"2\"")]).await.status,
        412
    );
}

#[tokio::test]
async fn conditions_of_a_get_may_be_both() {
    let bench = Bench::start().await;
    let made = bench.create_rest("pass", json!({})).await;
    let both = async |this: &str| {
        let headers = [("If-Match", this), ("If-None-Match", "\"1\"")];
        get(&bench, &made, &headers).await.status
    };
    assert_eq!((both("\"1\"").await, both("\"2\"").await), (304, 412));
}

#[tokio::test]
async fn writes_of_another_version_are_412_and_change_nothing() {
    let bench = Bench::start().await;
    let patch = json!({"localizations": [localization("FR", "EUR", 9.0)]});
    let made = bench.create_rest("pass", patch).await;
    let id = path(&made);
    let title = json!({"title": "new"});
    let country = localization("NO", "NOK", 99.0);
    for (verb, path, body) in [
        ("PATCH", id.clone(), Some(&title)),
        ("POST", format!("{id}/activate"), None),
        ("POST", format!("{id}/deactivate"), None),
        ("POST", format!("{id}/localizations"), Some(&country)),
        ("PATCH", format!("{id}/localizations/FR"), Some(&title)),
        ("POST", format!("{id}/localizations/FR/activate"), None),
        ("POST", format!("{id}/localizations/FR/deactivate"), None),
    ] {
        let headers = [("If-Match", "\"2\"")];
        let answer = bench.client.rest_if(verb, &path, body, &headers).await;
        assert_eq!(answer.status, 412, "{verb} {path}");
        assert_eq!(answer.json(), json!({"message": "Version mismatch"}));
    }
    assert_eq!(bench.client.offer("GET", &id, None).await, made);
}

#[tokio::test]
async fn writes_of_this_version_make_the_next() {
    let bench = Bench::start().await;
    let made = bench.create_rest("pass", json!({})).await;
    let id = path(&made);
    let mut version = 1;
    for (verb, path, body) in [
        ("PATCH", id.clone(), Some(json!({"title": "new"}))),
        (
            "POST",
            format!("{id}/localizations"),
            Some(localization("FR", "EUR", 9.0)),
        ),
        (
            "PATCH",
            format!("{id}/localizations/FR"),
            Some(json!({"title": "x"})),
        ),
        ("POST", format!("{id}/localizations/FR/deactivate"), None),
        ("POST", format!("{id}/deactivate"), None),
        ("POST", format!("{id}/activate"), None),
        ("POST", format!("{id}/localizations/FR/activate"), None),
    ] {
        let tag = format!("\"{version}\"");
        let headers = [("If-Match", tag.as_str())];
        let answer = bench
            .client
            .rest_if(verb, &path, body.as_ref(), &headers)
            .await;
        version += 1;
        assert_eq!(answer.status, 200, "{verb} {path}");
        assert_eq!(answer.json()["version"], version);
        assert_eq!(answer.headers["etag"], format!("\"{version}\""));
    }
}

#[tokio::test]
async fn condition_is_looked_at_after_the_body_and_before_the_change() {
    let bench = Bench::start().await;
    let made = bench.create_rest("pass", json!({})).await;
    let status = async |body: Value, tag: &str| {
        let headers = [("If-Match", tag)];
        let answer = bench
            .client
            .rest_if("PATCH", &path(&made), Some(&body), &headers)
            .await;
        answer.status
    };
    assert_eq!(status(json!({"titel": "x"}), "9").await, 400);
    assert_eq!(status(json!({"title": "t"}), "9").await, 412);
    assert_eq!(status(json!({"title": "t"}), "1").await, 204);
    assert_eq!(status(json!({"title": "u"}), "*").await, 200);
    let title = json!({"title": "x"});
    let headers = [("If-Match", "*")];
    let missing = bench
        .client
        .rest_if("PATCH", "offers/P123456789", Some(&title), &headers)
        .await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn write_without_a_condition_overwrites() {
    let bench = Bench::start().await;
    let made = bench.create_rest("pass", json!({})).await;
    for title in ["a", "b"] {
        bench
            .client
            .offer("PATCH", &path(&made), Some(json!({"title": title})))
            .await;
    }
    let read = bench.client.offer("GET", &path(&made), None).await;
    assert_eq!((&read["title"], &read["version"]), (&json!("b"), &json!(3)));
}

#[tokio::test]
async fn condition_of_a_create_says_nothing() {
    let bench = Bench::start().await;
    let body = super::body("pass", json!({}));
    let headers = [("If-Match", "\"9\"")];
    let answer = bench
        .client
        .rest_if("POST", "offers", Some(&body), &headers)
        .await;
    assert_eq!(answer.status, 201);
}
