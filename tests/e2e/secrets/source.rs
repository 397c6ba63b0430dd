//! A token that stands where its place belongs is not repeated, and a program that tells it is kept within bounds.

use std::time::{Duration, Instant};

use crate::support::{Draft, Shop, TOKEN};

/// A project whose `token`, or other keys of the environment, are these.
fn shop_with(replaced: &str, by: &str) -> Shop {
    let shop = Shop::new();
    shop.declare(&[Draft::new("single", "film")]);
    let config = shop.read("offerctl.yaml");
    let config = if replaced == "token" {
        config.replace("    endpoint:", &format!("    token: {by}\n    endpoint:"))
    } else {
        config.replace(&shop.emulator().url(), by)
    };
    assert!(config.contains(by), "{config}");
    shop.write("offerctl.yaml", &config);
    shop
}

/// A token as Cleeng makes them, which is also a name that a variable could have.
const ALPHANUMERIC: &str = "Qk3canary7Zr9xT2LmW8vBsE5hN1pYcD0jF6uKgA4oI2X4b7";

#[test]
fn a_token_in_place_of_its_place_is_not_repeated() {
    for secret in [TOKEN, ALPHANUMERIC] {
        for (key, value) in [
            ("token", format!("{{env: {secret}}}")),
            ("token", format!("{{env: \"{secret}\", file: x}}")),
            ("token", format!("{{file: {secret}}}")),
            ("token", format!("{{file: ./{secret}}}")),
            ("token", format!("{{command: [{secret}]}}")),
            ("token", format!("{{command: {secret}}}")),
            ("token", secret.to_owned()),
            ("token", format!("{{env: \"{secret}")),
            ("token", format!("\n      env: '{secret}")),
            ("endpoint", format!("https://user:{secret}@shop.example")),
            ("endpoint", format!("https://{secret}@shop.example")),
            ("endpoint", format!("https://shop.example/#{secret}")),
            ("endpoint", format!("https://shop.example/?token={secret}")),
            ("endpoint", format!("htp://{secret}@shop.example")),
            ("endpoint", secret.to_owned()),
        ] {
            let shop = shop_with(key, &value);
            for line in ["validate --format github", "plan", "doctor"] {
                let run = shop.run(line);
                assert!(
                    line.starts_with("validate") || [1, 65].contains(&run.code),
                    "{value}: {run:?}"
                );
                let shown = run.out.contains(secret) || run.err.contains(secret);
                assert!(!shown, "{value}: {run:?}");
            }
        }
    }
}

/// A token as Cleeng makes them is known by its shape wherever it stands.
#[test]
fn a_token_anywhere_in_the_project_file_is_not_repeated() {
    let secret = ALPHANUMERIC;
    for lines in [
        format!(
            "token:\n      command:\n        - curl\n        - -H\n        - Authorization: Bearer {secret}"
        ),
        format!("token: {{command: [curl, -H, Authorization: Bearer {secret}]}}"),
        format!(
            "token:\n      command:\n        - a\n        - b\n        - c\n        - \"\\q {secret}\""
        ),
        format!("{secret}: x"),
        format!("api: {secret}"),
        format!("api: [{secret}]"),
        format!("apiKey: {secret}"),
        format!("auth: {{bearer: {secret}}}"),
        format!("account: {{currency: {secret}}}"),
        format!("account: {secret}"),
        format!("limits: {{batch: {secret}}}"),
        format!("guards: {{price: {{{secret}: {{min: 1}}}}}}"),
        format!("confirm: {secret}"),
        format!("vars: {{a: [{secret}]}}"),
        format!("state: {secret}"),
        format!("state: s3://bucket/{secret}"),
        format!("x: {{y: {secret},"),
    ] {
        let shop = Shop::new();
        shop.declare(&[Draft::new("single", "film")]);
        shop.configure(&format!("    {lines}\n"));
        for line in [
            "validate",
            "validate --format json",
            "validate --format github",
            "doctor",
        ] {
            let run = shop.run(line);
            assert!([1, 65].contains(&run.code), "{lines}: {run:?}");
            let shown = run.out.contains(secret) || run.err.contains(secret);
            assert!(!shown, "{lines}: {run:?}");
        }
    }
}

#[test]
fn a_token_in_an_address_is_refused() {
    let shop = shop_with("endpoint", &format!("https://shop.example/{ALPHANUMERIC}"));
    let run = shop.run("validate").exits(65);
    assert!(run.err.contains("looks like a token"), "{run:?}");
    let shop = shop_with("endpoint", &format!("https://shop.example/{TOKEN}"));
    let run = shop.run("plan").exits(65);
    assert!(run.err.contains("stands in offerctl.yaml"), "{run:?}");
}

#[test]
fn a_variable_that_is_not_set_is_named_if_it_looks_like_one() {
    let shop = shop_with("token", "{env: SHOP_TOKEN}");
    shop.run("plan").exits(1).complains("`SHOP_TOKEN`");
}

#[cfg(unix)]
fn is_alive(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    status.is_ok_and(|status| !status.contains(") Z "))
}

#[cfg(unix)]
#[track_caller]
fn ends(shop: &Shop) {
    let pid = shop.read("pid");
    crate::lock::until("what the command started has ended", || !is_alive(&pid));
}

#[cfg(unix)]
fn script(shop: &Shop, text: &str) {
    let config = shop.read("offerctl.yaml");
    let command = "    token: {command: [sh, token.sh]}\n    endpoint:";
    shop.write("offerctl.yaml", &config.replace("    endpoint:", command));
    shop.write("token.sh", text);
}

#[cfg(unix)]
#[test]
fn what_a_command_leaves_behind_ends_with_it() {
    let shop = Shop::new();
    shop.declare(&[Draft::new("single", "film")]);
    script(&shop, "sleep 300 & echo $! >pid; echo 0123456789abcdef");
    let start = Instant::now();
    shop.run("plan").exits(0);
    assert!(
        start.elapsed() < Duration::from_secs(25),
        "it waited for what was left"
    );
    ends(&shop);
}

#[cfg(unix)]
#[test]
fn a_command_without_end_ends_with_us() {
    for signal in ["-INT", "-TERM"] {
        for line in ["plan", "apply -y", "doctor"] {
            let shop = Shop::new();
            shop.declare(&[Draft::new("single", "film")]);
            script(
                &shop,
                "trap '' INT TERM; sleep 300 & echo $! >pid; sleep 300",
            );
            let going = crate::lock::start(&shop, line);
            crate::lock::until("it has begun", || {
                std::fs::read_to_string(shop.path("pid")).is_ok_and(|pid| pid.ends_with('\n'))
            });
            going.signal(signal);
            let run = going.end();
            assert_eq!(run.code, 1, "{run:?}");
            ends(&shop);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_command_that_prints_without_end_is_ended() {
    let shop = Shop::new();
    shop.declare(&[Draft::new("single", "film")]);
    script(&shop, "sleep 300 & echo $! >pid; yes 0123456789abcdef");
    let run = shop.run("plan").exits(1);
    assert!(run.err.contains("65536 bytes"), "{run:?}");
    ends(&shop);
}
