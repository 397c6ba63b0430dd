#!/usr/bin/env bash
# Runs one command of offerctl. How it ended is the output `exit`; the action fails for it in its last step, once
# everything has been shown.
set -uo pipefail

arguments=(-C "$DIRECTORY" --no-input)
if [ -n "$ENVIRONMENT" ]; then arguments+=(-e "$ENVIRONMENT"); fi
MARKDOWN=${MARKDOWN:-$COMMAND.md}
code=0

# The name of the project, for the marker of a plan that there is none of.
project() {
    local folder
    folder=$(cd "$DIRECTORY" && pwd) || return
    while [ "$folder" != / ]; do
        if [ -f "$folder/offerctl.yaml" ]; then
            sed -n "s/^project:[[:space:]]*[\"']\{0,1\}\([A-Za-z0-9._-]*\).*/\1/p" "$folder/offerctl.yaml" | head -n 1
            return
        fi
        folder=$(dirname "$folder")
    done
}

# Who sees an old plan in a pull request would take it for the plan of what was pushed last.
no_plan() {
    local place
    place=$(project)
    place=${place:+$place/}$ENVIRONMENT
    {
        echo "<!-- offerctl:plan:$place -->"
        echo "### There is no plan for \`$ENVIRONMENT\`"
        echo
        echo "\`offerctl plan\` ended with exit code $code; [the log]($GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID) says why."
        echo "A plan that was shown here before is not the plan of the last commit."
    } >"$MARKDOWN"
}

case $COMMAND in
validate)
    "$PROGRAM" "${arguments[@]}" validate --format github || code=$?
    ;;
plan)
    rm -f -- "$MARKDOWN" "$PLAN"
    "$PROGRAM" "${arguments[@]}" plan --github --detailed-exitcode --markdown-into "$MARKDOWN" --out "$PLAN" || code=$?
    if [ ! -s "$MARKDOWN" ] && [ -n "$ENVIRONMENT" ]; then no_plan; fi
    ;;
apply)
    if [ ! -f "$PLAN" ]; then
        echo "::error title=offerctl::there is no plan at $PLAN; this action applies nothing that was not planned"
        code=64
    else
        arguments+=(apply)
        if [ -n "$CONFIRM" ]; then arguments+=(--confirm "$CONFIRM"); fi
        report=$(mktemp)
        "$PROGRAM" "${arguments[@]}" -- "$PLAN" | tee "$report"
        code=${PIPESTATUS[0]}
        # Indented by four, so that nothing in it is taken for Markdown.
        { echo "### Applied: exit code $code" && echo && sed 's/^/    /' "$report"; } >>"$GITHUB_STEP_SUMMARY"
        rm -f "$report"
    fi
    ;;
drift)
    rm -f -- "$MARKDOWN"
    arguments+=(drift --markdown-into "$MARKDOWN")
    if [ -n "$METRICS" ]; then arguments+=(--metrics-into "$METRICS"); fi
    "$PROGRAM" "${arguments[@]}" || code=$?
    if [ -s "$MARKDOWN" ]; then cat "$MARKDOWN" >>"$GITHUB_STEP_SUMMARY"; fi
    ;;
*)
    echo "::error title=offerctl::\`command\` is none of validate, plan, apply, drift, comment, issue, shown-plan"
    code=64
    ;;
esac

{
    echo "exit=$code"
    echo "markdown=$MARKDOWN"
} >>"$GITHUB_OUTPUT"
