//! The token is in no output, no log and no file. [`Run`](crate::support::Run) looks through all that is printed.

mod echo;
mod source;

use crate::support::{Api, Draft, Shop, TOKEN, both};

/// Everything that a run can say, at the highest level, in both forms of the log.
const LOUDLY: [&str; 2] = ["-vvv --log-format json", "-vvv"];

#[track_caller]
fn expect_no_token_in_files(shop: &Shop) {
    for (path, content) in shop.files() {
        let found = content
            .windows(TOKEN.len())
            .any(|part| part == TOKEN.as_bytes());
        assert!(!found, "the token is in {}", path.display());
    }
}

both!(no_output_no_log_and_no_file_shows_the_token);

fn no_output_no_log_and_no_file_shows_the_token(api: Api) {
    for loudly in LOUDLY {
        let shop = Shop::of(api);
        shop.declare(&[Draft::new("single", "film"), Draft::new("pass", "news")]);
        for line in [
            "validate",
            "plan --out plan.json --json-into plan.v1.json",
            "show plan.json",
            "apply -y",
            "drift",
            "state list",
            "state show film",
            "plan --format json",
        ] {
            let run = shop.run(&format!("{loudly} {line}")).exits(0);
            if line == "apply -y" {
                let call = match api {
                    Api::JsonRpc => "createSingleOffer",
                    Api::Rest => "POST /offers",
                };
                assert!(run.err.contains(call), "it logs: {run:?}");
            }
        }
        expect_no_token_in_files(&shop);
    }
}

both!(no_failure_shows_the_token);

fn no_failure_shows_the_token(api: Api) {
    for fault in [
        "*=status:401",
        "*=status:500",
        "*=garbage",
        "*=cut",
        "list*=status:404",
        "create*=cut",
    ] {
        let shop = Shop::of(api);
        shop.declare(&[Draft::new("single", "film")]).fault(fault);
        let run = shop.run("-vvv apply -y");
        assert!([1, 5, 6].contains(&run.code), "{fault}: {run:?}");
        expect_no_token_in_files(&shop);
    }
}
