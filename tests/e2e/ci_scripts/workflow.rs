//! A runner for the workflows and the action in `ci/github`: [`Runner`] runs the steps that stand in those files.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use super::artifact::{Files, packed, unpack};
use super::expression::{asks_for_status, evaluate, fill, shown, truthy};
use super::forge::{Forge, HEAD};
use super::obeyed::obeyed;
use super::tools::{Tools, program};
use crate::support::{Shop, TOKEN};

/// A repository that a workflow runs in, and the event that it runs for.
pub(crate) struct Runner<'a> {
    pub(crate) shop: &'a Shop,
    pub(crate) forge: &'a Forge,
    /// What `github` says in expressions, but for what a job has of its own.
    pub(crate) github: Json,
    /// The secrets of each environment.
    pub(crate) secrets: BTreeMap<&'static str, Json>,
    /// A fork's pull request: no secrets, and a token that only reads.
    pub(crate) fork: bool,
    /// What `workflow_dispatch` was started with.
    pub(crate) inputs: Json,
    /// The programs that fetch and build.
    pub(crate) tools: Tools,
    /// The program that another job of the branch wrote into the cache.
    pub(crate) cached: Option<String>,
    artifacts: BTreeMap<String, Files>,
    temporary: tempfile::TempDir,
    tokens: usize,
}

/// What came of a job.
#[derive(Clone, Debug, Default)]
pub(crate) struct Job {
    pub(crate) result: &'static str,
    pub(crate) outputs: Json,
    /// All that its steps printed.
    pub(crate) log: String,
    pub(crate) summary: String,
    /// The lines that the runner obeyed.
    pub(crate) obeyed: Vec<String>,
}

/// The folder `ci` of this repository.
pub(crate) fn ci() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../ci")
        .canonicalize()
        .unwrap()
}

/// A YAML file below `ci`.
pub(crate) fn yaml(path: &str) -> Json {
    let text = std::fs::read_to_string(ci().join(path)).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

/// The members of an object in a file, or none.
pub(crate) fn members(value: &Json) -> impl Iterator<Item = (&String, &Json)> {
    value.as_object().into_iter().flatten()
}

/// The items of a list in a file, or none.
pub(crate) fn items(value: &Json) -> impl Iterator<Item = &Json> {
    value.as_array().into_iter().flatten()
}

/// What the steps of one job, or of one use of the action, share.
struct Place<'a> {
    context: Json,
    environment: BTreeMap<String, String>,
    folder: &'a Path,
    job: &'a mut Job,
}

impl<'a> Runner<'a> {
    /// A push to the default branch, with a secret in both environments.
    pub(crate) fn push(shop: &'a Shop, forge: &'a Forge, commit: &str) -> Self {
        let secret = json!({"CLEENG_PRODUCTION_TOKEN": TOKEN});
        let github = json!({
            "event_name": "push",
            "event": {"repository": {"default_branch": "main"}},
            "ref_name": "main",
            "ref_type": "branch",
            "sha": commit,
            "actor": "somebody",
            "repository": "club/offers",
        });
        Self {
            shop,
            forge,
            github,
            secrets: BTreeMap::from([("offers-plan", secret.clone()), ("production", secret)]),
            fork: false,
            inputs: Json::Null,
            tools: Tools::new(),
            cached: None,
            artifacts: BTreeMap::new(),
            temporary: tempfile::tempdir().unwrap(),
            tokens: 0,
        }
    }

    /// What `runner.temp` says: a folder that each job finds empty.
    pub(crate) fn temp(&self) -> PathBuf {
        self.temporary.path().join("temp")
    }

    /// What a schedule starts. Its event has nothing in it, on GitHub as well.
    pub(crate) fn schedule(shop: &'a Shop, forge: &'a Forge) -> Self {
        let mut runner = Self::push(shop, forge, "0000000000000000000000000000000000000001");
        runner.github["event_name"] = "schedule".into();
        runner.github["event"] = json!({"schedule": "17 3,9,15,21 * * *"});
        runner
    }

    /// A push to a pull request.
    pub(crate) fn pull_request(shop: &'a Shop, forge: &'a Forge, number: u64) -> Self {
        let mut runner = Self::push(shop, forge, "0000000000000000000000000000000000000001");
        runner.github["event_name"] = "pull_request".into();
        runner.github["ref_name"] = format!("{number}/merge").into();
        runner.github["event"]["pull_request"] =
            json!({"number": number, "head": {"sha": HEAD, "repo": {"full_name": "club/offers"}}});
        runner
    }

    /// The same from a fork.
    pub(crate) fn of_fork(mut self) -> Self {
        self.fork = true;
        self.github["event"]["pull_request"]["head"]["repo"]["full_name"] =
            "stranger/offers".into();
        self
    }

    /// Runs all jobs of a workflow, each after those that it needs.
    pub(crate) fn run(&mut self, file: &str) -> BTreeMap<String, Job> {
        let workflow = yaml(file);
        let mut jobs = BTreeMap::new();
        let names: Vec<&String> = members(&workflow["jobs"]).map(|(name, _)| name).collect();
        while jobs.len() < names.len() {
            let next = names
                .iter()
                .find(|name| {
                    let needs = &workflow["jobs"][name.as_str()]["needs"];
                    !jobs.contains_key(**name)
                        && (needs.is_null() || jobs.contains_key(needs.as_str().unwrap()))
                })
                .unwrap();
            let job = self.job(file, next, &jobs);
            jobs.insert((*next).clone(), job);
        }
        jobs
    }

    /// Runs one job.
    pub(crate) fn job(&mut self, file: &str, name: &str, before: &BTreeMap<String, Job>) -> Job {
        let workflow = yaml(file);
        let definition = &workflow["jobs"][name];
        let mut job = Job {
            result: "skipped",
            ..Job::default()
        };
        let needed: Vec<&Job> = definition["needs"]
            .as_str()
            .iter()
            .map(|name| &before[*name])
            .collect();
        let needs: serde_json::Map<String, Json> = before
            .iter()
            .map(|(name, job)| {
                (
                    name.clone(),
                    json!({"result": job.result, "outputs": job.outputs}),
                )
            })
            .collect();
        let mut context = json!({
            "github": self.github, "needs": needs, "inputs": self.inputs, "steps": {},
            "runner": self.runner(), "secrets": {},
        });
        let fine = needed.iter().all(|job| job.result == "success");
        if !Self::meant(&definition["if"], &context, fine) {
            return job;
        }

        let permissions = if definition["permissions"].is_null() {
            &workflow["permissions"]
        } else {
            &definition["permissions"]
        };
        context["github"]["token"] = self.token(permissions).into();
        if let Some(environment) = definition["environment"].as_str().filter(|_| !self.fork) {
            context["secrets"] = self.secrets[environment].clone();
        }
        job.result = "success";
        let empty = tempfile::tempdir().unwrap();
        let checks_out = items(&definition["steps"])
            .any(|step| shown(&step["uses"]).starts_with("actions/checkout@"));
        let folder = if checks_out {
            self.shop.path("")
        } else {
            empty.path().to_path_buf()
        };
        let _left = std::fs::remove_dir_all(self.temp());
        let mut place = Place {
            context,
            environment: BTreeMap::new(),
            folder: &folder,
            job: &mut job,
        };
        self.steps(&definition["steps"], &mut place);
        let context = place.context;
        let outputs = members(&definition["outputs"]);
        job.outputs = outputs
            .map(|(key, value)| (key.clone(), Json::from(fill(&shown(value), &context))))
            .collect();
        self.expect_secrecy(&job, &folder);
        job
    }

    /// Runs the action by itself, in a job with these permissions and in the folder of the shop.
    pub(crate) fn action(&mut self, permissions: Json, with: Json) -> Job {
        self.action_in(BTreeMap::new(), &permissions, &with)
    }

    /// The same with Cleeng's token among the variables of the step.
    pub(crate) fn action_with_secret(&mut self, permissions: Json, with: Json) -> Job {
        let secret = ("CLEENG_PRODUCTION_TOKEN".to_owned(), TOKEN.to_owned());
        self.action_in(BTreeMap::from([secret]), &permissions, &with)
    }

    pub(crate) fn action_in(
        &mut self,
        environment: BTreeMap<String, String>,
        permissions: &Json,
        with: &Json,
    ) -> Job {
        let mut context = json!({"github": self.github, "runner": self.runner()});
        context["github"]["token"] = self.token(permissions).into();
        let mut job = Job {
            result: "success",
            ..Job::default()
        };
        let folder = self.shop.path("");
        let mut place = Place {
            context,
            environment,
            folder: &folder,
            job: &mut job,
        };
        let outputs = self.ours(&json!({"with": with}), &mut place);
        job.outputs = outputs;
        self.expect_secrecy(&job, &folder);
        job
    }

    fn runner(&self) -> Json {
        json!({"os": "Linux", "arch": "X64", "temp": self.temp()})
    }

    /// A token of its own for a job, that may do what its permissions say, and in a fork only read.
    fn token(&mut self, permissions: &Json) -> String {
        self.tokens += 1;
        let token = format!("ghs_canary{}", self.tokens);
        let level = |value: &Json| {
            if self.fork {
                "read".to_owned()
            } else {
                shown(value)
            }
        };
        let held = members(permissions)
            .map(|(area, value)| (area.clone(), level(value)))
            .collect();
        self.forge.world().tokens.insert(token.clone(), held);
        token
    }

    fn meant(condition: &Json, context: &Json, fine: bool) -> bool {
        let text = shown(condition);
        let status = |name: &str| match name {
            "always" => true,
            "success" => fine,
            "failure" => !fine,
            "cancelled" => false,
            other => panic!("{other}() is not known"),
        };
        let text = text.trim().trim_start_matches("${{").trim_end_matches("}}");
        let meant = text.is_empty() || truthy(&evaluate(text, context, &status));
        meant && (fine || asks_for_status(text))
    }

    fn steps(&mut self, steps: &Json, place: &mut Place<'_>) {
        for step in items(steps) {
            let fine = place.job.result == "success";
            if !Self::meant(&step["if"], &place.context, fine) {
                continue;
            }
            let outputs = if step["run"].is_string() {
                self.shell(step, place)
            } else {
                self.used(step, place)
            };
            if let Some(id) = step["id"].as_str() {
                place.context["steps"][id] = json!({"outputs": outputs});
            }
        }
    }

    /// Runs the script of a step as GitHub does with `shell: bash`.
    fn shell(&mut self, step: &Json, place: &mut Place<'_>) -> Json {
        let text = step["run"].as_str().unwrap();
        assert!(!text.contains("${{"), "an expression in a script: {text}");
        assert_eq!(step["shell"], "bash", "{step}");
        let temporary = self.temporary.path();
        let files = ["output", "summary", "env", "path"].map(|name| temporary.join(name));
        for file in &files {
            std::fs::write(file, "").unwrap();
        }
        std::fs::create_dir_all(self.temp()).unwrap();
        std::fs::write(temporary.join("step.sh"), text).unwrap();
        std::fs::write(
            temporary.join("event.json"),
            self.github["event"].to_string(),
        )
        .unwrap();
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(temporary.join("step.sh"))
            .current_dir(place.folder)
            .env_clear()
            .env("PATH", self.tools.path())
            .env("HOME", temporary)
            .env("CI", "true")
            .env("RUNNER_TEMP", self.temp())
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_ACTION_PATH", ci().join("github"))
            .env("GITHUB_WORKSPACE", place.folder)
            .env("GITHUB_API_URL", &self.forge.url)
            .env("GITHUB_SERVER_URL", "https://github.com")
            .env("GITHUB_RUN_ID", "77")
            .env("GITHUB_EVENT_PATH", temporary.join("event.json"))
            .env("OFFERCTL_RETRY_SECONDS", "0");
        for key in ["repository", "sha", "ref_name", "actor", "event_name"] {
            command.env(
                format!("GITHUB_{}", key.to_uppercase()),
                shown(&self.github[key]),
            );
        }
        for (name, file) in [
            "GITHUB_OUTPUT",
            "GITHUB_STEP_SUMMARY",
            "GITHUB_ENV",
            "GITHUB_PATH",
        ]
        .iter()
        .zip(&files)
        {
            command.env(name, file);
        }
        command.envs(&place.environment);
        for (name, value) in members(&step["env"]) {
            command.env(name, fill(&shown(value), &place.context));
        }
        let output = command.output().unwrap();
        let [out, err] = [&output.stdout, &output.stderr]
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        // The runner reads two streams, in any order: what stops commands in one of them may come too late for the other.
        for text in [&out, &err] {
            place.job.obeyed.extend(obeyed(text));
        }
        let log = &mut place.job.log;
        let _written = write!(log, "== {}\n{out}{err}", shown(&step["name"]));
        place.job.summary += &std::fs::read_to_string(&files[1]).unwrap();
        if !output.status.success() {
            place.job.result = "failure";
            let _written = writeln!(log, "== exit {}", output.status.code().unwrap());
        }
        outputs(&std::fs::read_to_string(&files[0]).unwrap())
    }

    /// Does what the action of a step does; ours is run step by step.
    fn used(&mut self, step: &Json, place: &mut Place<'_>) -> Json {
        let with = |key: &str| fill(&shown(&step["with"][key]), &place.context);
        let (action, _) = step["uses"].as_str().unwrap().split_once('@').unwrap();
        match action {
            "actions/checkout" => Json::Null,
            "actions/cache" => {
                if let Some(script) = &self.cached {
                    program(&PathBuf::from(with("path")).join("bin/offerctl"), script);
                }
                json!({"cache-hit": self.cached.is_some().to_string()})
            }
            "actions/upload-artifact" => {
                let files = packed(place.folder, &with("path"));
                if files.is_empty() && with("if-no-files-found") == "error" {
                    place.job.result = "failure";
                }
                self.artifacts.insert(with("name"), files);
                Json::Null
            }
            "actions/download-artifact" => {
                let folder = place.folder.join(with("path"));
                match self.artifacts.get(&with("name")) {
                    Some(files) if !files.is_empty() => unpack(files, &folder),
                    Some(_) | None => place.job.result = "failure",
                }
                Json::Null
            }
            "offerctl/offerctl/ci/github" => self.ours(step, place),
            other => panic!("{other} is not known"),
        }
    }

    fn ours(&mut self, step: &Json, place: &mut Place<'_>) -> Json {
        let action = yaml("github/action.yml");
        let mut inputs = json!({});
        for (name, input) in members(&action["inputs"]) {
            inputs[name] = fill(&shown(&input["default"]), &place.context).into();
            assert!(
                input["required"] != true || step["with"].get(name).is_some(),
                "{name} is missing: {step}"
            );
        }
        for (name, value) in members(&step["with"]) {
            assert!(
                inputs.get(name).is_some(),
                "there is no input {name}: {step}"
            );
            inputs[name] = fill(&shown(value), &place.context).into();
        }
        let mut environment = place.environment.clone();
        for (name, value) in members(&step["env"]) {
            environment.insert(name.clone(), fill(&shown(value), &place.context));
        }
        let mut inner = Place {
            context: json!({"github": place.context["github"], "runner": place.context["runner"], "inputs": inputs, "steps": {}}),
            environment,
            folder: place.folder,
            job: place.job,
        };
        self.steps(&action["runs"]["steps"], &mut inner);
        let context = inner.context;
        let outputs = members(&action["outputs"]);
        outputs
            .map(|(key, output)| {
                (
                    key.clone(),
                    Json::from(fill(&shown(&output["value"]), &context)),
                )
            })
            .collect()
    }

    /// The runner obeyed nothing but annotations, and neither token shows in anything that is kept: logs, summaries,
    /// outputs, artifacts, files, what the forge was sent.
    #[track_caller]
    fn expect_secrecy(&self, job: &Job, folder: &Path) {
        for line in &job.obeyed {
            let is_annotation = ["::error ", "::warning ", "::notice "]
                .iter()
                .any(|begin| line.starts_with(begin));
            assert!(is_annotation, "{line:?} is obeyed: {}", job.log);
        }
        let mut texts = vec![
            job.log.clone(),
            job.summary.clone(),
            job.outputs.to_string(),
        ];
        for files in self.artifacts.values() {
            texts.extend(
                files
                    .values()
                    .map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
            );
        }
        for entry in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap_or_default();
            texts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        for entry in std::fs::read_dir(self.temp()).into_iter().flatten() {
            let path = entry.unwrap().path();
            // Not the program.
            if !path.join("bin").exists() {
                let files = packed(&path, ".").into_values();
                texts.extend(files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
        texts.extend(
            self.forge
                .world()
                .requests
                .iter()
                .map(|request| format!("{request:?}")),
        );
        for text in texts {
            assert!(
                !text.contains(TOKEN) && !text.contains("ghs_canary"),
                "a token shows: {text}"
            );
        }
    }
}

/// The outputs of a step, in both of their forms.
fn outputs(text: &str) -> Json {
    let mut outputs = json!({});
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some((key, end)) = line.split_once("<<") {
            let value: Vec<&str> = lines.by_ref().take_while(|line| line != &end).collect();
            outputs[key] = value.join("\n").into();
        } else {
            let (key, value) = line.split_once('=').unwrap();
            outputs[key] = value.into();
        }
    }
    outputs
}

impl Job {
    /// Expects how it ended.
    #[track_caller]
    pub(crate) fn ends(&self, result: &str) -> &Self {
        assert_eq!(self.result, result, "{}", self.log);
        self
    }

    /// Expects words in its log.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        assert!(self.log.contains(words), "no {words:?} in {}", self.log);
        self
    }
}
