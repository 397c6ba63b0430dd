//! Addresses of states: [`problem`].
//!
//! An address is taken as it is written, or refused. A library that reads it as a URL would drop `?x`, resolve `..`, and
//! decode `%2F`, so that two environments could share a state without anybody having written that.

/// What is wrong with a place for the state.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// In words, with nothing in them that could be a secret.
    pub(super) message: String,
    /// Whether there may be a secret in the place.
    pub(super) delicate: bool,
}

/// What to write instead.
pub(super) const HELP: &str = "write a folder, or an address such as s3://bucket/path, gs://bucket/path or az://container/path; credentials come from the environment";

/// The ends of the names of hosts that are known to keep objects.
const AMAZON: &str = ".amazonaws.com";
const CLOUDFLARE: &str = ".r2.cloudflarestorage.com";
const AZURE: &str = ".blob.core.windows.net";

/// Returns what is wrong with a folder or an address, if anything is.
pub(super) fn problem(place: &str) -> Option<Problem> {
    let message = match place.split_once("://") {
        None => of_folder(place),
        Some((scheme, rest)) => of_address(scheme, rest),
    }?;
    // A user with a password, a signature in a query, or what was meant as one.
    let rest = place.split_once(':').map_or("", |(_, rest)| rest);
    let delicate = place.contains(['@', '?', '#']) || rest.contains(':');
    Some(Problem { message, delicate })
}

fn of_folder(folder: &str) -> Option<String> {
    if let Some(problem) = of_signs(folder) {
        return Some(problem);
    }
    // `s3:/bucket` would be a folder, which nobody means. `C:\states` is one.
    let scheme = folder.split_once(':').map(|(scheme, _)| scheme)?;
    let is_scheme = ["s3", "gs", "az", "http", "https", "file", "ftp"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    is_scheme.then(|| "the address has no `//` after the colon".to_owned())
}

/// What nothing that is written in a project may have.
fn of_signs(text: &str) -> Option<String> {
    if text.chars().any(char::is_control) {
        Some("the place for the state has a control character in it".to_owned())
    } else if text.trim() != text {
        Some("the place for the state begins or ends with a blank".to_owned())
    } else {
        None
    }
}

fn of_address(scheme: &str, rest: &str) -> Option<String> {
    let says = |text: &str| Some(text.to_owned());
    if let Some(problem) = of_signs(rest) {
        return Some(problem);
    }
    let (host, path) = rest
        .split_once('/')
        .map_or((rest, None), |(host, path)| (host, Some(path)));
    if rest.contains('@') {
        return says("the address has a user or a password in it, or an `@` in its path");
    }
    match scheme {
        "s3" | "gs" | "az" => {
            if host.is_empty() {
                return says("the address names no bucket");
            }
            if host.contains(':') {
                return says("the address has a port or a password in it");
            }
            if !is_bucket(host) || (scheme == "az" && host.contains('.')) {
                return says("the name of the bucket is none");
            }
        }
        "https" => {
            if host.contains(':') {
                return says("the address has a port in it, where none belongs");
            }
            match of_host(host) {
                Host::Unknown => return says("the host is not known to keep objects"),
                Host::OfBucket => {}
                Host::OfAccount => {
                    let bucket = path
                        .unwrap_or_default()
                        .split('/')
                        .next()
                        .unwrap_or_default();
                    let dotted = host.ends_with(AZURE) && bucket.contains('.');
                    if !is_bucket(bucket) || dotted {
                        return says("the address names no bucket after the host");
                    }
                }
            }
        }
        _ if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) && scheme.len() <= 16 => {
            return Some(format!("`{scheme}://` is no place for the state"));
        }
        _ => return says("the beginning of the address is no place for the state"),
    }
    of_path(path.unwrap_or_default())
}

fn of_path(path: &str) -> Option<String> {
    // One slash at the end is passed over.
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return None;
    }
    for sign in ['?', '#', '%', '\\'] {
        if path.contains(sign) {
            return Some(format!("the path of the address has a `{sign}` in it"));
        }
    }
    let fits = |sign: char| sign.is_alphanumeric() || "-_.~!*'()+=,:$&; ".contains(sign);
    for part in path.split('/') {
        if part.is_empty() {
            return Some("the path of the address has two slashes in a row".to_owned());
        }
        if part == "." || part == ".." {
            return Some(format!("the path of the address has `{part}` in it"));
        }
        if part.trim() != part {
            return Some("a part of the path begins or ends with a blank".to_owned());
        }
        if !part.chars().all(fits) {
            return Some(
                "the path of the address has a sign in it that belongs in none".to_owned(),
            );
        }
    }
    None
}

/// What the host of an https address stands for.
enum Host {
    Unknown,
    /// A bucket by itself.
    OfBucket,
    /// Many buckets: the path begins with one.
    OfAccount,
}

fn of_host(host: &str) -> Host {
    let is_label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && label.bytes().all(fits)
    };
    if !host.split('.').all(is_label) {
        return Host::Unknown;
    }
    if let Some(account) = host.strip_suffix(CLOUDFLARE) {
        // Perhaps with a jurisdiction.
        return if account.split('.').count() <= 2 {
            Host::OfAccount
        } else {
            Host::Unknown
        };
    }
    if let Some(account) = host.strip_suffix(AZURE) {
        return if account.contains('.') {
            Host::Unknown
        } else {
            Host::OfAccount
        };
    }
    let Some(labels) = host.strip_suffix(AMAZON) else {
        return Host::Unknown;
    };
    let labels: Vec<&str> = labels.split('.').collect();
    match labels.as_slice() {
        ["s3", region] if *region != "dualstack" => Host::OfAccount,
        ["s3", "dualstack", _] => Host::OfAccount,
        // The library takes each host that begins so for one of many buckets.
        [bucket, ..] if bucket.starts_with("s3") => Host::Unknown,
        [_, "s3"] | [_, "s3", "dualstack", _] => Host::OfBucket,
        [_, "s3", region] if *region != "dualstack" => Host::OfBucket,
        _ => Host::Unknown,
    }
}

/// Whether a text can be the name of a bucket or a container.
fn is_bucket(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let is_edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    is_edge(bytes.first()) && is_edge(bytes.last()) && bytes.iter().copied().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_would_become_another_is_refused() {
        for place in [
            "s3://bucket/x?y",
            "s3://bucket?y",
            "s3://bucket/x#y",
            "s3://bucket/../x",
            "s3://bucket/x/..",
            "s3://bucket/./x",
            "s3://bucket/a%2Fb",
            "s3://bucket/%2e%2e/x",
            "s3://bucket//x",
            "s3://bucket/x//y",
            "s3://bucket/x//",
            "s3://bucket/x\\y",
            "s3://bucket/x ",
            " s3://bucket/x",
            "s3://bucket/ x",
            "s3://bucket/x\ny",
            "s3://bucket/x\u{200b}y",
            "s3://bucket/{x}",
            "s3://",
            "s3:///x",
            "s3://..",
            "s3://bucket:443/x",
            "s3://bu cket/x",
            "az://con.tainer/x",
            "S3://bucket/x",
            "s3:/bucket/x",
            "s3:bucket/x",
            "http://bucket/x",
            "file:///x",
            "ftp://host/x",
            "https://example.com/x",
            "https://b.s3.eu-west-1.amazonaws.com:443/x",
            "https://b.s3.eu-west-1.amazonaws.com/x?versionId=1",
            "https://b.s3.eu-west-1.amazonaws.com/a/../b",
            "https://amazonaws.com.example.com/x",
            "https://s3.eu-west-1.amazonaws.com",
            "https://s3.eu-west-1.amazonaws.com/",
            "https://ACCOUNT.r2.cloudflarestorage.com/bucket",
            "https://account.r2.cloudflarestorage.com",
            "https://account.blob.core.windows.net/",
            "folder\n",
            "folder ",
        ] {
            assert!(problem(place).is_some(), "{place}");
        }
    }

    #[test]
    fn an_address_that_is_one_is_taken() {
        for place in [
            "folder",
            "./a/../b/",
            "/srv/state",
            "C:\\states",
            "s3://bucket",
            "s3://bucket/",
            "s3://my.bucket_x/a/b-c_d/",
            "gs://bucket/prefix",
            "az://container/prefix",
            "s3://bucket/M\u{fc}ll/a b",
            "https://b.s3.eu-west-1.amazonaws.com/x",
            "https://b.s3.amazonaws.com/x",
            "https://s3.eu-west-1.amazonaws.com/bucket/x",
            "https://account.r2.cloudflarestorage.com/bucket/x",
            "https://account.eu.r2.cloudflarestorage.com/bucket",
            "https://account.blob.core.windows.net/container/x",
        ] {
            assert_eq!(problem(place), None, "{place}");
        }
    }

    #[test]
    fn what_may_be_a_secret_is_in_no_message() {
        for place in [
            "s3://user:SECRET@bucket/x",
            "s3://SECRET@bucket/x",
            "s3://user:SEC/SECRET@bucket/x",
            "s3://user:SECRET",
            "s3:user:SECRET@bucket",
            "ftp://user:SECRET@host/x",
            "user:SECRET@s3://bucket",
            "SECRET@s3://bucket",
            "https://user:SECRET@b.s3.amazonaws.com/x",
            "https://account.blob.core.windows.net/c?sig=SECRET",
            "https://account.blob.core.windows.net/c#SECRET",
        ] {
            let found = problem(place).unwrap();
            assert!(found.delicate, "{place}");
            assert!(!found.message.contains("SECRET"), "{place}");
        }
    }
}
