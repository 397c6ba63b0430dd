#!/usr/bin/env bash
# Runs one command of offerctl. How it ended is the output `exit`; the action fails for it in its last step, once
# everything has been shown.
set -uo pipefail
# shellcheck source=runner.sh
. "$GITHUB_ACTION_PATH/runner.sh"

arguments=(-C "$DIRECTORY" --no-input)
if [ -n "$ENVIRONMENT" ]; then arguments+=(-e "$ENVIRONMENT"); fi
code=0
# The files of this run are not in the checkout: a commit could have a file, a folder or a link in their place.
folder=$(mktemp -d "$RUNNER_TEMP/offerctl-run.XXXXXXXXXX") || exit

plan() {
    local log=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
    annotated "$PROGRAM" "${arguments[@]}" plan --github --detailed-exitcode \
        --markdown-into "$folder/plan.md" --out "$folder/plan.json" || code=$?
    if [ ! -s "$folder/plan.md" ] && [ -n "$ENVIRONMENT" ]; then
        CODE=$code LOG=$log bash "$GITHUB_ACTION_PATH/../no-plan.sh" "$folder/plan.md"
    fi
    output markdown "$folder/plan.md"
    output plan "$folder/plan.json"
}

apply() {
    local report=$folder/report
    [ -n "$PLAN" ] || fail "\`plan\` is not given; this action applies nothing that was not planned"
    file_of_run plan "$PLAN"
    if [ -n "$CONFIRM" ]; then arguments+=(--confirm "$CONFIRM"); fi
    unheeded reported "$report" "$PROGRAM" "${arguments[@]}" -- "$found" || code=$?
    # Indented by four, so that nothing in it is taken for Markdown.
    { echo "### Applied: exit code $code" && echo && sed 's/^/    /' "$report"; } >>"$GITHUB_STEP_SUMMARY"
}

# Runs a program, and writes into the file $1 what it prints on standard output.
reported() {
    local report=$1
    shift
    "$@" | tee "$report"
    return "${PIPESTATUS[0]}"
}

drift() {
    unheeded "$PROGRAM" "${arguments[@]}" drift \
        --markdown-into "$folder/drift.md" --metrics-into "$folder/drift.prom" || code=$?
    if [ -s "$folder/drift.md" ]; then cat "$folder/drift.md" >>"$GITHUB_STEP_SUMMARY"; fi
    output markdown "$folder/drift.md"
    output metrics "$folder/drift.prom"
}

case $COMMAND in
validate) annotated "$PROGRAM" "${arguments[@]}" validate --format github || code=$? ;;
plan) plan ;;
apply)
    arguments+=(apply)
    apply
    ;;
drift) drift ;;
*) fail "\`command\` is none of validate, plan, apply, drift, comment, issue, shown-plan, newest" ;;
esac
output exit "$code"
