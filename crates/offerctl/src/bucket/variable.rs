//! Variables of the clouds, looked at before they get any further: [`check`].
//!
//! The library puts them into addresses and headers and takes for granted that they fit there. No error shows a value:
//! it may be a secret, or stand in the wrong variable.

use std::ffi::OsString;
use std::path::Path;

use offerctl_engine::file::{open_regular, read_regular};
use url::Url;

use crate::error::CliError;
use crate::exit::Exit;

/// The largest file with credentials: it has a few keys or one token. Those with profiles may be longer, and are
/// checked as they are read.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// What a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An address of a service: `http` or `https`, a host, perhaps a port and a path.
    Endpoint,
    /// Such an address, also with a query.
    Address,
    /// What follows the host in an address.
    Reference,
    /// A part of the name of a host, or of a path.
    Label,
    /// A key, a token, an id: printable ASCII without blanks.
    Word,
    /// Printable ASCII, such as what goes into a header.
    Line,
    /// A name without control characters.
    Name,
    /// The path of a file that is read for the credentials.
    File,
    /// Such a file whose text goes into a header as it is.
    HeaderFile,
    /// A size of frames that HTTP/2 allows.
    FrameSize,
}

/// The variables that are used, without the prefix of their cloud, and what they have to be.
const AWS: &[(&str, Kind)] = &[
    ("ACCESS_KEY_ID", Kind::Word),
    ("SECRET_ACCESS_KEY", Kind::Word),
    ("SESSION_TOKEN", Kind::Word),
    ("TOKEN", Kind::Word),
    ("REGION", Kind::Label),
    ("DEFAULT_REGION", Kind::Label),
    ("ENDPOINT", Kind::Endpoint),
    ("ENDPOINT_URL", Kind::Endpoint),
    ("ENDPOINT_URL_S3", Kind::Endpoint),
    ("ENDPOINT_URL_STS", Kind::Endpoint),
    ("METADATA_ENDPOINT", Kind::Endpoint),
    ("CONTAINER_CREDENTIALS_RELATIVE_URI", Kind::Reference),
    ("CONTAINER_CREDENTIALS_FULL_URI", Kind::Address),
    ("CONTAINER_AUTHORIZATION_TOKEN_FILE", Kind::HeaderFile),
    ("WEB_IDENTITY_TOKEN_FILE", Kind::File),
    ("ROLE_ARN", Kind::Word),
    ("ROLE_SESSION_NAME", Kind::Word),
    ("BUCKET", Kind::Word),
    ("BUCKET_NAME", Kind::Word),
    ("CHECKSUM_ALGORITHM", Kind::Word),
    ("CONDITIONAL_PUT", Kind::Line),
    ("COPY_IF_NOT_EXISTS", Kind::Line),
    ("DISABLE_BULK_DELETE", Kind::Word),
    ("DISABLE_TAGGING", Kind::Word),
    ("IMDSV1_FALLBACK", Kind::Word),
    ("REQUEST_PAYER", Kind::Word),
    ("S3_EXPRESS", Kind::Word),
    ("SERVER_SIDE_ENCRYPTION", Kind::Word),
    ("SKIP_SIGNATURE", Kind::Word),
    ("SSE_BUCKET_KEY_ENABLED", Kind::Word),
    ("SSE_CUSTOMER_KEY_BASE64", Kind::Word),
    ("SSE_KMS_KEY_ID", Kind::Word),
    ("UNSIGNED_PAYLOAD", Kind::Word),
    ("VIRTUAL_HOSTED_STYLE_REQUEST", Kind::Word),
    ("PROFILE", Kind::Name),
    ("DEFAULT_PROFILE", Kind::Name),
    ("CONFIG_FILE", Kind::File),
    ("SHARED_CREDENTIALS_FILE", Kind::File),
];

const AZURE: &[(&str, Kind)] = &[
    ("STORAGE_ACCOUNT", Kind::Label),
    ("STORAGE_ACCOUNT_NAME", Kind::Label),
    ("STORAGE_KEY", Kind::Word),
    ("STORAGE_ACCOUNT_KEY", Kind::Word),
    ("STORAGE_ACCESS_KEY", Kind::Word),
    ("STORAGE_MASTER_KEY", Kind::Word),
    ("STORAGE_ENCRYPTION_KEY", Kind::Word),
    ("STORAGE_SAS_KEY", Kind::Word),
    ("STORAGE_SAS_TOKEN", Kind::Word),
    ("STORAGE_TOKEN", Kind::Word),
    ("STORAGE_CLIENT_ID", Kind::Word),
    ("CLIENT_ID", Kind::Word),
    ("STORAGE_CLIENT_SECRET", Kind::Word),
    ("CLIENT_SECRET", Kind::Word),
    ("STORAGE_TENANT_ID", Kind::Label),
    ("STORAGE_AUTHORITY_ID", Kind::Label),
    ("TENANT_ID", Kind::Label),
    ("AUTHORITY_ID", Kind::Label),
    ("STORAGE_AUTHORITY_HOST", Kind::Endpoint),
    ("AUTHORITY_HOST", Kind::Endpoint),
    ("STORAGE_ENDPOINT", Kind::Endpoint),
    ("ENDPOINT", Kind::Endpoint),
    ("MSI_ENDPOINT", Kind::Address),
    ("IDENTITY_ENDPOINT", Kind::Address),
    ("MSI_RESOURCE_ID", Kind::Word),
    ("OBJECT_ID", Kind::Word),
    ("FEDERATED_TOKEN_FILE", Kind::File),
    ("FABRIC_TOKEN_SERVICE_URL", Kind::Address),
    ("FABRIC_WORKLOAD_HOST", Kind::Word),
    ("FABRIC_SESSION_TOKEN", Kind::Word),
    ("FABRIC_CLUSTER_IDENTIFIER", Kind::Word),
    ("CONTAINER_NAME", Kind::Word),
    ("CREDENTIAL_TYPE", Kind::Word),
    ("DISABLE_TAGGING", Kind::Word),
    ("SKIP_SIGNATURE", Kind::Word),
    ("STORAGE_USE_EMULATOR", Kind::Word),
    ("USE_AZURE_CLI", Kind::Word),
    ("USE_FABRIC_ENDPOINT", Kind::Word),
];

const GOOGLE: &[(&str, Kind)] = &[
    ("APPLICATION_CREDENTIALS", Kind::File),
    ("SERVICE_ACCOUNT", Kind::File),
    ("SERVICE_ACCOUNT_PATH", Kind::File),
    ("BASE_URL", Kind::Endpoint),
    ("BEARER_TOKEN", Kind::Word),
    ("BUCKET", Kind::Word),
    ("BUCKET_NAME", Kind::Word),
    ("SKIP_SIGNATURE", Kind::Word),
];

/// What the variables of each cloud may say of connections.
const CLIENT: &[(&str, Kind)] = &[
    ("ALLOW_HTTP", Kind::Word),
    ("ALLOW_INVALID_CERTIFICATES", Kind::Word),
    ("CONNECT_TIMEOUT", Kind::Line),
    ("DEFAULT_CONTENT_TYPE", Kind::Line),
    ("DISABLE_SYSTEM_CERTIFICATES", Kind::Word),
    ("HTTP1_ONLY", Kind::Word),
    ("HTTP2_KEEP_ALIVE_INTERVAL", Kind::Line),
    ("HTTP2_KEEP_ALIVE_TIMEOUT", Kind::Line),
    ("HTTP2_KEEP_ALIVE_WHILE_IDLE", Kind::Word),
    ("HTTP2_MAX_FRAME_SIZE", Kind::FrameSize),
    ("HTTP2_ONLY", Kind::Word),
    ("POOL_IDLE_TIMEOUT", Kind::Line),
    ("POOL_MAX_IDLE_PER_HOST", Kind::Word),
    ("PROXY_EXCLUDES", Kind::Line),
    ("PROXY_URL", Kind::Word),
    ("RANDOMIZE_ADDRESSES", Kind::Word),
    ("READ_TIMEOUT", Kind::Line),
    ("TIMEOUT", Kind::Line),
    ("USER_AGENT", Kind::Line),
];

/// Of several lines, and never in an address or a header.
const OF_LINES: &[&str] = &["SERVICE_ACCOUNT_KEY", "PROXY_CA_CERTIFICATE"];

/// What a variable has to be, if it is used where a state is in a bucket of this cloud.
fn kind_of(cloud: &str, name: &str) -> Option<Kind> {
    // The emulator of Azure has a variable of its own.
    if name == "AZURITE_BLOB_STORAGE_URL" && cloud == "AZURE_" {
        return Some(Kind::Endpoint);
    }
    let name = name.to_ascii_uppercase();
    let name = name.strip_prefix(cloud)?;
    let known = match cloud {
        "AWS_" => AWS,
        "AZURE_" => AZURE,
        _ => GOOGLE,
    };
    let mut all = known.iter().chain(CLIENT);
    all.find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

/// Looks at one variable that is set; `cloud` is the beginning of the names of its cloud, such as `AWS_`.
pub(super) fn check(cloud: &str, name: &str, value: &OsString) -> Result<(), CliError> {
    let is_text = OF_LINES
        .iter()
        .any(|known| name.strip_prefix(cloud) == Some(known));
    let kind = kind_of(cloud, name);
    let problem = match (value.to_str(), kind) {
        (None, Some(_)) => Some("it is not Unicode".to_owned()),
        (None, None) if is_text => Some("it is not Unicode".to_owned()),
        (Some(value), Some(kind)) => problem_of(kind, value),
        (_, None) => None,
    };
    match problem {
        None => Ok(()),
        Some(problem) => Err(unusable(&format!("the variable `{name}`"), &problem)),
    }
}

/// Looks at a value that a profile says in the place of a variable.
pub(super) fn check_profile(
    profile: &str,
    (key, variable): (&str, &str),
    value: &str,
) -> Result<(), CliError> {
    let problem = kind_of("AWS_", variable).and_then(|kind| problem_of(kind, value));
    match problem {
        None => Ok(()),
        Some(problem) => {
            let what = format!("`{key}` of the profile `{}` of AWS", profile.escape_debug());
            Err(unusable(&what, &problem))
        }
    }
}

fn unusable(what: &str, problem: &str) -> CliError {
    CliError::new(Exit::Error, format!("{what} cannot be used: {problem}"))
}

/// What is wrong with a value; never with any of it.
fn problem_of(kind: Kind, value: &str) -> Option<String> {
    let says = |text: &str| Some(text.to_owned());
    if value.contains(['\n', '\r']) {
        return says("it has a line break in it");
    }
    if value.chars().any(char::is_control) {
        return says("it has a control character in it");
    }
    if value.trim() != value {
        return says("it begins or ends with a blank");
    }
    let is_ascii = value.is_ascii();
    match kind {
        Kind::Name => None,
        Kind::File | Kind::HeaderFile => {
            let path = Path::new(value);
            // What is missing, or not for us, is missed only if it is needed.
            let found = path.metadata().ok()?;
            if found.is_file() {
                let problem = format!("it names a file of more than {MAX_FILE_BYTES} bytes");
                if found.len() > MAX_FILE_BYTES {
                    return Some(problem);
                }
                let text = (kind == Kind::HeaderFile).then(|| read_regular(path, MAX_FILE_BYTES));
                let fits = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
                let is_odd = matches!(text, Some(Ok(text)) if !text.iter().all(fits));
                return is_odd.then(|| {
                    "the file that it names has a line break or a control character in it"
                        .to_owned()
                });
            }
            let error = open_regular(path).err()?;
            Some(format!("what it names cannot be read: {error}"))
        }
        _ if !is_ascii => says("it has characters beyond ASCII in it"),
        Kind::Line => None,
        _ if value.contains(' ') => says("it has a blank in it"),
        Kind::Word => None,
        Kind::Label => {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            (!value.bytes().all(fits))
                .then(|| "only letters, digits, `-`, `_` and `.` may be in it".to_owned())
        }
        Kind::FrameSize => {
            let fits = value
                .parse::<u32>()
                .is_ok_and(|size| (16_384..=16_777_215).contains(&size));
            (!fits).then(|| "it is not a number from 16384 to 16777215".to_owned())
        }
        Kind::Reference => {
            let fits = value.starts_with('/') && is_address(&format!("http://host{value}"));
            (!fits).then(|| "it is not a path that begins with `/`".to_owned())
        }
        Kind::Address => (!is_address(value)).then(not_an_address),
        Kind::Endpoint => {
            let is_plain = !value.contains(['?', '#', '@']);
            if is_address(value) && !is_plain {
                return says("it has a user, a query or a fragment in it");
            }
            (!is_address(value)).then(not_an_address)
        }
    }
}

fn not_an_address() -> String {
    "it is not an address such as https://host or http://host:9000".to_owned()
}

/// Whether a text is an `http` or `https` address with a host, as written: nothing in it has to be put right first.
fn is_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_web = matches!(scheme, "http" | "https");
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    is_web
        && !authority.is_empty()
        && !authority.contains('%')
        && text.bytes().all(fits)
        && Url::parse(text).is_ok_and(|url| url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(cloud: &str, name: &str, value: &str) {
        let found = check(cloud, name, &OsString::from(value)).map_err(|error| error.chain());
        let text = found.expect_err(&format!("{name}={value:?}"));
        assert!(text.contains(&format!("`{name}`")), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }

    #[track_caller]
    fn fine(cloud: &str, name: &str, value: &str) {
        let found = check(cloud, name, &OsString::from(value)).map_err(|error| error.chain());
        assert_eq!(found, Ok(()), "{name}={value:?}");
    }

    #[test]
    fn an_endpoint_is_an_address_with_a_host() {
        let endpoints = [
            ("AWS_", "AWS_ENDPOINT_URL"),
            ("AWS_", "AWS_ENDPOINT_URL_S3"),
            ("AWS_", "AWS_ENDPOINT"),
            ("AZURE_", "AZURE_STORAGE_ENDPOINT"),
            ("GOOGLE_", "GOOGLE_BASE_URL"),
        ];
        for (cloud, name) in endpoints {
            for value in [
                "127.0.0.1:9000",
                "localhost",
                "localhost:9000",
                "http:",
                "http://",
                "http:///x",
                "http:host",
                "http:/host",
                "ftp://host",
                "http://host:port",
                "http://host:99999",
                "http://ho st",
                "http://h\u{f6}st",
                "http://host\n",
                " http://host",
                "http://user:secret@host",
                "http://host/?x=y",
                "http://host/#x",
                "http://host\\x",
                "http://%41",
                "//host",
                "\u{1}",
            ] {
                refused(cloud, name, value);
            }
            for value in [
                "http://127.0.0.1:9000",
                "https://host",
                "https://host/",
                "http://[::1]:9000/path",
                "https://a.r2.cloudflarestorage.com",
            ] {
                fine(cloud, name, value);
            }
        }
    }

    #[test]
    fn no_value_has_what_does_not_fit_into_a_header_or_an_address() {
        for (cloud, names) in [("AWS_", AWS), ("AZURE_", AZURE), ("GOOGLE_", GOOGLE)] {
            for (name, kind) in names.iter().chain(CLIENT) {
                let name = format!("{cloud}{name}");
                for value in ["value\n", "value\r\n", "va\u{7f}lue", "value ", "\tvalue"] {
                    refused(cloud, &name, value);
                }
                if !matches!(kind, Kind::Name | Kind::File | Kind::HeaderFile) {
                    refused(cloud, &name, "v\u{e4}lue");
                }
            }
        }
        refused("AWS_", "AWS_REGION", "eu west");
        refused("AWS_", "AWS_REGION", "eu/west");
        fine("AWS_", "AWS_REGION", "eu-west-1");
        fine("AWS_", "AWS_SECRET_ACCESS_KEY", "a/b+c=");
        // What another cloud or nobody reads is no matter.
        fine("AWS_", "AZURE_STORAGE_KEY", "x\n");
        fine("AWS_", "AWS_PAGER", "less\n");
        fine("GOOGLE_", "GOOGLE_SERVICE_ACCOUNT_KEY", "{\n}\n");
        fine("AWS_", "AWS_WEB_IDENTITY_TOKEN_FILE", "/no/such/file");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_unicode_is_not_passed_over() {
        use std::os::unix::ffi::OsStringExt;

        let value = OsString::from_vec(vec![b'a', 0xff]);
        for name in ["AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_PROFILE"] {
            let text = check("AWS_", name, &value).unwrap_err().chain();
            assert!(text.contains(name), "{text}");
        }
        assert!(check("AWS_", "AWS_PAGER", &value).is_ok());
    }

    #[test]
    fn a_token_of_several_lines_fits_into_no_header() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
        std::fs::write(&path, "secret\n").unwrap();
        refused("AWS_", name, path.to_str().unwrap());
        std::fs::write(&path, "secret").unwrap();
        fine("AWS_", name, path.to_str().unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_no_file_with_credentials() {
        refused("AWS_", "AWS_WEB_IDENTITY_TOKEN_FILE", "/dev/zero");
        refused("GOOGLE_", "GOOGLE_APPLICATION_CREDENTIALS", "/dev/zero");
    }
}
