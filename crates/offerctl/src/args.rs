//! The command line: [`Args`].

#![expect(
    clippy::doc_markdown,
    reason = "these comments are help texts: backticks would be printed"
)]

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::error::CliError;
use crate::exit::Exit;

/// Reconcile a catalogue of paid offers at Cleeng with YAML in git
#[derive(Debug, Parser)]
#[command(
    name = "offerctl",
    version,
    max_term_width = 100,
    propagate_version = true
)]
#[command(after_long_help = exit_help())]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,

    #[command(subcommand)]
    pub(crate) command: Command,
}

fn exit_help() -> String {
    let lines: Vec<String> = Exit::ALL
        .iter()
        .map(|exit| format!("  {:>2}  {}", exit.code(), exit.meaning()))
        .collect();
    format!("Exit codes:\n{}", lines.join("\n"))
}

/// Flags that every command takes.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Folder of the project, or any folder below it
    #[arg(
        short = 'C',
        long = "directory",
        global = true,
        value_name = "DIR",
        default_value = ".",
        env = "OFFERCTL_DIRECTORY",
        hide_env = true
    )]
    pub(crate) directory: PathBuf,

    /// Environment of offerctl.yaml to work with; `diff` takes two
    #[arg(
        short = 'e',
        long = "environment",
        global = true,
        value_name = "NAME",
        action = clap::ArgAction::Append,
        env = "OFFERCTL_ENVIRONMENT",
        hide_env = true
    )]
    pub(crate) environments: Vec<String>,

    /// The one environment, by [`Global::one_environment`]
    #[arg(skip)]
    pub(crate) environment: Option<String>,

    /// Form of what is printed on standard output; not every command has every form
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "text",
        env = "OFFERCTL_FORMAT",
        hide_env = true
    )]
    pub(crate) format: Format,

    /// When to use colours; NO_COLOR is respected
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        env = "OFFERCTL_COLOR",
        hide_env = true
    )]
    pub(crate) color: ColorChoice,

    /// Print nothing but data and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more on standard error; repeat for more still
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,

    /// Form of log lines on standard error
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "text",
        env = "OFFERCTL_LOG_FORMAT",
        hide_env = true
    )]
    pub(crate) log_format: LogFormat,

    /// Never ask; fail instead, naming the flag that is missing
    #[arg(
        long,
        global = true,
        env = "OFFERCTL_NO_INPUT",
        hide_env = true,
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    pub(crate) no_input: bool,
}

impl Global {
    /// Takes the environment out of those that were named; refuses more than one.
    pub(crate) fn one_environment(mut self) -> Result<Self, CliError> {
        if let [_, second, ..] = self.environments.as_slice() {
            let message =
                "-e stands twice on the command line, and this command works with one environment";
            return Err(CliError::new(Exit::Usage, message).hint(format!(
                "leave one out, such as `-e {second}`; only `offerctl diff` takes two"
            )));
        }
        self.environment = self.environments.pop();
        Ok(self)
    }

    /// Takes the two environments out of those that were named.
    pub(crate) fn two_environments(&self) -> Result<[String; 2], CliError> {
        match self.environments.as_slice() {
            [first, second] if first != second => Ok([first.clone(), second.clone()]),
            named => {
                let message = match named {
                    [first, _] => format!("`{first}` cannot be compared with itself"),
                    named => format!(
                        "`diff` compares two environments, and {} named",
                        were(named)
                    ),
                };
                Err(CliError::new(Exit::Usage, message)
                    .hint("name both behind the command: `offerctl diff -e A -e B`"))
            }
        }
    }
}

fn were(named: &[String]) -> String {
    match named.len() {
        0 => "none is".to_owned(),
        1 => "only one is".to_owned(),
        count => format!("{count} are"),
    }
}

/// Form of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One JSON document, described by a schema
    Json,
    /// For a comment on a pull request: plan, show, apply --dry-run
    Markdown,
    /// Annotations beside the lines of a pull request: validate
    Github,
    /// A code quality report of GitLab: validate
    Gitlab,
}

impl Format {
    /// The word on the command line.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
        }
    }
}

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What is done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a project to begin with
    Init(InitArgs),
    /// Check the manifests without token or network
    Validate,
    /// Show what an apply would do
    Plan(PlanArgs),
    /// Carry out what the manifests say, or a saved plan
    Apply(ApplyArgs),
    /// Show a saved plan
    Show(ShowArgs),
    /// Report what was changed by hand since the last apply
    Drift(DriftArgs),
    /// Make manifests of what is live, and bind it to them
    Import(ImportArgs),
    /// Check token, account, clock, state, lock and API, with a verdict and a next step each
    Doctor,
    /// Show what differs between two environments, as they are live: -e A -e B
    Diff,
    /// Put the manifests into one order and one layout
    Fmt(FmtArgs),
    /// Look into the state, or mend it
    #[command(subcommand)]
    State(StateCommand),
    /// Print a JSON Schema
    Schema(SchemaArgs),
    /// Run a Cleeng to try things on
    Emulator(Box<EmulatorArgs>),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for every command
    Man(ManArgs),
}

impl Command {
    /// The word on the command line, and the forms that the command can print in.
    pub(crate) fn formats(&self) -> (&'static str, &'static [Format]) {
        const TEXT: &[Format] = &[Format::Text];
        const DATA: &[Format] = &[Format::Text, Format::Json];
        const PLAN: &[Format] = &[Format::Text, Format::Json, Format::Markdown];
        const CHECK: &[Format] = &[Format::Text, Format::Json, Format::Github, Format::Gitlab];
        match self {
            Self::Init(_) => ("init", TEXT),
            Self::Validate => ("validate", CHECK),
            Self::Plan(_) => ("plan", PLAN),
            Self::Apply(apply) if apply.dry_run => ("apply --dry-run", PLAN),
            Self::Apply(_) => ("apply", DATA),
            Self::Show(_) => ("show", PLAN),
            Self::Drift(drift) if !drift.accept.is_empty() => ("drift --accept", DATA),
            Self::Drift(_) => ("drift", PLAN),
            Self::Import(_) => ("import", DATA),
            Self::Doctor => ("doctor", DATA),
            Self::Diff => ("diff", DATA),
            Self::Fmt(_) => ("fmt", DATA),
            Self::State(_) => ("state", DATA),
            Self::Schema(_) => ("schema", DATA),
            Self::Emulator(_) => ("emulator", DATA),
            Self::Completions(_) => ("completions", DATA),
            Self::Man(_) => ("man", DATA),
        }
    }
}

/// What `init` takes.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = INIT_HELP)]
pub(crate) struct InitArgs {
    /// Where pull requests are planned and merges applied
    #[arg(long, value_enum, default_value = "none")]
    pub(crate) ci: Forge,

    /// Write no example offer, as before an `import`
    #[arg(long)]
    pub(crate) no_example: bool,
}

const INIT_HELP: &str = "\
Makes offerctl.yaml with the environments local, sandbox and production, a manifest with one offer, schemas for editors, and \
a line in .gitignore, in the folder that -C names; -e names the environment that commands work with by default (local, if \
not given). `offerctl plan` works at once, on the embedded emulator. No file is ever overwritten: if there is a project \
already, there or in a folder above up to the root of the git repository, nothing is written (exit 64), and other files \
that are there are left alone.";

/// Something that runs pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Forge {
    /// Workflows for GitHub Actions
    Github,
    /// Jobs for GitLab CI
    Gitlab,
    /// Nowhere yet
    None,
}

/// What `plan` takes.
#[derive(Debug, Default, ClapArgs)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(crate) struct PlanArgs {
    /// Save the plan, for `offerctl apply FILE`
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Write the JSON document into a file as well
    #[arg(long, value_name = "FILE")]
    pub(crate) json_into: Option<PathBuf>,

    /// Write Markdown for a comment into a file as well
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown_into: Option<PathBuf>,

    /// Write GitLab's report of what would be created, updated and deleted into a file as well
    #[arg(long, value_name = "FILE")]
    pub(crate) gitlab_report_into: Option<PathBuf>,

    /// Write the job summary and the outputs of a step of GitHub Actions, and annotations for what is blocked
    #[arg(long)]
    pub(crate) github: bool,

    /// Exit with 2 if there are changes
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,

    /// Show the steps in their order
    #[arg(long)]
    pub(crate) steps: bool,

    #[command(flatten)]
    pub(crate) take_over: TakeOver,
}

/// Whose live offers may be taken over.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(crate) struct TakeOver {
    /// Take over live offers that carry the marker of this other project; may be given several times
    #[arg(long, value_name = "PROJECT")]
    pub(crate) take_over_from: Vec<String>,
}

/// What `apply` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct ApplyArgs {
    /// A plan that `offerctl plan --out FILE` saved; it is applied as it was shown, or not at all
    #[arg(value_name = "PLAN")]
    pub(crate) plan: Option<PathBuf>,

    /// Apply without asking; does not stand in for --confirm
    #[arg(short = 'y', long = "auto-approve", visible_alias = "yes")]
    pub(crate) auto_approve: bool,

    /// Show the plan and do nothing, as `offerctl plan` does
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Allow just this number of deactivations, replacements included
    #[arg(long, value_name = "N")]
    pub(crate) allow_deactivations: Option<usize>,

    /// Name the environment, where `confirm: true` asks for it
    #[arg(long, value_name = "ENVIRONMENT")]
    pub(crate) confirm: Option<String>,

    /// Wait so long for the lock of the state
    #[arg(long, value_name = "SECONDS", default_value = "0")]
    pub(crate) lock_timeout: f64,

    #[command(flatten)]
    pub(crate) take_over: TakeOver,
}

/// What `show` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct ShowArgs {
    /// A plan that `offerctl plan --out FILE` saved
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,

    /// Show the steps in their order
    #[arg(long)]
    pub(crate) steps: bool,
}

/// What `drift` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct DriftArgs {
    /// Take what was changed by hand of these offers into the manifests
    ///
    /// The live values are written in their places; comments and layout stay. All that was named is written, or
    /// nothing at all (exit 3), with the reasons. An offer without drift is no error. Neither the state nor the
    /// account is written: the next apply records what was accepted.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(crate) accept: Vec<String>,

    /// Write the JSON document into a file as well
    #[arg(long, value_name = "FILE")]
    pub(crate) json_into: Option<PathBuf>,

    /// Write Markdown for an issue into a file as well
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown_into: Option<PathBuf>,

    /// Write Prometheus metrics into a file, for the textfile collector of node_exporter
    ///
    /// The file is replaced in one step once everything was read. A run that fails leaves it as it was, so that
    /// offerctl_last_success_timestamp_seconds grows old.
    #[arg(long, value_name = "FILE")]
    pub(crate) metrics_into: Option<PathBuf>,
}

/// What `import` takes.
#[derive(Debug, ClapArgs)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(crate) struct ImportArgs {
    /// Write the manifests into this folder of the project, one file per type of offer
    #[arg(long, value_name = "DIR", default_value = "offers")]
    pub(crate) into: String,

    /// Keep the manifests that there are: bind their offers, and write only what none of them declares
    ///
    /// An offer is bound to what it would adopt in a plan. Where the project has several environments, the new
    /// offers are declared for this one alone (`only`).
    #[arg(long)]
    pub(crate) adopt: bool,

    /// Write offers that cannot be bought, too, into a file of their own; no environment has them (`only: []`)
    #[arg(long)]
    pub(crate) inactive: bool,

    /// Show what would be written and bound, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) take_over: TakeOver,
}

/// What `fmt` takes.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = FMT_HELP)]
#[expect(clippy::struct_excessive_bools, reason = "flags are bools")]
pub(crate) struct FmtArgs {
    /// Files with offers, or - for standard input; all manifests of the project, if none is named
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Write nothing, and exit with 1 if a file is not formatted
    #[arg(long)]
    pub(crate) check: bool,

    /// Show the lines that change
    #[arg(long)]
    pub(crate) diff: bool,

    /// Remove approvals (`allow:`) that can approve nothing any more, also from offerctl.yaml
    #[arg(long)]
    pub(crate) prune: bool,
}

const FMT_HELP: &str = "\
The keys of an offer stand in one order: type, movedFrom, ids, only, then the fields as the documentation lists them, then \
localizations, dependsOn, environments and lifecycle. Offers, countries and lists stay in the order in which they were \
written, and in a file with YAML aliases all keys do. A blank line stands between offers; the others stay where they were.

What stands between brackets stays so up to 100 columns, unless there are comments in it. Quotes go where nobody needs \
them. Every comment stays with its entry: at the end of its line, above it, or at the end of its block.

With --prune, entries of `allow` go with their comments once their last day (in UTC) has passed, or if they name no declared \
offer; those that approve deactivations stay until their last day. offerctl.yaml is pruned, too, if no FILE is named; its layout \
stays as it is.

What is written is read anew first, and says the same, or nothing is written. A file with mistakes is reported as by \
validate (exit 65), and then no file is written at all.";

/// What is done with the state.
#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// List the names and the offers that they are bound to
    List,
    /// Show what is remembered of one offer
    Show {
        /// Its name
        name: String,
    },
    /// Bind a live offer to a name, after showing what the next apply would change
    ///
    /// Prints how the live offer differs from its manifest, prices and countries included, and asks. Without a terminal
    /// nobody can be asked: add --yes. The offer itself stays as it is until the next apply. An offer that another project
    /// has marked is refused without --take-over-from.
    Adopt(AdoptArgs),
    /// List the creates whose outcome is unknown, with the commands that settle them
    Pending,
    /// Drop the binding of a name, or its create whose outcome is unknown; the offer stays as it is
    Forget {
        /// The name
        name: String,
    },
    /// Let a binding go on under another name, as `movedFrom` in a manifest does
    Mv {
        /// The name now
        old: String,
        /// The name from now on
        new: String,
    },
    /// Bind what is declared and live and not bound, as after the loss of the state
    ///
    /// Each name gets the live offer that it would adopt in a plan, with the evidence for it. What cannot be decided
    /// is listed with the commands that settle it. Bindings that the state has stay.
    Rebuild(RebuildArgs),
    /// Print the whole state as JSON: a backup, or a look at it
    Export,
    /// Show who holds the lock, and take it away if that is wanted
    Unlock(UnlockArgs),
}

/// What `state adopt` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct AdoptArgs {
    /// The name
    pub(crate) name: String,

    /// The id of the offer, such as P123123123_US
    pub(crate) id: String,

    /// Bind it without asking
    #[arg(short = 'y', long = "auto-approve", visible_alias = "yes")]
    pub(crate) auto_approve: bool,

    #[command(flatten)]
    pub(crate) take_over: TakeOver,
}

/// What `state rebuild` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct RebuildArgs {
    /// Write the bindings without asking
    #[arg(short = 'y', long = "auto-approve", visible_alias = "yes")]
    pub(crate) auto_approve: bool,

    /// Show what would be bound, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) take_over: TakeOver,
}

/// What `state unlock` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct UnlockArgs {
    /// Take the lock away without asking
    #[arg(short = 'y', long = "auto-approve", visible_alias = "yes")]
    pub(crate) auto_approve: bool,
}

/// What `schema` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct SchemaArgs {
    /// Which schema
    #[arg(value_enum)]
    pub(crate) kind: SchemaName,
}

/// Something that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    /// Files with offers
    Manifest,
    /// offerctl.yaml
    Project,
    /// What `plan --format json` prints
    Plan,
    /// What `apply --format json` prints
    Report,
    /// What `drift --format json` prints
    Drift,
    /// What `diff --format json` prints
    Diff,
    /// What `validate --format json` prints
    Validation,
    /// What `fmt --format json` prints
    Format,
}

/// What `emulator` takes.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = emulator_help())]
pub(crate) struct EmulatorArgs {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    pub(crate) listen: std::net::SocketAddr,

    /// Serve requests of web pages of this origin, such as http://localhost:3000; may be given several times, see --help
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,

    /// File with the catalogue; kept in memory if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,

    /// The only token that is accepted; any, if not given
    #[arg(long, value_name = "TOKEN")]
    pub(crate) token: Option<String>,

    /// Which methods work: all, or those that are still documented as available
    #[arg(long, value_name = "PROFILE", default_value = "classic", value_parser = ["classic", "current"])]
    pub(crate) profile: String,

    /// What goes wrong, as METHOD[#NTH]=ACTION; see --help
    #[arg(long, value_name = "RULE")]
    pub(crate) fault: Vec<String>,

    /// How answers are written, as NAME=VALUE; see --help
    #[arg(long, value_name = "QUIRK")]
    pub(crate) quirk: Vec<String>,

    /// E-mail address of the account
    #[arg(long, value_name = "EMAIL")]
    pub(crate) publisher_email: Option<String>,

    /// Country of the account
    #[arg(long, value_name = "COUNTRY")]
    pub(crate) country: Option<String>,

    /// Currency of the account
    #[arg(long, value_name = "CURRENCY")]
    pub(crate) currency: Option<String>,

    /// Tax in prices, such as 0.23
    #[arg(long, value_name = "RATE")]
    pub(crate) tax_rate: Option<rust_decimal::Decimal>,

    /// How long each request takes at least, in milliseconds
    #[arg(long, value_name = "MILLISECONDS", default_value = "0")]
    pub(crate) latency: u64,

    /// Which requests are let through: 10/s for ten in each second, 1/10 for every tenth; the others get HTTP 429
    #[arg(long, value_name = "RATE")]
    pub(crate) throttle: Option<String>,

    /// Fill an empty catalogue with so many offers of all types, to try things on
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) demo: Option<u32>,

    /// Number that the ids of new offers are made from; random, if not given
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
}

fn emulator_help() -> String {
    let quirks: Vec<String> = cleeng_emulator::Quirk::ALL
        .iter()
        .map(|quirk| format!("  {quirk}"))
        .collect();
    format!(
        "{EMULATOR_HELP}\n\nFaults:\n{}\n\nQuirks (the first value is the default):\n{}",
        cleeng_emulator::FAULT_GRAMMAR,
        quirks.join("\n")
    )
}

const EMULATOR_HELP: &str = "\
Web pages cannot reach the emulator. It serves only requests to localhost, 127.0.0.1 or [::1], on any port (others get HTTP \
421), and to the address that --listen names; with 0.0.0.0 or [::], to every IP address of the machine. Requests with an \
`Origin` header, which browsers add to what a page sends, get HTTP 403, unless --allow-origin names that origin: then the \
page may send requests and read the answers (CORS). Programs send no such header, and are served whatever the content type \
of their requests is.";

/// What `man` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct ManArgs {
    /// Write the pages of all commands into this folder, as offerctl.1, offerctl-plan.1 and so on
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
}

/// What `completions` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}
