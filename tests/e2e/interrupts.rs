//! Signals: the first one lets what is under way finish, the second ends the process at once, whatever hangs.

#![cfg(unix)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::lock::{Going, films, start, until, until_written};
use crate::support::{Api, Bucket, CREDENTIALS, Draft, Run, Shop, both};

/// What "at once" means, on a machine that does other things as well.
const AT_ONCE: Duration = Duration::from_millis(2500);

/// Sends two signals, and expects that the second one ends the process.
#[track_caller]
fn interrupt_twice(going: Going, [first, second]: [&str; 2]) -> Run {
    going.signal(first);
    std::thread::sleep(Duration::from_millis(400));
    let begin = Instant::now();
    going.signal(second);
    let run = going.end();
    assert!(begin.elapsed() < AT_ONCE, "{:?}: {run:?}", begin.elapsed());
    run
}

const SIGNALS: [[&str; 2]; 4] = [
    ["-INT", "-INT"],
    ["-TERM", "-TERM"],
    ["-HUP", "-HUP"],
    ["-INT", "-TERM"],
];

both!(with_a_create_under_way_the_second_signal_is_six);

fn with_a_create_under_way_the_second_signal_is_six(api: Api) {
    for signals in SIGNALS {
        let shop = Shop::of(api);
        shop.declare(&films(2));
        shop.fault("create*=delay:30000");
        let going = start(&shop, "apply -y");
        until("a create is noted", || {
            shop.path(".offerctl/shop/journal").exists()
        });
        std::thread::sleep(Duration::from_millis(300));
        let run = interrupt_twice(going, signals);
        assert_eq!(run.code, 6, "{run:?}");
        assert!(shop.state_intents() > 0);
    }
}

both!(without_a_create_under_way_the_second_signal_is_one);

fn without_a_create_under_way_the_second_signal_is_one(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&films(1));
    let _run = shop.apply();
    shop.requests();
    shop.declare(&[Draft::new("single", "film-0").with("price", "9.00")]);
    shop.fault(&format!(
        "{}=delay:30000,after",
        api.call("updateSingleOffer")
    ));
    let going = start(&shop, "apply -y");
    until_written(&shop, 1);
    let run = interrupt_twice(going, ["-TERM", "-TERM"]);
    assert_eq!(run.code, 1, "{run:?}");
}

#[test]
fn a_hang_up_lets_what_is_under_way_finish() {
    let shop = Shop::new();
    shop.one_by_one();
    shop.declare(&films(4));
    shop.fault("create*=delay:400,after");
    let going = start(&shop, "apply -y");
    until_written(&shop, 1);
    going.signal("-HUP");
    let run = going.end().exits(5);
    assert!(run.out.contains("1 succeeded"), "{run:?}");
}

#[test]
fn a_hang_up_that_is_ignored_ends_nothing() {
    let shop = Shop::new();
    shop.declare(&films(1));
    shop.fault("create*=delay:800,after");
    let inner = shop.command("apply -y");
    let mut command = Command::new("nohup");
    command.env_clear().current_dir(shop.path(""));
    command.envs(
        inner
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command.arg(inner.get_program()).args(inner.get_args());
    command.stdin(Stdio::null());
    let going = Going::of(command, "apply -y");
    until_written(&shop, 1);
    going.signal("-HUP");
    let _run = going.end().exits(0);
}

/// Something between the program and a bucket that can stop to answer.
struct Between {
    port: u16,
    hangs: Arc<AtomicBool>,
    connections: Arc<AtomicUsize>,
}

impl Between {
    fn new(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let between = Self {
            port: listener.local_addr().unwrap().port(),
            hangs: Arc::default(),
            connections: Arc::default(),
        };
        let (hangs, connections) = (between.hangs.clone(), between.connections.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                connections.fetch_add(1, Ordering::SeqCst);
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else {
                    continue;
                };
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let stops = hangs.clone();
                std::thread::spawn(move || pass(from, to, &stops));
                std::thread::spawn(move || pass(server, client, &AtomicBool::new(false)));
            }
        });
        between
    }

    fn hang(&self) {
        self.hangs.store(true, Ordering::SeqCst);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, hangs: &AtomicBool) {
    let mut buffer = [0; 16 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(_) if hangs.load(Ordering::SeqCst) => {}
            Ok(read) => {
                if to.write_all(&buffer[..read]).is_err() {
                    break;
                }
            }
        }
    }
    let _closed = to.shutdown(Shutdown::Both);
}

/// A shop with its state behind something that can stop to answer.
fn remote() -> (Shop, Bucket, Between) {
    let (shop, bucket) = (Shop::new(), Bucket::new());
    shop.configure(&format!("    state: s3://{}/shop\n", bucket.name));
    shop.one_by_one();
    let between = Between::new(bucket.port());
    (shop, bucket, between)
}

fn begin(shop: &Shop, between: &Between) -> Going {
    let mut command = shop.command("apply -y");
    command.envs(CREDENTIALS);
    command.env(
        "AWS_ENDPOINT_URL",
        format!("http://127.0.0.1:{}", between.port),
    );
    command.env("AWS_ALLOW_HTTP", "true");
    Going::of(command, "apply -y")
}

#[test]
fn a_bucket_that_hangs_while_the_state_is_opened() {
    let (shop, _bucket, between) = remote();
    shop.declare(&films(1));
    between.hang();
    let going = begin(&shop, &between);
    until("it asks the bucket", || {
        between.connections.load(Ordering::SeqCst) > 0
    });
    let run = interrupt_twice(going, ["-INT", "-INT"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(shop.writes(), 0);
}

#[test]
fn a_bucket_that_hangs_while_the_lock_is_released() {
    let (shop, bucket, between) = remote();
    shop.declare(&films(1));
    shop.fault("list*=delay:30000");
    let going = begin(&shop, &between);
    until("it has the lock", || bucket.get("shop/lock.json").is_some());
    std::thread::sleep(Duration::from_millis(300));
    between.hang();
    let run = interrupt_twice(going, ["-TERM", "-TERM"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(shop.writes(), 0);
}

#[test]
fn a_bucket_that_hangs_while_the_state_is_stored() {
    for signals in [["-INT", "-INT"], ["-TERM", "-TERM"]] {
        let (shop, _bucket, between) = remote();
        shop.declare(&films(3));
        shop.fault("create*=delay:500,after");
        let going = begin(&shop, &between);
        until_written(&shop, 1);
        between.hang();
        std::thread::sleep(Duration::from_millis(900));
        let run = interrupt_twice(going, signals);
        assert_eq!(run.code, 6, "{run:?}");
    }
}
