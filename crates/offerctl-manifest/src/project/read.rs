//! Reading `offerctl.yaml` by the table of its keys.

use std::collections::BTreeMap;

use offerctl_model::foreign::{Foreign, looks_secret};
use offerctl_model::name::Name;
use offerctl_model::offer_type::Api;

use super::address::{self, Problem};
use super::bounds::{guards, limits};
use super::environment::{Account, Endpoint, Environment, LOCAL, Project, Site, TokenSource};
use super::given::{Contents, Given};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::manifest::{Origin, approvals, value};
use crate::source::SourceFile;
use crate::span::Span;
use crate::yaml::{Data, NodeId, Reader, Tree, cut};

/// Reads the project file; notes every mistake at its place.
///
/// The project is usable only if no mistake is an error.
pub fn read(source: &SourceFile) -> (Project, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut project = Project::default();
    let tree = Tree::scan(source, &mut diagnostics);
    diagnostics = concealed_below_token(diagnostics, source);
    if let Some(tree) = &tree
        && let Some(yaml) = tree.decode(tree.root(), &mut diagnostics)
    {
        read_project(
            &mut Reader::new(tree, &mut diagnostics),
            Given::file(&yaml),
            source,
            &mut project,
        );
    } else if !diagnostics.has_errors() {
        // A file that was cut to nothing must not look like one that was never there.
        let start = Span {
            file: source.id,
            start: 0,
            length: 0,
        };
        let diagnostic = Diagnostic::error(Code::MissingField, "the file says nothing").at(start);
        diagnostics.push(diagnostic.help("begin it with `version: 1`, or delete it"));
    }
    (project, diagnostics)
}

/// What is no YAML has no keys by which a secret is known: so what `token` is about, or may be, is not shown.
fn concealed_below_token(diagnostics: Diagnostics, source: &SourceFile) -> Diagnostics {
    /// `token:`, `command:` and a first argument.
    const LINES: usize = 3;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_below_token = |span: Span| {
        let end = source.boundary(span.start + span.length);
        let mut depth = usize::MAX;
        let lines = source.text[..end].lines().rev().enumerate();
        lines.into_iter().any(|(above, line)| {
            // What is indented less has all that is between in it.
            let is_around = indent(line) < depth && !line.trim().is_empty();
            if is_around {
                depth = indent(line);
            }
            (is_around || above < LINES) && line.contains("token")
        })
    };
    let mut all = Diagnostics::new();
    for diagnostic in diagnostics {
        all.push(if diagnostic.span.is_some_and(is_below_token) {
            diagnostic.concealed()
        } else {
            diagnostic
        });
    }
    all
}

fn read_project(
    reader: &mut Reader<'_>,
    given: Given<'_>,
    source: &SourceFile,
    project: &mut Project,
) {
    let Some(contents) = given.contents(reader) else {
        return;
    };
    if let Some(version) = contents.get("version")
        && reader
            .scalar(version.yaml, "1")
            .is_some_and(|text| text != "1")
    {
        reader.error_with_help(
            version.yaml.node,
            Code::Version,
            "this version is not known",
            "write `version: 1`",
        );
    }
    project.name = contents.get("project").and_then(|given| given.text(reader));
    if let Some(given) = contents.get("manifests") {
        let patterns = given.list(reader);
        project.manifests = patterns
            .into_iter()
            .filter_map(|given| pattern(reader, given))
            .collect();
    }
    let default = contents.get("defaultEnvironment");
    if let Some(given) = contents.get("environments") {
        project.environments = environments(reader, given, project.name.is_some());
    }
    if let Some(given) = contents.get("allow") {
        project.approvals = approvals(reader, given.yaml, &Origin::project(source));
    }
    contents.finish(reader);
    let Some(default) = default else { return };
    let Some(name) = default.text(reader) else {
        return;
    };
    if !project.environments.contains_key(&name) {
        let names = project
            .environments
            .keys()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let message = format!("there is no environment `{}`", cut(&name));
        reader.error_with_help(
            default.yaml.node,
            Code::UnknownEnvironment,
            message,
            format!("there are {names}"),
        );
    }
    project.default_environment = Some(name);
}

/// A pattern of files in the folder of the project: what leads out of it could be any file of the machine.
fn pattern(reader: &mut Reader<'_>, given: Given<'_>) -> Option<String> {
    let node = given.yaml.node;
    let pattern = given.text(reader)?;
    let is_absolute = pattern.starts_with(['/', '\\']) || pattern.get(1..2) == Some(":");
    let leads_out = is_absolute || pattern.split(['/', '\\']).any(|part| part == "..");
    if !leads_out {
        return Some(pattern);
    }
    reader.error_with_help(
        node,
        Code::Config,
        "the pattern leads out of the project's folder",
        "move offerctl.yaml to a folder that has all manifests in it",
    );
    None
}

fn environments(
    reader: &mut Reader<'_>,
    given: Given<'_>,
    is_named: bool,
) -> BTreeMap<String, Environment> {
    let mut environments = BTreeMap::new();
    for (name, node, given) in given.map(reader) {
        // The name is a folder as well.
        if name.parse::<Name>().is_err() {
            let message = format!("`{}` is no name for an environment", cut(name));
            reader.error_with_help(node, Code::Config, message, "use a-z, 0-9 and -");
            continue;
        }
        environments.insert(
            name.to_owned(),
            environment(reader, (name, given), is_named),
        );
    }
    if environments.is_empty() {
        environments.insert(
            LOCAL.to_owned(),
            Environment::new(LOCAL, Endpoint::Emulator),
        );
    }
    environments
}

fn environment(
    reader: &mut Reader<'_>,
    (name, given): (&str, Given<'_>),
    is_named: bool,
) -> Environment {
    let Some(contents) = given.contents(reader) else {
        return Environment::new(name, Endpoint::Emulator);
    };
    let endpoint = endpoint(reader, &contents);
    let mut environment = Environment::new(name, endpoint);
    if let Some(word) = contents.get("api").and_then(|given| given.choice(reader)) {
        environment.api = if word == "rest" {
            Api::Rest
        } else {
            Api::JsonRpc
        };
    }
    if let Some(token) = contents.get("token").and_then(|given| token(reader, given)) {
        environment.token = token;
    }
    if let Some(given) = contents.get("account") {
        environment.account = account(reader, given);
    }
    if let Some(given) = contents.get("vars") {
        for (key, _, value) in given.map(reader) {
            if let Some(value) = value.text(reader) {
                environment.vars.insert(key.to_owned(), value);
            }
        }
    }
    environment.state = contents.get("state").and_then(|given| state(reader, given));
    if let Some(given) = contents.get("limits") {
        limits(reader, given, &mut environment.limits);
    }
    if let Some(given) = contents.get("guards") {
        environment.guards = guards(reader, given);
    }
    environment.confirm = contents
        .get("confirm")
        .and_then(|given| reader.flag(given.yaml))
        .unwrap_or(false);
    environment.markers = contents
        .get("markers")
        .and_then(|given| reader.flag(given.yaml))
        .unwrap_or(true);
    if environment.api == Api::Rest {
        // Each request is about one offer.
        environment.limits.batch = 1;
        if environment.markers && !is_named {
            let message = "the project has no name, and offers over rest carry it";
            let help = "write `project: NAME` at the top of the file, or `markers: false` here";
            reader.error_with_help(given.yaml.node, Code::MissingField, message, help);
        }
    }
    contents.finish(reader);
    environment
}

fn endpoint(reader: &mut Reader<'_>, contents: &Contents<'_>) -> Endpoint {
    let site = contents
        .get("site")
        .map(|given| (given.yaml.node, given.choice(reader)));
    let endpoint = contents
        .get("endpoint")
        .map(|given| (given.yaml.node, given.text(reader)));
    match (site, endpoint) {
        (Some((node, _)), Some(_)) => {
            reader.error(
                node,
                Code::Config,
                "`site` and `endpoint` are both given: leave one out",
            );
            Endpoint::Emulator
        }
        (Some((_, word)), None) => Endpoint::Site(if word == Some("production") {
            Site::Production
        } else {
            Site::Sandbox
        }),
        (None, Some((_, None))) => Endpoint::Emulator,
        (None, Some((_, Some(word)))) if word == "emulator" => Endpoint::Emulator,
        (None, Some((node, Some(address)))) => {
            check_address(reader, node, &address);
            Endpoint::Url(address)
        }
        (None, None) => {
            let help = "write `site: sandbox`, `site: production`, or `endpoint: emulator`";
            reader.error_with_help(
                contents.node,
                Code::Config,
                "neither `site` nor `endpoint` is given",
                help,
            );
            Endpoint::Emulator
        }
    }
}

fn check_address(reader: &mut Reader<'_>, node: NodeId, address: &str) {
    let url = url::Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match url {
        None if is_plain_word(address) => {
            let message = format!("`{address}` is neither `emulator` nor an http or https address");
            reader.error(node, Code::Config, message);
        }
        None => {
            let help = "write `emulator`, or an address such as https://api.example";
            let message = "this is neither `emulator` nor an http or https address";
            reader.conceal_error(node, Code::Config, message, help);
        }
        Some(_) if looks_secret(address) => {
            let help = "the token comes from `token`, never from the address";
            let message = "the address has a word in it that looks like a token";
            reader.conceal_error(node, Code::Config, message, help);
        }
        Some(url) if has_more_than_a_place(&url) => {
            let help = "the token comes from `token`, never from the address";
            let message = "the address has a user, a password, a query or a fragment in it";
            reader.conceal_error(node, Code::Config, message, help);
        }
        Some(_) => {}
    }
}

fn has_more_than_a_place(url: &url::Url) -> bool {
    let user = !url.username().is_empty() || url.password().is_some();
    user || url.query().is_some() || url.fragment().is_some()
}

/// Whether a text is too short and too simple for a secret, as `emulatr` is.
fn is_plain_word(text: &str) -> bool {
    text.len() <= 16
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || "-/:.".contains(c))
}

fn token(reader: &mut Reader<'_>, given: Given<'_>) -> Option<TokenSource> {
    const HELP: &str =
        "write `token: {env: NAME}`, `{file: PATH}` or `{command: [program, argument]}`";
    let problem = match given.only() {
        Some(("env", name)) => return variable(reader, name),
        Some(("file", path)) => return path.text(reader).map(TokenSource::File),
        Some(("command", words)) => return command(reader, words),
        _ if matches!(given.yaml.data, Data::Mapping(_)) => {
            "it is not clear where the token comes from"
        }
        _ => "a token never stands in the file itself",
    };
    // Whatever stands there may be the secret itself: it is not shown.
    reader.conceal_error(given.yaml.node, Code::Config, problem, HELP);
    None
}

/// The name of a variable. What is no name is probably the token, and is not repeated.
fn variable(reader: &mut Reader<'_>, given: Given<'_>) -> Option<TokenSource> {
    let node = given.yaml.node;
    let name = given.text(reader)?;
    let is_name = !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name {
        return Some(TokenSource::Env(name));
    }
    let help = "write the name of the variable that holds the token, such as \
                `token: {env: CLEENG_PRODUCTION_TOKEN}`";
    reader.conceal_error(node, Code::Config, "this is no name of a variable", help);
    None
}

fn command(reader: &mut Reader<'_>, given: Given<'_>) -> Option<TokenSource> {
    let node = given.yaml.node;
    if !matches!(given.yaml.data, Data::Sequence(_)) {
        let message = "the command is no list of a program and its arguments";
        let help = "write a list: `{command: [program, argument]}`";
        reader.conceal_error(node, Code::Config, message, help);
        return None;
    }
    let words = given.list(reader);
    let is_word = |word: &Given<'_>| matches!(word.yaml.data, Data::Scalar(_));
    if !words.iter().all(is_word) {
        let message = "an argument of the command is no single word";
        let help = "write it between quotes: `- \"Authorization: Bearer\"`";
        reader.conceal_error(node, Code::WrongShape, message, help);
        return None;
    }
    if words.is_empty() {
        reader.error(node, Code::Config, "the command is empty");
        return None;
    }
    let words: Option<Vec<String>> = words.into_iter().map(|word| word.text(reader)).collect();
    words.map(TokenSource::Command)
}

fn account(reader: &mut Reader<'_>, given: Given<'_>) -> Account {
    let Some(contents) = given.contents(reader) else {
        return Account::default();
    };
    let publisher_email = contents
        .get("publisherEmail")
        .and_then(|given| given.text(reader))
        .map(Foreign::from);
    let country = contents
        .get("country")
        .and_then(|given| value::country(reader, given.yaml));
    let currency = contents
        .get("currency")
        .and_then(|given| value::currency(reader, given.yaml));
    contents.finish(reader);
    Account {
        publisher_email,
        country,
        currency,
    }
}

fn state(reader: &mut Reader<'_>, given: Given<'_>) -> Option<String> {
    let place = given.text(reader)?;
    if looks_secret(&place) {
        let message = "the place for the state has a word in it that looks like a token";
        reader.conceal_error(given.yaml.node, Code::Config, message, address::HELP);
        return None;
    }
    let Some(Problem { message, delicate }) = address::problem(&place) else {
        return Some(place);
    };
    if delicate {
        reader.conceal_error(given.yaml.node, Code::Config, &message, address::HELP);
    } else {
        reader.error_with_help(given.yaml.node, Code::Config, message, address::HELP);
    }
    None
}
