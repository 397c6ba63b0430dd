//! A stand-in for the API of GitHub or GitLab on 127.0.0.1: [`Forge`].
//!
//! It knows what the scripts use of them: comments, issues, labels, the pull requests of a commit; pages, authors,
//! permissions of tokens; and it fails where a test says so.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value as Json, json};

/// Who writes with the token of a workflow.
pub(crate) const BOT: &str = "github-actions[bot]";

/// The newest commit of every pull request, until a test pushes another.
pub(crate) const HEAD: &str = "4ead000000000000000000000000000000000001";

/// Fewer than the scripts ask for, so that every list of some length has pages.
const PAGE: usize = 10;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: String,
}

/// A comment, or a note of a merge request.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) on: u64,
    pub(crate) id: u64,
    pub(crate) author: String,
    pub(crate) body: String,
}

/// An issue.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    pub(crate) number: u64,
    pub(crate) author: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) open: bool,
    pub(crate) labels: Vec<String>,
    pub(crate) is_pull_request: bool,
}

/// What goes wrong with a request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is answered with a status and a header, and does nothing.
    Status(u16, &'static str),
    /// It takes effect, and the connection ends without an answer.
    Lost,
    /// It takes effect, and the answer says that it did not.
    Doubtful,
    /// The connection ends before anything was done.
    Cut,
}

/// All that is on the forge.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) requests: Vec<Request>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) issues: Vec<Issue>,
    pub(crate) labels: BTreeSet<String>,
    /// Merged pull requests: the commit, the number, the branch.
    pub(crate) merged: Vec<(String, u64, String)>,
    /// The newest commit of the default branch.
    pub(crate) newest: String,
    /// The newest commit of every pull request.
    pub(crate) head: String,
    /// What each token may do, as `permissions` of a job say it. A token that is not here is not valid.
    pub(crate) tokens: BTreeMap<String, BTreeMap<String, String>>,
    /// Who writes.
    pub(crate) author: String,
    /// For the first requests whose method and path match.
    pub(crate) faults: Vec<(&'static str, &'static str, Fault)>,
    last: u64,
}

/// The server.
pub(crate) struct Forge {
    pub(crate) url: String,
    world: Arc<Mutex<World>>,
}

impl Forge {
    /// Starts one with nothing on it. It ends with the process.
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let world = Arc::new(Mutex::new(World {
            author: BOT.to_owned(),
            head: HEAD.to_owned(),
            ..World::default()
        }));
        let shared = Arc::clone(&world);
        std::thread::spawn(move || {
            // One at a time is enough, and makes the record an order.
            for stream in listener.incoming().flatten() {
                serve(stream, &shared);
            }
        });
        Self { url, world }
    }

    /// What is there, to look at or to change.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Lets the next request with this method and this in its path go wrong.
    pub(crate) fn fault(&self, method: &'static str, path: &'static str, fault: Fault) {
        self.world().faults.push((method, path, fault));
    }

    /// Puts a comment there past the API.
    pub(crate) fn comment(&self, on: u64, author: &str, body: &str) -> u64 {
        self.world().comment(on, author, body)
    }

    /// Puts an issue there past the API.
    pub(crate) fn issue(&self, author: &str, body: &str, labels: &[&str]) -> u64 {
        self.world().issue(author, "An issue", body, labels)
    }

    /// The comments on a pull request.
    pub(crate) fn comments(&self, on: u64) -> Vec<Comment> {
        let mut comments = self.world().comments.clone();
        comments.retain(|comment| comment.on == on);
        comments
    }

    /// The one comment on a pull request.
    #[track_caller]
    pub(crate) fn only_comment(&self, on: u64) -> Comment {
        let comments = self.comments(on);
        assert_eq!(comments.len(), 1, "{comments:#?}");
        comments[0].clone()
    }

    /// The requests since the last look that change something.
    pub(crate) fn writes(&self) -> Vec<Request> {
        let mut requests = std::mem::take(&mut self.world().requests);
        requests.retain(|request| request.method != "GET");
        requests
    }
}

impl World {
    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn comment(&mut self, on: u64, author: &str, body: &str) -> u64 {
        let id = 1000 + self.next();
        self.comments.push(Comment {
            on,
            id,
            author: author.to_owned(),
            body: body.to_owned(),
        });
        id
    }

    fn issue(&mut self, author: &str, title: &str, body: &str, labels: &[&str]) -> u64 {
        let number = 100 + self.next();
        let labels: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
        self.labels.extend(labels.iter().cloned());
        self.issues.push(Issue {
            number,
            author: author.to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            open: true,
            labels,
            is_pull_request: false,
        });
        number
    }

    fn fault_for(&mut self, method: &str, path: &str) -> Option<Fault> {
        let found = self
            .faults
            .iter()
            .position(|(of, part, _)| *of == method && path.contains(part))?;
        Some(self.faults.remove(found).2)
    }

    /// Whether a token may read or write this; `None` if there is no such token.
    fn allows(&self, token: &str, request: &Request) -> Option<bool> {
        let permissions = self.tokens.get(token)?;
        let path = request.path.as_str();
        let mut areas = Vec::new();
        if path.contains("/issues") || path.contains("/labels") {
            areas.push("issues");
        }
        // Comments on pull requests hang on their issues.
        if path.contains("/comments") || path.contains("/pulls") {
            areas.push("pull-requests");
        }
        if path.contains("/branches/") {
            areas.push("contents");
        }
        if path.contains("/projects/") || path.contains("/user") {
            areas.push("api");
        }
        Some(areas.iter().any(|&area| {
            let held = permissions.get(area).map(String::as_str);
            held == Some("write") || (held == Some("read") && request.method == "GET")
        }))
    }
}

struct Answer {
    status: u16,
    body: Json,
    more: bool,
}

fn answer(status: u16, body: Json) -> Answer {
    Answer {
        status,
        body,
        more: false,
    }
}

fn serve(mut stream: TcpStream, world: &Mutex<World>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let header = |name: &str| {
        head[1..].iter().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found
                .eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let length = header("content-length").map_or(0, |value| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut words = head[0].split(' ');
    let request = Request {
        method: words.next().unwrap().to_owned(),
        path: words.next().unwrap().to_owned(),
        body: String::from_utf8(body).unwrap(),
    };
    let token = header("private-token")
        .or_else(|| {
            header("authorization")?
                .strip_prefix("Bearer ")
                .map(str::to_owned)
        })
        .unwrap_or_default();

    let mut world = world.lock().unwrap();
    world.requests.push(request.clone());
    let fault = world.fault_for(&request.method, &request.path);
    let (answer, extra) = match fault {
        Some(Fault::Cut) => return,
        Some(Fault::Status(status, header)) => {
            let message = format!("a fault, and the token was {token}");
            (answer(status, json!({"message": message})), header)
        }
        Some(Fault::Lost) => {
            let _answer = allowed(&mut world, &token, &request);
            return;
        }
        Some(Fault::Doubtful) => {
            let _answer = allowed(&mut world, &token, &request);
            (answer(502, json!({"message": "bad gateway"})), "")
        }
        None => (allowed(&mut world, &token, &request), ""),
    };
    drop(world);
    let text = if answer.body.is_null() {
        String::new()
    } else {
        answer.body.to_string()
    };
    let more = if answer.more {
        "Link: <http://127.0.0.1/next>; rel=\"next\"\r\n"
    } else {
        ""
    };
    let extra = if extra.is_empty() {
        String::new()
    } else {
        format!("{extra}\r\n")
    };
    let _written = write!(
        stream,
        "HTTP/1.1 {} Said\r\nContent-Type: application/json\r\nConnection: close\r\n{more}{extra}Content-Length: {}\r\n\r\n{text}",
        answer.status,
        text.len()
    );
}

fn allowed(world: &mut World, token: &str, request: &Request) -> Answer {
    match world.allows(token, request) {
        None => answer(401, json!({"message": "Bad credentials"})),
        Some(false) => answer(
            403,
            json!({"message": "Resource not accessible by integration"}),
        ),
        Some(true) => route(world, request),
    }
}

/// A request in its parts.
struct Call<'a> {
    method: &'a str,
    path: Vec<&'a str>,
    query: BTreeMap<&'a str, &'a str>,
    body: Json,
}

impl Call<'_> {
    fn text(&self, key: &str) -> String {
        self.body[key].as_str().unwrap_or_default().to_owned()
    }
}

fn route(world: &mut World, request: &Request) -> Answer {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let query = query.split('&').filter_map(|part| part.split_once('='));
    let call = Call {
        method: &request.method,
        path: path.trim_matches('/').split('/').collect(),
        query: query.collect(),
        body: serde_json::from_str(&request.body).unwrap_or_default(),
    };
    match call.path.as_slice() {
        ["repos", _, _, path @ ..] => github(world, &call, path),
        ["user"] => answer(200, json!({"username": world.author})),
        ["projects", _, path @ ..] => gitlab(world, &call, path),
        _ => not_found(),
    }
}

fn not_found() -> Answer {
    answer(404, json!({"message": "Not Found"}))
}

fn github(world: &mut World, call: &Call<'_>, path: &[&str]) -> Answer {
    match (call.method, path) {
        ("GET", ["issues", on, "comments"]) => world.list_comments(call, on, github_comment),
        ("POST", ["issues", on, "comments"]) => world.add_comment(call, on, github_comment),
        ("PATCH", ["issues", "comments", id]) => world.change_comment(call, id),
        ("DELETE", ["issues", "comments", id]) => world.drop_comment(id),
        ("GET", ["issues"]) => world.list_issues(call, github_issue),
        ("POST", ["issues"]) => {
            let labels = call.body["labels"].as_array().unwrap().iter();
            let labels: Vec<&str> = labels.map(|label| label.as_str().unwrap()).collect();
            assert!(
                labels.iter().all(|&label| world.labels.contains(label)),
                "GitHub would drop the label"
            );
            world.add_issue(
                &call.text("title"),
                &call.text("body"),
                &labels,
                github_issue,
            )
        }
        ("PATCH", ["issues", number]) => world.change_issue(call, number),
        ("GET", ["labels", name]) if world.labels.contains(*name) => {
            answer(200, json!({"name": name}))
        }
        ("POST", ["labels"]) => {
            let fresh = world.labels.insert(call.text("name"));
            answer(
                if fresh { 201 } else { 422 },
                json!({"message": "Validation Failed"}),
            )
        }
        ("GET", ["pulls", _]) => answer(200, json!({"head": {"sha": world.head}})),
        ("GET", ["branches", "main"]) => answer(200, json!({"commit": {"sha": world.newest}})),
        ("GET", ["commits", commit, "pulls"]) => {
            let found = world.merged.iter().filter(|(of, ..)| of == commit);
            page(call, found, |(commit, number, branch)| {
                json!({
                    "number": number,
                    "merged_at": "2026-01-01T00:00:00Z",
                    "merge_commit_sha": commit,
                    "base": {"ref": branch},
                })
            })
        }
        _ => not_found(),
    }
}

fn gitlab(world: &mut World, call: &Call<'_>, path: &[&str]) -> Answer {
    match (call.method, path) {
        ("GET", ["merge_requests", _]) => answer(200, json!({"sha": world.head})),
        ("GET", ["merge_requests", on, "notes"]) => world.list_comments(call, on, gitlab_note),
        ("POST", ["merge_requests", on, "notes"]) => world.add_comment(call, on, gitlab_note),
        ("PUT", ["merge_requests", _, "notes", id]) => world.change_comment(call, id),
        ("DELETE", ["merge_requests", _, "notes", id]) => world.drop_comment(id),
        ("GET", ["issues"]) => world.list_issues(call, gitlab_issue),
        ("POST", ["issues"]) => {
            let (title, text) = (call.text("title"), call.text("description"));
            world.add_issue(&title, &text, &[&call.text("labels")], gitlab_issue)
        }
        ("PUT", ["issues", number]) => world.change_issue(call, number),
        ("GET", ["repository", "commits", commit, "merge_requests"]) => {
            let found = world.merged.iter().filter(|(of, ..)| of == commit);
            page(call, found, |(commit, number, branch)| {
                json!({
                    "iid": number,
                    "state": "merged",
                    "merge_commit_sha": commit,
                    "target_branch": branch,
                })
            })
        }
        _ => not_found(),
    }
}

impl World {
    fn list_comments(&self, call: &Call<'_>, on: &str, form: fn(&Comment) -> Json) -> Answer {
        let found = self.comments.iter();
        page(
            call,
            found.filter(|comment| comment.on.to_string() == on),
            form,
        )
    }

    fn add_comment(&mut self, call: &Call<'_>, on: &str, form: fn(&Comment) -> Json) -> Answer {
        let author = self.author.clone();
        let _id = self.comment(on.parse().unwrap(), &author, &call.text("body"));
        answer(201, form(self.comments.last().unwrap()))
    }

    fn change_comment(&mut self, call: &Call<'_>, id: &str) -> Answer {
        let mut comments = self.comments.iter_mut();
        match comments.find(|comment| comment.id.to_string() == id) {
            Some(comment) => {
                comment.body = call.text("body");
                answer(200, github_comment(comment))
            }
            None => not_found(),
        }
    }

    fn drop_comment(&mut self, id: &str) -> Answer {
        self.comments.retain(|comment| comment.id.to_string() != id);
        answer(204, Json::Null)
    }

    fn list_issues(&self, call: &Call<'_>, form: fn(&Issue) -> Json) -> Answer {
        assert_eq!(call.query["state"], "all");
        let label = call.query["labels"];
        let found = self.issues.iter();
        page(
            call,
            found.filter(|issue| issue.labels.iter().any(|held| held == label)),
            form,
        )
    }

    fn add_issue(
        &mut self,
        title: &str,
        body: &str,
        labels: &[&str],
        form: fn(&Issue) -> Json,
    ) -> Answer {
        let author = self.author.clone();
        let _number = self.issue(&author, title, body, labels);
        answer(201, form(self.issues.last().unwrap()))
    }

    fn change_issue(&mut self, call: &Call<'_>, number: &str) -> Answer {
        let mut issues = self.issues.iter_mut();
        let Some(issue) = issues.find(|issue| issue.number.to_string() == number) else {
            return not_found();
        };
        for key in ["body", "description"] {
            if let Some(text) = call.body[key].as_str() {
                text.clone_into(&mut issue.body);
            }
        }
        match call.body["state"]
            .as_str()
            .or(call.body["state_event"].as_str())
        {
            Some("open" | "reopen") => issue.open = true,
            Some("closed" | "close") => issue.open = false,
            other => assert_eq!(other, None),
        }
        answer(200, github_issue(issue))
    }
}

fn page<'a, T: 'a>(
    call: &Call<'_>,
    items: impl Iterator<Item = &'a T>,
    form: impl Fn(&T) -> Json,
) -> Answer {
    let number: usize = call.query["page"].parse().unwrap();
    let all: Vec<Json> = items.map(form).collect();
    let begin = (number - 1) * PAGE;
    let found = all.iter().skip(begin).take(PAGE).cloned().collect();
    Answer {
        status: 200,
        body: Json::Array(found),
        more: all.len() > begin + PAGE,
    }
}

fn github_comment(comment: &Comment) -> Json {
    json!({"id": comment.id, "user": {"login": comment.author}, "body": comment.body})
}

fn gitlab_note(comment: &Comment) -> Json {
    json!({"id": comment.id, "author": {"username": comment.author}, "body": comment.body})
}

fn github_issue(issue: &Issue) -> Json {
    let mut json = json!({
        "number": issue.number,
        "user": {"login": issue.author},
        "title": issue.title,
        "body": issue.body,
        "state": if issue.open { "open" } else { "closed" },
    });
    if issue.is_pull_request {
        json["pull_request"] = json!({"url": "https://example.com"});
    }
    json
}

fn gitlab_issue(issue: &Issue) -> Json {
    json!({
        "iid": issue.number,
        "author": {"username": issue.author},
        "title": issue.title,
        "description": issue.body,
        "state": if issue.open { "opened" } else { "closed" },
    })
}
