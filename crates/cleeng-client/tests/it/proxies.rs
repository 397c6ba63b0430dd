//! Proxies from the environment. A test cannot change its own environment safely, so each of these
//! starts itself again as a process with another one.

use std::{
    env,
    process::{Command, Output},
};

use cleeng_client::{Config, Endpoint, ErrorKind, Token, json_rpc::*};

use crate::server::{Reply, Server, TOKEN, fixture};

/// Set in the process that does the work.
const CHILD: &str = "CLEENG_CLIENT_TEST_CHILD";

/// Runs a test of this binary again with a proxy in its environment.
fn run_again(test: &str, proxy: &str) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, "1")
        .envs([
            ("HTTP_PROXY", proxy),
            ("http_proxy", proxy),
            ("HTTPS_PROXY", proxy),
            ("https_proxy", proxy),
        ])
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .env_remove("REQUEST_METHOD")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&stdout);
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{stdout}\n{stderr}");
    assert!(stdout.contains("1 passed"), "{stdout}");
}

fn is_child() -> bool {
    env::var_os(CHILD).is_some()
}

fn config(endpoint: &str) -> Config {
    Config::new(
        endpoint.parse::<Endpoint>().unwrap(),
        Token::new(TOKEN).unwrap(),
    )
}

#[tokio::test]
async fn this_machine_needs_no_proxy() {
    if !is_child() {
        // Nothing listens there.
        run_again("proxies::this_machine_needs_no_proxy", "http://127.0.0.1:9");
        return;
    }
    for host in ["127.0.0.1", "localhost"] {
        let server = Server::start([Reply::json(fixture("create-pass-offer.answer"))]);
        let endpoint = format!("http://{host}:{}", server.address().port());
        let reader = Reader::new(&config(&endpoint)).unwrap();
        assert!(reader.call(GetPassOffer::new("P1_US")).await.is_ok());
    }
}

#[tokio::test]
async fn everything_else_goes_through_the_proxy() {
    if is_child() {
        let reader = Reader::new(&config("http://service.invalid")).unwrap();
        assert!(reader.call(GetPassOffer::new("P1_US")).await.is_ok());
        return;
    }
    let proxy = Server::start([Reply::json(fixture("create-pass-offer.answer"))]);
    run_again(
        "proxies::everything_else_goes_through_the_proxy",
        &format!("http://{}", proxy.address()),
    );
    let head = proxy.request().head;
    assert!(
        head.starts_with("POST http://service.invalid/3.0/json-rpc HTTP/1.1\r\n"),
        "{head}"
    );
}

#[tokio::test]
async fn a_tunnel_that_the_proxy_refuses_carried_nothing() {
    if is_child() {
        let config = config("https://service.invalid").root_certificates(include_str!("root.pem"));
        let writer = Writer::new(&config).unwrap();
        let call = writer.call(DeactivatePassOffer::new("P1_US"));
        let error = call.await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Connect(_)), "{error:?}");
        assert!(error.is_proven_refused());
        return;
    }
    let proxy = Server::start([Reply::status("403 Forbidden", &[], "")]);
    run_again(
        "proxies::a_tunnel_that_the_proxy_refuses_carried_nothing",
        &format!("http://{}", proxy.address()),
    );
    let head = proxy.request().head;
    assert!(head.starts_with("CONNECT service.invalid:443 "), "{head}");
}
