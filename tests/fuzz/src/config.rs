//! `offerctl.yaml`: read; a secret where a token's place is told is shown nowhere.

use offerctl_manifest::project;

use crate::diagnostics::{check, source, was_decoded};

/// What stands in the corpus for a secret that somebody wrote into the file.
const SECRET: &str = "qW3rTy-canary-qW3rTy";

/// Takes an input.
pub fn run(input: &[u8]) -> bool {
    let (source, problems) = source(input);
    if !problems.is_empty() {
        check(&problems, &source);
        return false;
    }
    let (read, diagnostics) = project::read(&source);
    assert_eq!(project::read(&source).0, read);
    let shown = check(&diagnostics, &source);
    let decoded = was_decoded(&diagnostics);
    if decoded && is_only_a_token(&source.text) {
        assert!(!shown.contains(SECRET), "{shown}");
    }
    for (name, environment) in &read.environments {
        assert_eq!(*name, environment.name);
        assert!(!environment.endpoint.describe().is_empty());
    }
    decoded
}

/// Whether the secret stands in the text, and nowhere but as the plain value of `token`.
fn is_only_a_token(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| line.contains(SECRET)).peekable();
    lines.peek().is_some() && lines.all(|line| line.trim().strip_prefix("token: ") == Some(SECRET))
}
