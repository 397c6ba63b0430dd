//! A project, a Cleeng, and the binary: [`Shop`] and [`Run`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cleeng_emulator::{
    Config, Emulator, FaultRule, Field, FieldValue, Offer, OfferId, Quirk, Requests,
};
use serde_json::Value as Json;
use tokio::runtime::Runtime;

mod api;
#[cfg(unix)]
mod bucket;
mod draft;
mod fake;

pub(crate) use api::{Api, both};
#[cfg(unix)]
pub(crate) use bucket::{Between, Bucket, CREDENTIALS, ask};
pub(crate) use draft::{Draft, LOCALIZED, TYPES};
pub(crate) use fake::{Answer, Asked, Fake, Shown};

/// What every test can find in no output and no file.
pub(crate) const TOKEN: &str = "canary-token-7f3a9c51e2d84b06";

/// Where the state of the environment is.
pub(crate) const STATE: &str = ".offerctl/shop/state.json";

/// A project in a folder of its own, and an emulator that it is applied to.
pub(crate) struct Shop {
    api: Api,
    folder: tempfile::TempDir,
    runtime: Runtime,
    emulator: Option<Emulator>,
}

impl Shop {
    /// Begins with an empty account and no manifests; the environment is called `shop`.
    pub(crate) fn new() -> Self {
        Self::of(Api::JsonRpc)
    }

    /// The same over a generation of the API.
    pub(crate) fn of(api: Api) -> Self {
        Self::of_emulator(api, Config::default())
    }

    /// Begins with an emulator that is set up otherwise.
    pub(crate) fn with_emulator(config: Config) -> Self {
        Self::of_emulator(Api::JsonRpc, config)
    }

    /// The same over a generation of the API.
    pub(crate) fn of_emulator(api: Api, config: Config) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let emulator = runtime.block_on(Emulator::start(config)).unwrap();
        let shop = Self {
            api,
            folder: tempfile::tempdir().unwrap(),
            runtime,
            emulator: Some(emulator),
        };
        shop.configure("");
        shop
    }

    /// Begins with an emulator that writes its answers otherwise, as `NAME=VALUE`.
    pub(crate) fn with_quirks(quirks: &[&str]) -> Self {
        Self::of_quirks(Api::JsonRpc, quirks)
    }

    /// The same over a generation of the API.
    pub(crate) fn of_quirks(api: Api, quirks: &[&str]) -> Self {
        let quirks = quirks.iter().map(|quirk| Quirk::parse(quirk).unwrap());
        Self::of_emulator(
            api,
            Config {
                quirks: quirks.collect(),
                ..Config::default()
            },
        )
    }

    /// Writes `offerctl.yaml` with more lines for the environment, each indented by four spaces.
    pub(crate) fn configure(&self, more: &str) {
        let url = self.emulator().url();
        let lines = self.api.lines(more);
        let text = format!(
            "version: 1\nproject: test\nenvironments:\n  shop:\n    endpoint: {url}\n    limits: {{settleSeconds: 0.2}}\n{lines}{more}"
        );
        self.write("offerctl.yaml", &text);
    }

    /// Goes over to a generation of the API, with the same account and state.
    pub(crate) fn move_to(&mut self, api: Api, more: &str) {
        self.api = api;
        self.configure(more);
    }

    /// Lets requests go out one by one, each with one call.
    pub(crate) fn one_by_one(&self) {
        self.limit("batch: 1, concurrency: 1");
    }

    /// Sets limits beside the window in which a create may show.
    pub(crate) fn limit(&self, limits: &str) {
        let config = self.read("offerctl.yaml");
        let all = format!("{{settleSeconds: 0.2, {limits}}}");
        self.write(
            "offerctl.yaml",
            &config.replace("{settleSeconds: 0.2}", &all),
        );
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Writes `offers/all.yaml` with these offers, each indented by two spaces.
    pub(crate) fn offers(&self, offers: &str) -> &Self {
        self.write("offers/all.yaml", &format!("version: 1\noffers:\n{offers}"))
    }

    /// Writes `offers/all.yaml` with these offers.
    pub(crate) fn declare(&self, drafts: &[Draft]) -> &Self {
        let offers: Vec<String> = drafts
            .iter()
            .map(|draft| draft.yaml_over(self.api))
            .collect();
        if offers.is_empty() {
            self.write("offers/all.yaml", "version: 1\noffers: {}\n")
        } else {
            self.offers(&offers.concat())
        }
    }

    /// A path in the project.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The text of a file of the project.
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    /// The emulator.
    pub(crate) fn emulator(&self) -> &Emulator {
        self.emulator.as_ref().unwrap()
    }

    /// What the emulator was asked since the last look.
    pub(crate) fn requests(&self) -> Requests {
        let requests = self.emulator().requests();
        self.emulator().reset_requests();
        requests
    }

    /// How many calls of methods that write came since the last look.
    pub(crate) fn writes(&self) -> u64 {
        self.requests().write_calls()
    }

    /// The methods of the writes since the last look, in order.
    pub(crate) fn written(&self) -> Vec<String> {
        self.requests()
            .calls()
            .filter(|call| call.is_write())
            .map(|call| call.method.clone())
            .collect()
    }

    /// What is on sale under a title: one offer, or several rows of a localized one.
    pub(crate) fn active(&self, title: &str) -> Vec<Offer> {
        let mut offers = self.emulator().offers();
        offers.retain(|offer| offer.is_active() && offer.text(Field::Title) == Some(title));
        offers
    }

    /// The id of the one row that is on sale under a title.
    #[track_caller]
    pub(crate) fn id(&self, title: &str) -> OfferId {
        let offers = self.active(title);
        assert_eq!(offers.len(), 1, "{offers:?}");
        offers[0].id().clone()
    }

    /// Changes the one row that is on sale under a title, past the API.
    #[track_caller]
    pub(crate) fn edit(&self, title: &str, change: impl FnOnce(&mut Offer)) -> OfferId {
        let id = self.id(title);
        let _offer = self.emulator().edit(&id, change).unwrap();
        id
    }

    /// Every file of the project with its content.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.folder.path(), &mut files);
        files
    }

    /// How many creates are open in the journal or the state of the environment.
    pub(crate) fn state_intents(&self) -> usize {
        let folder = self.path(".offerctl/shop");
        let mut files = BTreeMap::new();
        if folder.is_dir() {
            collect(&folder, &mut files);
        }
        let texts = files.values().map(|bytes| String::from_utf8_lossy(bytes));
        texts.map(|text| text.matches("\"intended\"").count()).sum()
    }

    /// Makes an offer past the API, with the title of a name and otherwise its own.
    pub(crate) fn make_by_hand(&self, name: &str) -> OfferId {
        let offer = Offer::new(
            "A999000111_US".parse().unwrap(),
            cleeng_emulator::Kind::Single,
        )
        .with(Field::Title, format!("Title of {name}").as_str())
        .with(Field::Url, "https://club.tv/by-hand")
        .with(Field::Price, FieldValue::Amount("77.00".parse().unwrap()));
        let id = offer.id().clone();
        self.emulator().seed_offers(vec![offer]).unwrap();
        id
    }

    /// The state file of the environment.
    pub(crate) fn state(&self) -> Json {
        serde_json::from_str(&self.read(STATE)).unwrap()
    }

    /// Lets something go wrong.
    pub(crate) fn fault(&self, rule: &str) -> &Self {
        self.emulator().add_fault(FaultRule::parse(rule).unwrap());
        self
    }

    /// Leaves nobody able to tell what became of a create, if that of a localized single is the `nth`: its answer is
    /// lost, and only one of its countries shows. Over REST our marker would tell, so there is none.
    pub(crate) fn lose_create(&self, nth: usize) {
        if self.api == Api::Rest {
            self.configure("    markers: false\n");
            self.one_by_one();
        }
        let method = self.api.call("createMultiCurrencySingleOffer");
        let nth = if self.api == Api::Rest { nth } else { 1 };
        self.fault(&format!("{method}#{nth}=cut,after,late:60000,rows"));
    }

    /// A command line, ready to be run in the project with a hermetic environment.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = offerctl(self.folder.path());
        command
            .env("CLEENG_PUBLISHER_TOKEN", TOKEN)
            .args(line.split_whitespace());
        command
    }

    /// Runs a command line in the project.
    pub(crate) fn run(&self, line: &str) -> Run {
        Run::of(&mut self.command(line), line)
    }

    /// Applies the manifests, and expects that all goes well.
    pub(crate) fn apply(&self) -> Run {
        self.run("apply --auto-approve").exits(0)
    }

    /// Plans, and returns the document.
    pub(crate) fn plan(&self) -> Json {
        let run = self.run("plan --format json");
        assert!([0, 3].contains(&run.code), "{run:?}");
        run.json()
    }

    /// Expects that a document fits the schema that the binary prints.
    #[track_caller]
    pub(crate) fn fits(&self, schema: &str, document: &Json) {
        let run = self.run(&format!("schema {schema}")).exits(0);
        let validator = jsonschema::validator_for(&run.json()).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?} in {document:#}");
    }

    /// Expects that there is nothing to do, and that finding out sent no write.
    pub(crate) fn expect_no_changes(&self) {
        self.requests();
        let run = self.run("plan --detailed-exitcode");
        assert!(run.code == 0 && run.out.contains("No changes."), "{run:?}");
        assert_eq!(self.requests().write_calls(), 0);
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Some(emulator) = self.emulator.take() {
            self.runtime.block_on(emulator.shutdown());
        }
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
}

/// The binary in a folder, with nothing of the environment of whoever runs the tests.
pub(crate) fn offerctl(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_offerctl"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command
        .env("HOME", folder)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("USER", "tester");
    command.env("RUST_BACKTRACE", "0");
    command
}

/// What came of a command line.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) line: String,
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            line,
            code,
            out,
            err,
        } = self;
        write!(
            formatter,
            "`offerctl {line}` exited with {code}\n--- stdout\n{out}\n--- stderr\n{err}"
        )
    }
}

impl Run {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command, line: &str) -> Self {
        let output = command.output().unwrap();
        Self::from_output(&output, line)
    }

    /// Takes what a process left; the token must be in none of it.
    pub(crate) fn from_output(output: &Output, line: &str) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let run = Self {
            line: line.to_owned(),
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        assert!(
            !run.out.contains(TOKEN) && !run.err.contains(TOKEN),
            "the token shows: {run:?}"
        );
        assert!(!run.err.contains("panicked"), "{run:?}");
        run
    }

    /// Expects an exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Expects words on standard output.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.out.contains(words), "no {words:?} in {self:?}");
        self
    }

    /// Expects words on standard error.
    #[track_caller]
    pub(crate) fn complains(self, words: &str) -> Self {
        assert!(self.err.contains(words), "no {words:?} in {self:?}");
        self
    }

    /// The one document on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}
