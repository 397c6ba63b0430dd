//! The forms in which a list can come, and what is none.

use std::fmt::Write as _;

use reqwest::header::{HeaderName, HeaderValue};

use super::*;

const BASE: &str = "https://host/api/3.1";

/// Describes what is read from a body and headers: ids, total, next page.
fn shown(body: &str, headers: &[(&'static str, &str)]) -> String {
    let base = Url::parse(BASE).unwrap();
    let requested = Url::parse("https://host/api/3.1/offers?active=true").unwrap();
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    match read(body, &map, (&requested, &base), &mut Ok) {
        Err(detail) => detail,
        Ok(page) => {
            let ids: Vec<_> = page.items.iter().map(|offer| offer.id.as_str()).collect();
            let mut shown = ids.join(" ");
            if let Some(total) = page.total {
                write!(shown, " of {total}").unwrap();
            }
            if let Some(next) = page.next {
                shown.push_str(" then ");
                shown.push_str(next.url().as_str());
            }
            shown
        }
    }
}

fn check(body: &str, expect: &str) {
    assert_eq!(shown(body, &[]), expect, "{body}");
}

fn check_error(body: &str, expect: &str) {
    let shown = shown(body, &[]);
    assert!(shown.contains(expect), "{body}: {shown}");
}

fn check_headers(headers: &[(&'static str, &str)], expect: &str) {
    let shown = shown(r#"[{"id":"S1"}]"#, headers);
    assert_eq!(shown, expect, "{headers:?}");
}

#[test]
fn a_list_is_an_array_or_in_an_object() {
    check(r#"[{"id":"S1"},{"id":"P2"}]"#, "S1 P2");
    check(" [] ", "");
    for name in LISTS {
        check(&format!(r#"{{"{name}":[{{"id":"S1"}}],"x":[1]}}"#), "S1");
        check(&format!(r#"{{"{name}":[]}}"#), "");
    }
    check(r#"{"data":{"items":[{"id":"S1"}]},"message":""}"#, "S1");
    check(r#"{"responseData":[{"id":"S1"}],"errors":[]}"#, "S1");
    check(
        r#"{"success":true,"data":[{"id":"S1"}],"message":"ok"}"#,
        "S1",
    );
}

#[test]
fn the_total_has_several_places() {
    for name in TOTALS {
        check(&format!(r#"{{"items":[],"{name}":"3"}}"#), " of 3");
        check(&format!(r#"{{"items":[],"{name}":null}}"#), "");
        check(&format!(r#"{{"meta":{{"{name}":3}},"items":[]}}"#), " of 3");
    }
    check(r#"{"data":{"items":[],"total":3}}"#, " of 3");
    check(r#"{"data":{"items":[],"total":3},"total":3}"#, " of 3");
    check(r#"{"items":[],"count":3,"pagination":[]}"#, "");
    check(r#"{"items":[],"total":{"value":3}}"#, "");
    check_headers(&[("x-total-count", "3")], "S1 of 3");
    check_error(
        r#"{"data":{"items":[],"total":3},"total":4}"#,
        "two totals that differ",
    );
    let headers = [("x-total-count", "4")];
    assert_eq!(
        shown(r#"{"items":[],"total":3}"#, &headers),
        "the total is 3 in the body and 4 in the header"
    );
    assert_eq!(shown(r#"{"items":[],"total":4}"#, &headers), " of 4");
    for header in ["", "many", "-1", "3.5"] {
        check_headers(
            &[("x-total-count", header)],
            "the header `x-total-count` is no count",
        );
    }
}

#[test]
fn what_may_not_be_all_is_no_page() {
    check_error("", "EOF");
    check_error("null", "expected a list of offers");
    check_error("\"[]\"", "expected a list of offers");
    check_error("[", "EOF");
    check_error(r#"[{"id":"S1"}"#, "EOF");
    check_error("[] []", "trailing characters");
    check_error(r#"{"items":[]} x"#, "trailing characters");
    check_error(r#"[{"id":"S1"},null]"#, "expected an offer");
    check_error(r#"[{"id":"S1"},{}]"#, "missing field `id`");
    check_error(r#"[{"id":"S1"},["S2"]]"#, "expected an offer");
    check_error("{}", "it has no list");
    check_error(r#"{"id":"S1"}"#, "it has no list");
    check_error(r#"{"items":null}"#, "its list is no array");
    check_error(r#"{"items":"[]"}"#, "its list is no array");
    check_error(r#"{"items":{}}"#, "it has no list");
    check_error(r#"{"data":{"data":{"items":[]}}}"#, "its list is no array");
    check_error(r#"{"items":[],"items":[]}"#, "several members");
    check_error(r#"{"items":[],"offers":[]}"#, "several members");
    for failure in [
        r#""success":false"#,
        r#""success":0"#,
        r#""errors":["no"]"#,
        r#""error":{"code":1}"#,
        r#""error":"no""#,
    ] {
        check_error(&format!(r#"{{"items":[],{failure}}}"#), "something failed");
    }
}

#[test]
fn the_next_page_is_on_the_same_service() {
    let page = "https://host/api/3.1/offers?page=2";
    for target in [
        page,
        "https://HOST:443/api/3.1/offers?page=2#x",
        "/api/3.1/offers?page=2",
        "//host/api/3.1/offers?page=2",
        "offers?page=2",
        "?page=2",
        "/api/x/../3.1/offers?page=2",
    ] {
        let link = format!("<{target}>; rel=\"next\"");
        check_headers(&[("link", &link)], &format!("S1 then {page}"));
    }
    check_headers(
        &[("link", "<x>; rel=prev"), ("link", "<?page=2>; rel=next")],
        &format!("S1 then {page}"),
    );
    check_headers(&[("link", "<https://evil/>; rel=last")], "S1");
}

#[test]
fn a_next_page_elsewhere_is_an_error() {
    for target in [
        "https://evil/api/3.1/offers",
        "http://host/api/3.1/offers",
        "https://host:444/api/3.1/offers",
        "https://host.evil/api/3.1/offers",
        "https://host@evil/api/3.1/offers",
        "https://user@host/api/3.1/offers",
        "https://:pass@host/api/3.1/offers",
        "//evil/api/3.1/offers",
        "/api/3.10/offers",
        "/api/3.1",
        "/other",
        "/api/3.1/../offers",
        "/api/3.1/%2e%2e/offers",
        "file:///api/3.1/offers",
        "data:,x",
    ] {
        let link = format!("<{target}>; rel=\"next\"");
        check_headers(
            &[("link", &link)],
            "the next page is said to be at another address than the API",
        );
    }
    for link in ["next", "<a", "<https://[>; rel=next"] {
        check_headers(&[("link", link)], "the header `Link` cannot be read");
    }
}

#[test]
fn a_query_has_only_what_was_asked() {
    assert_eq!(ListQuery::new().pairs(), []);
    let query = ListQuery::new().limit(100).offset(0).active(false);
    let pairs = [("active", "false"), ("offset", "0"), ("limit", "100")];
    assert_eq!(
        query.pairs(),
        pairs.map(|(name, value)| (name, value.to_owned()))
    );
}

#[test]
fn a_next_page_does_not_show_its_address() {
    let url = Url::parse("https://host/3.1/offers?secret").unwrap();
    assert_eq!(format!("{:?}", NextPage(url)), "NextPage { .. }");
}
