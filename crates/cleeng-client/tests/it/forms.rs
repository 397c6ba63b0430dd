//! Answers in forms that no sample shows together.

use cleeng_client::{Decimal, ErrorKind, Member, json_rpc::*};

use crate::server::Server;

#[tokio::test]
async fn every_spelling_of_a_flag_is_read() {
    for (form, expect) in [
        ("true", true),
        ("1", true),
        ("\"1\"", true),
        ("\"true\"", true),
        ("false", false),
        ("0", false),
        ("\"0\"", false),
        ("\"false\"", false),
        ("\"\"", false),
    ] {
        let server = Server::with_result(&format!(r#"{{"id":"P1_US","active":{form}}}"#));
        let offer = server.reader().call(GetPassOffer::new("P1_US")).await;
        assert_eq!(offer.unwrap().active, Member::Value(expect), "{form}");
    }
}

#[tokio::test]
async fn a_field_written_twice_keeps_its_value() {
    for members in [
        r#""backgroundImageUrl":"a","backgroungImageUrl":null"#,
        r#""backgroungImageUrl":[],"backgroundImageUrl":"a""#,
    ] {
        let server = Server::with_result(&format!(r#"{{"id":"E1_US",{members}}}"#));
        let offer = server.reader().call(GetEventOffer::new("E1_US")).await;
        assert_eq!(
            offer.unwrap().background_image_url,
            Member::Value(BackgroundImage::Url("a".to_owned()))
        );
    }
}

#[tokio::test]
async fn unknown_members_and_escaped_names_are_read() {
    let server = Server::with_result(r#"{"new":{"x":[1]},"\u0069d":"P1_US","pr\u0069ce":"1"}"#);
    let offer = server.reader().call(GetPassOffer::new("P1_US")).await;
    assert_eq!(offer.unwrap().price, Member::Value(Decimal::ONE));
}

#[tokio::test]
async fn what_is_no_offer_is_an_error_that_says_why() {
    for (result, detail) in [
        ("{}", "missing field `id`"),
        (r#"{"id":""}"#, "missing field `id`"),
        (r#"{"id":{}}"#, "`id`: it is not an id"),
        (
            r#"{"id":"P1_US","price":"free"}"#,
            "`price`: it is not a number",
        ),
        (
            r#"{"id":"P1_US","active":"maybe"}"#,
            "`active`: it is not a flag",
        ),
        (r#"["P1_US"]"#, "expected an offer"),
        ("\"P1_US\"", "expected an offer"),
        ("7", "expected an offer"),
    ] {
        let server = Server::with_result(result);
        let writer = server.writer();
        let call = writer.call(DeactivatePassOffer::new("P1_US"));
        let error = call.await.unwrap_err();
        let ErrorKind::Unreadable(decode) = error.kind() else {
            panic!("{error:?}");
        };
        assert_eq!(decode.expected, "PassOffer");
        assert!(decode.detail.contains(detail), "{result}: {decode}");
        assert_eq!(decode.body, result);
        assert!(!error.is_proven_refused());
    }
}
