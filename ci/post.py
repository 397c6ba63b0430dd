#!/usr/bin/env python3
"""Shows plans and drift where people look: one comment per environment, one issue per environment.

Needs Python 3.8 or later and nothing else; the runners of GitHub and the usual images of GitLab have it.

    post.py comment FILE       the comment of the pull or merge request that holds the plan in FILE
    post.py issue FILE         the issue that holds the drift in FILE; with --exit 0, if there is none, it is closed
    post.py shown-plan FILE    was the plan in FILE shown in the pull request that this commit came with?
    post.py newest             is this commit still the newest of its branch? (GitHub only)

FILE is what `offerctl plan|drift --markdown-into FILE` wrote. Its first line is a hidden marker; what is on the forge is
found by that marker, and only if the author given with --author wrote it: anybody can copy a marker.

Exit codes: 0 done (or, in a fork, nothing was allowed), 1 the forge failed or refused, 3 the plan was not shown or the
commit is not the newest, 64 wrong usage.
"""

import argparse
import http.client
import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

# GitHub takes no longer comment or issue.
LONGEST = 65536
ATTEMPTS = 5
MARKER = re.compile(r"<!-- offerctl:(plan|drift):([^\s<>]+) -->")
PLAN_ID = re.compile(r"<!-- offerctl:plan-id:(\S+) -->")


class Failure(Exception):
    """Something to be told in one line, with the exit code that it ends with."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


class Refused(Failure):
    """The forge said no: a status from 400 to 499."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Lost(Failure):
    """Nobody knows whether the request took effect."""

    def __init__(self, message, wait=None):
        super().__init__(message)
        self.wait = wait


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """The token goes to the forge and nowhere else."""

    def redirect_request(self, *_):
        return None


class Api:
    """Requests to the forge: repeated where repeating is harmless, and only there."""

    def __init__(self, base, headers, secret):
        self.base = base.rstrip("/")
        self.headers = headers
        self.secret = secret
        self.opener = urllib.request.build_opener(NoRedirects)
        # A first wait of 0 is for tests.
        self.first_wait = float(os.environ.get("OFFERCTL_RETRY_SECONDS", "2"))

    def once(self, method, path, body=None):
        """One request: the decoded answer and whether there is a next page; or `Refused` or `Lost`."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, self.headers, method=method)
        what = "%s %s" % (method, path.split("?")[0])
        try:
            with self.opener.open(request, timeout=30) as answer:
                text = answer.read()
                more = 'rel="next"' in (answer.headers.get("Link") or "")
                return (json.loads(text) if text.strip() else None), more
        except urllib.error.HTTPError as error:
            with error:
                said = self.said(error)
            message = "%s: %d %s" % (what, error.code, said)
            wait = seconds(error.headers)
            # A 403 that says when to come back is GitHub's other way of saying 429.
            if error.code >= 500 or error.code in (408, 429) or (error.code == 403 and wait is not None):
                raise Lost(message, wait) from None
            raise Refused(error.code, message) from None
        except (OSError, ValueError) as error:
            raise Lost("%s: %s" % (what, self.clean(str(error)))) from None
        except http.client.HTTPException as error:
            # Such as a body that was cut off.
            raise Lost("%s: %s" % (what, type(error).__name__)) from None

    def repeated(self, method, path, body=None):
        """A request that may be sent twice: reading, replacing, deleting."""
        for attempt in range(ATTEMPTS):
            try:
                return self.once(method, path, body)
            except Lost as lost:
                if attempt + 1 == ATTEMPTS:
                    raise
                self.sleep(attempt, lost)

    def all(self, path):
        """Every item of a list, page by page."""
        page, items = 1, []
        joint = "&" if "?" in path else "?"
        while True:
            found, more = self.repeated("GET", "%s%sper_page=100&page=%d" % (path, joint, page))
            items += found
            if not more and len(found) < 100:
                return items
            page += 1

    def made(self, path, body, find):
        """Makes something once. If the answer is lost, `find` tells whether it was made before it is sent again."""
        for attempt in range(ATTEMPTS):
            try:
                return self.once("POST", path, body)[0]
            except Lost as lost:
                if attempt + 1 == ATTEMPTS:
                    raise
                self.sleep(attempt, lost)
                there = find()
                if there is not None:
                    return there

    def sleep(self, attempt, lost):
        wait = self.first_wait * 2**attempt if lost.wait is None else lost.wait
        say("%s; trying again in %g s" % (lost, min(wait, 60)))
        time.sleep(min(wait, 60))

    def said(self, error):
        try:
            answer = json.loads(error.read(10000))
            said = str(answer.get("message") or answer.get("error") or "")
        except Exception:
            said = ""
        return self.clean(said) or str(error.reason)

    def clean(self, text):
        """One short line without the token."""
        if self.secret:
            text = text.replace(self.secret, "***")
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]


def seconds(headers):
    """How long the forge asks us to wait."""
    try:
        if headers.get("Retry-After"):
            return max(0.0, float(headers["Retry-After"]))
        if headers.get("X-RateLimit-Remaining") == "0":
            return max(0.0, float(headers["X-RateLimit-Reset"]) - time.time())
    except (TypeError, ValueError):
        pass
    return None


class GitHub:
    """github.com, or a server of one's own (GITHUB_API_URL)."""

    request_word = "pull request"

    def __init__(self):
        token = needed("GITHUB_TOKEN")
        headers = {
            "Authorization": "Bearer " + token,
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
            "User-Agent": "offerctl",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self.api = Api(os.environ.get("GITHUB_API_URL") or "https://api.github.com", headers, token)
        self.repository = needed("GITHUB_REPOSITORY")
        self.root = "/repos/" + self.repository
        try:
            with open(os.environ["GITHUB_EVENT_PATH"], encoding="utf-8") as file:
                self.event = json.load(file)
        except (KeyError, OSError, ValueError):
            self.event = {}

    def author(self, wanted):
        return wanted or "github-actions[bot]"

    def number(self):
        return (self.event.get("pull_request") or {}).get("number")

    def is_outdated(self, number):
        """Whether somebody has pushed to the pull request since the commit that this run is of."""
        commit = ((self.event.get("pull_request") or {}).get("head") or {}).get("sha")
        found = self.api.repeated("GET", "%s/pulls/%d" % (self.root, number))[0]
        return commit is not None and found["head"]["sha"] != commit

    def may_not_write(self):
        """A fork's pull request, and one of Dependabot, has a token that only reads."""
        head = ((self.event.get("pull_request") or {}).get("head") or {}).get("repo") or {}
        fork = "pull_request" in self.event and head.get("full_name") != self.repository
        return fork or os.environ.get("GITHUB_ACTOR") == "dependabot[bot]"

    def comments(self, number):
        found = self.api.all("%s/issues/%d/comments" % (self.root, number))
        return [entry(item["id"], item.get("user"), "login", item) for item in found]

    def add_comment(self, number, body, find):
        made = self.api.made("%s/issues/%d/comments" % (self.root, number), {"body": body}, find)
        return made if "author" in made else entry(made["id"], made.get("user"), "login", made)

    def change_comment(self, _number, comment, body):
        self.api.repeated("PATCH", "%s/issues/comments/%d" % (self.root, comment), {"body": body})

    def drop_comment(self, _number, comment):
        self.api.repeated("DELETE", "%s/issues/comments/%d" % (self.root, comment))

    def issues(self, label):
        query = urllib.parse.urlencode({"labels": label, "state": "all", "sort": "created", "direction": "asc"})
        found = self.api.all("%s/issues?%s" % (self.root, query))
        # The list holds pull requests as well.
        return [self.issue(item) for item in found if "pull_request" not in item]

    def issue(self, item):
        return dict(entry(item["number"], item.get("user"), "login", item), open=item["state"] == "open")

    def add_issue(self, title, body, label, find):
        # Whoever may not push has a label that does not exist dropped in silence, and would never find the issue again.
        name = urllib.parse.quote(label, safe="")
        try:
            self.api.repeated("GET", "%s/labels/%s" % (self.root, name))
        except Refused as refused:
            if refused.status != 404:
                raise
            self.make_label(label)
        made = self.api.made(
            self.root + "/issues", {"title": title, "body": body, "labels": [label]}, find
        )
        return made if "author" in made else self.issue(made)

    def make_label(self, label):
        try:
            self.api.repeated("POST", self.root + "/labels", {"name": label, "color": "d93f0b"})
        except Refused as refused:
            # It is there: somebody was faster, or it was us and the answer was lost.
            if refused.status != 422:
                raise

    def change_issue(self, number, body=None, opened=None):
        change = {} if body is None else {"body": body}
        if opened is not None:
            change["state"] = "open" if opened else "closed"
            if not opened:
                change["state_reason"] = "completed"
        self.api.repeated("PATCH", "%s/issues/%d" % (self.root, number), change)

    def merged(self, commit, branch):
        """The numbers of the pull requests that were merged as this very commit."""
        found = self.api.all("%s/commits/%s/pulls" % (self.root, commit))
        return [
            item["number"]
            for item in found
            if item.get("merged_at") and item.get("merge_commit_sha") == commit and item["base"]["ref"] == branch
        ]

    def commit(self):
        return needed("GITHUB_SHA"), needed("GITHUB_REF_NAME")

    def newest(self, branch):
        """The newest commit of a branch."""
        name = urllib.parse.quote(branch, safe="")
        return self.api.repeated("GET", "%s/branches/%s" % (self.root, name))[0]["commit"]["sha"]


class GitLab:
    """gitlab.com, or a server of one's own (CI_API_V4_URL). The job's own token may not comment: it takes another."""

    request_word = "merge request"

    def __init__(self):
        token = needed("OFFERCTL_GITLAB_TOKEN")
        headers = {"PRIVATE-TOKEN": token, "Content-Type": "application/json", "User-Agent": "offerctl"}
        self.api = Api(needed("CI_API_V4_URL"), headers, token)
        self.root = "/projects/%s" % needed("CI_PROJECT_ID")

    def author(self, wanted):
        return wanted or self.api.repeated("GET", "/user")[0]["username"]

    def number(self):
        number = os.environ.get("CI_MERGE_REQUEST_IID")
        return int(number) if number else None

    def is_outdated(self, number):
        # In a pipeline of the merged result, CI_COMMIT_SHA is a commit that nobody has pushed.
        commit = os.environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or needed("CI_COMMIT_SHA")
        return self.api.repeated("GET", "%s/merge_requests/%d" % (self.root, number))[0]["sha"] != commit

    def may_not_write(self):
        return False

    def comments(self, number):
        found = self.api.all("%s/merge_requests/%d/notes?sort=asc&order_by=created_at" % (self.root, number))
        return [entry(item["id"], item.get("author"), "username", item) for item in found]

    def add_comment(self, number, body, find):
        made = self.api.made("%s/merge_requests/%d/notes" % (self.root, number), {"body": body}, find)
        return made if isinstance(made["author"], str) else entry(made["id"], made["author"], "username", made)

    def change_comment(self, number, comment, body):
        self.api.repeated("PUT", "%s/merge_requests/%d/notes/%d" % (self.root, number, comment), {"body": body})

    def drop_comment(self, number, comment):
        self.api.repeated("DELETE", "%s/merge_requests/%d/notes/%d" % (self.root, number, comment))

    def issues(self, label):
        query = urllib.parse.urlencode(
            {"labels": label, "state": "all", "scope": "all", "order_by": "created_at", "sort": "asc"}
        )
        return [self.issue(item) for item in self.api.all("%s/issues?%s" % (self.root, query))]

    def issue(self, item):
        issue = entry(item["iid"], item.get("author"), "username", {"body": item.get("description")})
        return dict(issue, open=item["state"] == "opened")

    def add_issue(self, title, body, label, find):
        body = {"title": title, "description": body, "labels": label}
        made = self.api.made(self.root + "/issues", body, find)
        return made if isinstance(made["author"], str) else self.issue(made)

    def change_issue(self, number, body=None, opened=None):
        change = {} if body is None else {"description": body}
        if opened is not None:
            change["state_event"] = "reopen" if opened else "close"
        self.api.repeated("PUT", "%s/issues/%d" % (self.root, number), change)

    def merged(self, commit, branch):
        found = self.api.all("%s/repository/commits/%s/merge_requests" % (self.root, commit))
        return [
            item["iid"]
            for item in found
            if item["state"] == "merged"
            and item["target_branch"] == branch
            and commit in (item.get("merge_commit_sha"), item.get("squash_commit_sha"), item.get("sha"))
        ]

    def commit(self):
        return needed("CI_COMMIT_SHA"), needed("CI_COMMIT_BRANCH")


def entry(number, user, name, item):
    """What both forges say of a comment or an issue, in one form."""
    return {"number": number, "author": (user or {}).get(name), "body": plain(item.get("body"))}


def plain(text):
    """A text without the differences that a forge makes when it keeps it."""
    return (text or "").replace("\r\n", "\n").rstrip()


def needed(name):
    value = os.environ.get(name)
    if not value:
        raise Failure("the variable %s is not set" % name, 64)
    return value


def say(text):
    # GitHub's runner obeys this, wherever it is in a line.
    print("offerctl: " + text.replace("##[", "## ["), file=sys.stderr)


def note(level, text):
    """Says it, on GitHub as an annotation of the run."""
    if os.environ.get("GITHUB_ACTIONS"):
        escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        print("::%s title=offerctl::%s" % (level, escaped), flush=True)
    else:
        say(text)


def summary(text):
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(text + "\n")


def document(arguments, kind):
    """The text of FILE and what its first lines say; the file is not ours, so it is looked at closely."""
    try:
        with open(arguments.file, encoding="utf-8", newline="") as file:
            body = plain(file.read(4 * LONGEST))
    except (OSError, ValueError) as error:
        raise Failure("failed to read %s: %s" % (arguments.file, error), 64) from None
    lines = body.split("\n")
    marker = MARKER.fullmatch(lines[0])
    if not marker or marker.group(1) != kind:
        raise Failure("%s does not begin with the marker of a %s" % (arguments.file, kind), 64)
    if arguments.environment and marker.group(2).rpartition("/")[2] != arguments.environment:
        raise Failure("%s is about %s and not %s" % (arguments.file, marker.group(2), arguments.environment), 64)
    if len(body) > LONGEST:
        raise Failure("%s has more than %d characters" % (arguments.file, LONGEST), 64)
    found = PLAN_ID.fullmatch(lines[1]) if len(lines) > 1 else None
    return body, lines[0], marker.group(2), found and found.group(1)


def ours(items, marker, author):
    """Those with this marker as first line that the author wrote, oldest first."""
    found = [item for item in items if item["body"].split("\n")[0] == marker and item["author"] == author]
    return sorted(found, key=lambda item: item["number"])


def comment(forge, arguments):
    body, marker, place, _ = document(arguments, "plan")
    number = arguments.number or forge.number()
    if number is None:
        raise Failure("there is no %s to comment on" % forge.request_word, 64)
    author = forge.author(arguments.author)

    def find():
        return next(iter(ours(forge.comments(number), marker, author)), None)

    try:
        # Whoever reviews the newest commit would take the plan of an old run, started again or late, for that of theirs.
        if not arguments.number and forge.is_outdated(number):
            return say("#%d has a newer commit by now, whose own run shows its plan" % number)
        found = ours(forge.comments(number), marker, author)
        if not found:
            made = forge.add_comment(number, body, find)
            if made["author"] != author:
                # The next run would not find it, and write another.
                raise Failure("the comment was written by %s: say so with `author`" % made["author"])
            return say("the plan of %s is shown in #%d" % (place, number))
        first, others = found[0], found[1:]
        if first["body"] != body:
            forge.change_comment(number, first["number"], body)
            say("the plan of %s in #%d is up to date" % (place, number))
        else:
            say("the plan of %s in #%d is the same as before" % (place, number))
        # Two runs at once may have written one each; a second plan that nobody keeps up to date would mislead.
        for other in others:
            forge.drop_comment(number, other["number"])
    except Refused as refused:
        if refused.status not in (403, 404) or not forge.may_not_write():
            raise
        summary(body)
        note("notice", "This pull request may not be commented on from here; the plan is in the summary of this job.")


def issue(forge, arguments):
    body, marker, place, _ = document(arguments, "drift")
    author = forge.author(arguments.author)

    def find():
        return next(iter(ours(forge.issues(arguments.label), marker, author)), None)

    # An open one goes first: two may be there if somebody has opened an old one again.
    found = sorted(ours(forge.issues(arguments.label), marker, author), key=lambda item: not item["open"])
    first = found[0] if found else None
    if arguments.exit == 0:
        for item in found:
            if item["open"]:
                forge.change_issue(item["number"], body, opened=False)
                say("#%d is closed: %s has not drifted" % (item["number"], place))
        return
    if first is None:
        made = forge.add_issue("Drift in " + place, body, arguments.label, find)
        if made["author"] != author:
            raise Failure("the issue was written by %s: say so with `author`" % made["author"])
        say("#%d tells of the drift in %s" % (made["number"], place))
    elif not first["open"] or first["body"] != body:
        forge.change_issue(first["number"], body, None if first["open"] else True)
        say("#%d tells of the drift in %s" % (first["number"], place))
    else:
        say("#%d tells of it already" % first["number"])


def shown_plan(forge, arguments):
    _, marker, place, plan = document(arguments, "plan")
    if plan is None:
        raise Failure("%s has no plan id" % arguments.file, 64)
    author = forge.author(arguments.author)
    commit, branch = forge.commit()
    how = (
        "Nothing was applied. Look at the plan in the summary of this run; if it is what you want, start the workflow by "
        "hand without `require-shown-plan`, or open a pull request that shows it."
    )
    for attempt in range(3):
        numbers = forge.merged(commit, branch)
        if numbers:
            break
        # What belongs to a commit is known a moment after the push.
        time.sleep(forge.api.first_wait * 2**attempt)
    if not numbers:
        raise Failure("commit %s came with no merged %s, so nobody was shown a plan of %s. %s"
                      % (commit[:12], forge.request_word, place, how), 3)
    for number in numbers:
        for found in ours(forge.comments(number), marker, author)[:1]:
            shown = PLAN_ID.fullmatch((found["body"].split("\n") + [""])[1])
            if shown and shown.group(1) == plan:
                return say("this is the plan of %s that was shown in #%d" % (place, number))
            was = shown.group(1)[:19] if shown else "none, as planning failed"
            raise Failure("the plan of %s is not the one that was shown in #%d (now %s, shown %s). %s"
                          % (place, number, plan[:19], was, how), 3)
    raise Failure("#%d shows no plan of %s by %s. %s" % (numbers[0], place, author, how), 3)


def newest(forge, _arguments):
    if not isinstance(forge, GitHub):
        raise Failure("`newest` is for GitHub", 64)
    commit, branch = forge.commit()
    if forge.newest(branch) != commit:
        raise Failure("commit %s is not the newest of %s any more. Nothing was applied; start the workflow again, by hand."
                      % (commit[:12], branch), 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("newest").set_defaults(run=newest)
    for name, run in (("comment", comment), ("issue", issue), ("shown-plan", shown_plan)):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument("file", help="what `offerctl --markdown-into` wrote")
        command.add_argument("--environment", default="", help="what FILE has to be about")
        command.add_argument("--author", default="", help="who writes with this token")
        if name == "comment":
            command.add_argument("--number", type=int, help="of the pull or merge request; from the event if not given")
        if name == "issue":
            command.add_argument("--exit", type=int, required=True, choices=(0, 2), help="of `offerctl drift`")
            command.add_argument("--label", default="offerctl-drift", help="that such issues have")
    try:
        arguments = parser.parse_args()
    except SystemExit as ended:
        return 64 if ended.code else 0
    try:
        forge = GitLab() if os.environ.get("GITLAB_CI") else GitHub()
        arguments.run(forge, arguments)
    except Refused as refused:
        hint = {
            401: ": the token is not valid",
            403: ": the token may not do this; see `permissions` in the example workflows",
            404: ": it is not there, or the token may not see it",
        }.get(refused.status, "")
        note("error", str(refused) + hint)
        return 1
    except Failure as failure:
        note("error", str(failure))
        return failure.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
