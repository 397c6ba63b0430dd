#!/usr/bin/env bash
# Runs one job of offerctl.yml: `run.sh validate|plan|apply|drift`.
set -euo pipefail

# The files of this run are not in the checkout: a commit could have a file, a folder or a link in their place.
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
# Only what is to be an artifact has to be in the checkout. It is copied here at the end.
kept=$CI_PROJECT_DIR/.offerctl-run

fail() {
    printf 'offerctl: %s\n' "$1" >&2
    exit 64
}

offerctl() {
    env -u OFFERCTL_GITLAB_TOKEN "$OFFERCTL_HOME/bin/offerctl" -C "$OFFERCTL_DIRECTORY" --no-input "$@"
}

# Isolated (-I), and from a folder of ours: no module of the checkout is imported, and no file there says which Python
# this is.
post() {
    (cd "$folder" && python3 -I "$OFFERCTL_HOME/ci/post.py" "$@")
}

# Makes artifacts of those of these files that there are, in place of whatever is there.
keep() {
    local name
    rm -rf -- "$kept"
    mkdir -- "$kept"
    for name in "$@"; do
        if [ -f "$folder/$name" ]; then cp -- "$folder/$name" "$kept/$name"; fi
    done
}

# The checksum of the plan in the folder of this run.
sum_of_plan() {
    (cd "$folder" && sha256sum plan.json plan.md | sha256sum | cut -d ' ' -f 1)
}

validate() {
    local code=0
    offerctl validate --format gitlab >"$folder/codequality.json" || code=$?
    keep codequality.json
    exit "$code"
}

plan() {
    local code=0 posted=0
    offerctl -e "$OFFERCTL_ENVIRONMENT" plan --detailed-exitcode --markdown-into "$folder/plan.md" \
        --gitlab-report-into "$folder/plan-report.json" --out "$folder/plan.json" || code=$?
    if [ ! -s "$folder/plan.md" ]; then
        DIRECTORY=$OFFERCTL_DIRECTORY ENVIRONMENT=$OFFERCTL_ENVIRONMENT CODE=$code LOG=$CI_JOB_URL \
            bash "$OFFERCTL_HOME/ci/no-plan.sh" "$folder/plan.md"
    fi
    case $code in
    0) printf 'OFFERCTL_CHANGES=false\nOFFERCTL_PLAN_SUM=%s\n' "$(sum_of_plan)" >"$folder/plan.env" ;;
    2) printf 'OFFERCTL_CHANGES=true\nOFFERCTL_PLAN_SUM=%s\n' "$(sum_of_plan)" >"$folder/plan.env" ;;
    esac
    keep plan.json plan.md plan-report.json plan.env
    if [ -n "${CI_MERGE_REQUEST_IID:-}" ] && [ -n "${OFFERCTL_GITLAB_TOKEN:-}" ]; then
        post comment "--environment=$OFFERCTL_ENVIRONMENT" -- "$folder/plan.md" || posted=$?
    fi
    case $code in
    0 | 2) exit "$posted" ;;
    *) exit "$code" ;;
    esac
}

# Takes the plan that the plan job of this pipeline kept. A commit can have files in its place, and then they are all that
# is here if `needs` is missing. So its checksum comes by another way, in a variable.
take_plan() {
    local name
    for name in plan.json plan.md; do
        { [ ! -L "$kept" ] && [ -f "$kept/$name" ] && [ ! -L "$kept/$name" ]; } ||
            fail "there is no plan; this job applies nothing that was not planned: let it need the plan job"
        cp -- "$kept/$name" "$folder/$name"
    done
    [ "$(sum_of_plan)" = "${OFFERCTL_PLAN_SUM:-}" ] ||
        fail "this is not the plan that the plan job of this pipeline made: let this job need that one, and only that one"
}

# Ends the job if the branch has a newer commit. What no merge request showed is applied only from there, because an old
# pipeline that somebody runs again would take back whatever was merged since.
expect_newest() {
    local newest
    # From a folder of ours, so that no configuration of the checkout counts.
    newest=$(cd "$folder" && git ls-remote --exit-code -- "$CI_REPOSITORY_URL" "refs/heads/$CI_COMMIT_BRANCH" | cut -f 1) ||
        fail "the newest commit of the branch could not be looked up"
    [ "$newest" = "$CI_COMMIT_SHA" ] || {
        printf 'offerctl: commit %.12s is not the newest of the branch any more; nothing was applied\n' "$CI_COMMIT_SHA" >&2
        exit 3
    }
}

apply() {
    local confirm=()
    [ "${CI_COMMIT_REF_PROTECTED:-}" = true ] ||
        fail "the default branch is not protected: whoever may push would apply (Settings > Repository > Protected branches)"
    take_plan
    if [ "$OFFERCTL_REQUIRE_SHOWN_PLAN" = false ]; then
        expect_newest
    elif [ "${OFFERCTL_CHANGES:-true}" = true ]; then
        post shown-plan "--environment=$OFFERCTL_ENVIRONMENT" -- "$folder/plan.md"
    fi
    if [ -n "$OFFERCTL_CONFIRM" ]; then confirm=(--confirm "$OFFERCTL_CONFIRM"); fi
    offerctl -e "$OFFERCTL_ENVIRONMENT" apply "${confirm[@]}" -- "$folder/plan.json"
}

drift() {
    local code=0
    offerctl -e "$OFFERCTL_ENVIRONMENT" drift --markdown-into "$folder/drift.md" --metrics-into "$folder/drift.prom" || code=$?
    keep drift.md drift.prom
    case $code in 0 | 2) ;; *) exit "$code" ;; esac
    if [ -n "${OFFERCTL_GITLAB_TOKEN:-}" ]; then
        post issue "--exit=$code" "--environment=$OFFERCTL_ENVIRONMENT" -- "$folder/drift.md"
    fi
}

case ${1:-} in
validate | plan | apply | drift) "$1" ;;
*) fail "there is no job \`${1:-}\`" ;;
esac
