//! The profiles of AWS, as far as they have keys and a region: [`add`].
//!
//! `~/.aws/credentials` and `~/.aws/config`, or where `AWS_SHARED_CREDENTIALS_FILE` and `AWS_CONFIG_FILE` say. What
//! takes more than reading (single sign-on, assumed roles, `credential_process`) is refused with words that say so,
//! rather than passed over.

use std::collections::BTreeMap;
use std::path::Path;

use offerctl_engine::file::read_regular;

use super::variable;
use crate::error::CliError;
use crate::exit::Exit;

/// The longest file with profiles, in bytes: tens of thousands of them.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// What a profile says, under the names of variables.
const KEYS: [(&str, &str); 5] = [
    ("aws_access_key_id", "AWS_ACCESS_KEY_ID"),
    ("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
    ("aws_session_token", "AWS_SESSION_TOKEN"),
    ("region", "AWS_REGION"),
    ("endpoint_url", "AWS_ENDPOINT_URL"),
];

/// What a profile may say that takes more than reading.
const BEYOND: [&str; 6] = [
    "sso_session",
    "sso_start_url",
    "credential_process",
    "role_arn",
    "source_profile",
    "login_session",
];

/// Adds what the profile says; variables go before it, as everywhere.
pub(super) fn add(settings: &mut BTreeMap<String, String>) -> Result<(), CliError> {
    if let Some(region) = settings.get("AWS_DEFAULT_REGION").cloned() {
        settings.entry("AWS_REGION".to_owned()).or_insert(region);
    }
    let named = settings
        .get("AWS_PROFILE")
        .or_else(|| settings.get("AWS_DEFAULT_PROFILE"))
        .cloned();
    let name = named.as_deref().unwrap_or("default");
    let profile = read_profile(settings, name)?;
    let Some(profile) = profile else {
        return match named {
            Some(named) => Err(CliError::new(
                Exit::Error,
                format!("there is no profile `{named}` in the files of AWS"),
            )
            .hint("AWS_PROFILE names it; `aws configure list-profiles` shows those there are")),
            None => Ok(()),
        };
    };
    let profile_name = name.to_owned();
    let has_keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
        .iter()
        .any(|name| settings.contains_key(*name));
    // A role of the machine that runs this goes before a profile that nobody named.
    let has_role = named.is_none() && settings.contains_key("AWS_WEB_IDENTITY_TOKEN_FILE");
    let takes_keys = !has_keys && !has_role;
    if takes_keys
        && !profile.contains_key("aws_access_key_id")
        && let Some(beyond) = BEYOND.iter().find(|key| profile.contains_key(**key))
        && named.is_some()
    {
        let named = named.unwrap_or_default();
        return Err(CliError::new(
            Exit::Error,
            format!("the profile `{named}` of AWS uses `{beyond}`, which offerctl does not know"),
        )
        .hint(format!(
            "put its keys into the environment: eval \"$(aws configure export-credentials --profile {named} --format env)\""
        )));
    }
    for (key, variable) in KEYS {
        let is_key = key.starts_with("aws_");
        // An empty value is one that nobody gave.
        let value = profile.get(key).filter(|value| !value.is_empty());
        if let Some(value) = value.filter(|_| !is_key || takes_keys) {
            if !settings.contains_key(variable) {
                variable::check_profile(&profile_name, (key, variable), value)?;
            }
            settings
                .entry(variable.to_owned())
                .or_insert_with(|| value.clone());
        }
    }
    Ok(())
}

/// What both files say of a profile; `None` if neither knows it.
fn read_profile(
    settings: &BTreeMap<String, String>,
    name: &str,
) -> Result<Option<BTreeMap<String, String>>, CliError> {
    let read = |variable: &str, file: &str| match settings.get(variable) {
        Some(path) => read_file(Path::new(path)),
        None => std::env::var_os("HOME").map_or_else(
            || Ok(String::new()),
            |home| read_file(&Path::new(&home).join(".aws").join(file)),
        ),
    };
    let config = read("AWS_CONFIG_FILE", "config")?;
    let credentials = read("AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
    let prefixed = format!("profile {name}");
    let of_config = section(&config, &prefixed)
        .or_else(|| section(&config, name).filter(|_| name == "default"));
    let of_credentials = section(&credentials, name);
    if of_config.is_none() && of_credentials.is_none() {
        return Ok(None);
    }
    let mut profile = of_config.unwrap_or_default();
    profile.extend(of_credentials.unwrap_or_default());
    Ok(Some(profile))
}

/// Reads a file with profiles; one that is not there, or not for us, has none.
fn read_file(path: &Path) -> Result<String, CliError> {
    use std::io::ErrorKind;

    match read_regular(path, MAX_BYTES) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::PermissionDenied
            ) =>
        {
            Ok(String::new())
        }
        Err(error) => {
            let message = format!(
                "failed to read `{}` with the profiles of AWS",
                path.display()
            );
            Err(CliError::new(Exit::Error, message).caused_by(error))
        }
    }
}

/// The entries of a section of an INI file; nested ones, which are indented, are left out.
fn section(text: &str, name: &str) -> Option<BTreeMap<String, String>> {
    let mut found: Option<BTreeMap<String, String>> = None;
    let mut inside = false;
    for line in text.lines() {
        let line = line.trim_end();
        if let Some(title) = line.trim_start().strip_prefix('[') {
            let title = title.split(']').next().unwrap_or_default();
            inside = title.split_whitespace().collect::<Vec<_>>().join(" ") == name;
            if inside {
                found.get_or_insert_default();
            }
            continue;
        }
        let is_entry = inside && !line.starts_with([' ', '\t', '#', ';']);
        if let (true, Some((key, value)), Some(entries)) =
            (is_entry, line.split_once('='), found.as_mut())
        {
            let value = value.split(" #").next().unwrap_or_default();
            entries.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[default]\nregion = eu-west-1\n\n[profile shop]\nregion=us-east-2 # ours\ns3 =\n  addressing_style = path\n; a comment\n[sso-session x]\nregion = nowhere\n";

    #[test]
    fn a_section_is_read_without_what_is_nested_in_it() {
        let shop = section(CONFIG, "profile shop").unwrap();
        assert_eq!(shop["region"], "us-east-2");
        assert!(!shop.contains_key("addressing_style"));
        assert_eq!(section(CONFIG, "default").unwrap()["region"], "eu-west-1");
        assert_eq!(section(CONFIG, "other"), None);
    }

    #[track_caller]
    fn check(
        config: &str,
        credentials: &str,
        variables: &[(&str, &str)],
        expect: Result<&str, &str>,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_string_lossy().into_owned()
        };
        let mut settings = BTreeMap::from([
            ("AWS_CONFIG_FILE".to_owned(), write("config", config)),
            (
                "AWS_SHARED_CREDENTIALS_FILE".to_owned(),
                write("credentials", credentials),
            ),
        ]);
        for (name, value) in variables {
            settings.insert((*name).to_owned(), (*value).to_owned());
        }
        let added = add(&mut settings).map_err(|error| error.chain());
        let key = settings.get("AWS_ACCESS_KEY_ID").map_or("", String::as_str);
        match expect {
            Ok(expected) => {
                assert!(added.is_ok(), "{added:?}");
                assert_eq!(key, expected);
            }
            Err(words) => assert!(
                added.as_ref().is_err_and(|text| text.contains(words)),
                "{added:?}"
            ),
        }
    }

    const KEYS_OF_TWO: &str = "[default]\naws_access_key_id = one\naws_secret_access_key = s\n[shop]\naws_access_key_id = two\naws_secret_access_key = s\n";

    #[test]
    fn the_profile_that_is_named_or_the_default_one_gives_the_keys() {
        check("", KEYS_OF_TWO, &[], Ok("one"));
        check("", KEYS_OF_TWO, &[("AWS_PROFILE", "shop")], Ok("two"));
        check(
            "",
            KEYS_OF_TWO,
            &[("AWS_PROFILE", "none")],
            Err("no profile `none`"),
        );
        check("", "", &[], Ok(""));
    }

    #[test]
    fn variables_go_before_profiles() {
        let variables = [("AWS_ACCESS_KEY_ID", "own"), ("AWS_SECRET_ACCESS_KEY", "s")];
        check("", KEYS_OF_TWO, &variables, Ok("own"));
        let role = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")];
        check("", KEYS_OF_TWO, &role, Ok(""));
    }

    #[test]
    fn a_profile_that_takes_more_than_reading_is_refused() {
        let config = "[profile shop]\nsso_session = corp\n";
        check(config, "", &[("AWS_PROFILE", "shop")], Err("sso_session"));
    }
}
