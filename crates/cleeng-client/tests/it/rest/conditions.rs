//! Writes that are bound to the version that was read.

use cleeng_client::{ErrorKind, rest::*};

use super::{id, reader, writer};
use crate::server::{Reply, Request, Server, fixture};

fn answer(etag: &str) -> Reply {
    let header = format!("etag: {etag}");
    Reply::status("200 OK", &[&header], fixture("rest-patch-offer.answer"))
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let head = request.head.lines();
    head.filter_map(|line| line.split_once(": "))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[tokio::test]
async fn a_version_goes_back_as_it_came() {
    for etag in ["\"7\"", "7", "W/\"7\"", "\"a b,c\""] {
        let server = Server::start([answer(etag), answer("\"8\"")]);
        let writer = writer(&server);
        let offer = writer.reader().get_with_etag(&id()).await.unwrap();
        assert_eq!(offer.etag.as_ref().map(ETag::as_str), Some(etag));
        let patch = PatchOffer::default().title("B");
        let written = writer.patch(&id(), &patch, offer.etag.as_ref()).await;
        let offer = written.unwrap().into_offer().unwrap();
        assert_eq!(offer.etag.as_ref().map(ETag::as_str), Some("\"8\""));

        let requests = server.requests();
        // The service sends a version only to who sends one; this one no offer has.
        assert_eq!(header(&requests[0], "if-none-match"), Some("\"-1\""));
        assert_eq!(header(&requests[0], "if-match"), None);
        assert_eq!(header(&requests[1], "if-match"), Some(etag));
        assert_eq!(header(&requests[1], "if-none-match"), None);
        for request in &requests {
            // A proxy that compresses changes the tag.
            assert_eq!(header(request, "accept-encoding"), Some("identity"));
        }
    }
}

#[tokio::test]
async fn every_write_but_a_create_can_have_a_condition() {
    let replies = std::iter::repeat_with(|| Reply::status("412 Precondition Failed", &[], ""));
    let server = Server::start(replies.take(7));
    let writer = writer(&server);
    let (id, etag) = (id(), ETag::of_version(7));
    let etag = Some(&etag);
    let patch = PatchOffer::default().title("B");
    let local = PatchLocalization::default().title("B");
    let price = PriceData::new(1).currency("EUR");
    let localization = CreateLocalization::new("FR", "A", price);
    let create = writer.create_localization(&id, &localization, etag).await;
    for error in [
        create.map(|_| Written::Unchanged),
        writer.patch(&id, &patch, etag).await,
        writer.activate(&id, etag).await,
        writer.deactivate(&id, etag).await,
        writer.patch_localization(&id, "FR", &local, etag).await,
        writer.activate_localization(&id, "FR", etag).await,
        writer.deactivate_localization(&id, "FR", etag).await,
    ] {
        let error = error.unwrap_err();
        assert!(error.is_version_mismatch(), "{error:?}");
        assert!(error.is_proven_refused());
        assert!(!error.is_retryable());
        assert_eq!(error.http_status(), Some(412));
    }
    for request in server.requests() {
        assert_eq!(header(&request, "if-match"), Some("\"7\""));
    }
}

/// Nothing was conditional, so the status is not the answer to a condition of ours.
#[tokio::test]
async fn the_same_status_without_a_condition_proves_nothing() {
    let reply = || Reply::status("412 X", &[], r#"{"message":"changed"}"#);
    let server = Server::start([reply(), reply(), reply()]);
    let writer = writer(&server);
    let error = writer.activate(&id(), None).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Status(_)), "{error:?}");
    assert!(!error.is_proven_refused());
    assert!(!error.is_version_mismatch());
    let error = writer.create(&super::pass()).await.unwrap_err();
    assert!(!error.is_proven_refused());
    let error = writer.reader().get_with_etag(&id()).await.unwrap_err();
    assert!(!error.is_version_mismatch());
}

#[tokio::test]
async fn a_condition_changes_no_other_status() {
    for (status, proven) in [
        (404, true),
        (409, false),
        (422, true),
        (428, false),
        (500, false),
    ] {
        let server = Server::start([Reply::status(&format!("{status} X"), &[], "")]);
        let etag = ETag::of_version(7);
        let error = writer(&server).activate(&id(), Some(&etag)).await;
        let error = error.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Status(_)), "{error:?}");
        assert_eq!(error.is_proven_refused(), proven, "{status}");
    }
}

#[tokio::test]
async fn a_version_that_is_not_sent_is_none() {
    let server = Server::start([
        Reply::json(fixture("rest-patch-offer.answer")),
        answer("\"7\""),
    ]);
    let reader = reader(&server);
    let offer = reader.get_with_etag(&id()).await.unwrap();
    assert_eq!(offer.etag, None);
    // One that comes unasked is as good as any.
    let offer = reader.get(&id()).await.unwrap();
    assert_eq!(offer.etag, Some(ETag::of_version(7)));
    let request = &server.requests()[1];
    assert_eq!(header(request, "if-none-match"), None);
}
