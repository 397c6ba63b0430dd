#!/usr/bin/env bash
# Runs COMMAND of ../post.py, on the file MARKDOWN if that command reads one.
set -euo pipefail
# shellcheck source=runner.sh
. "$GITHUB_ACTION_PATH/runner.sh"

arguments=("$COMMAND")
if [ "$COMMAND" != newest ]; then
    file_of_run markdown "$MARKDOWN"
    arguments+=("--environment=$ENVIRONMENT" "--author=$AUTHOR")
    if [ "$COMMAND" = issue ]; then arguments+=("--label=$LABEL" "--exit=$EXIT"); fi
    arguments+=(-- "$found")
fi
script=$(cd "$GITHUB_ACTION_PATH/.." && pwd)/post.py
# Isolated (-I), and from a folder without files: no module of the checkout is imported, and no file there says which
# Python this is.
cd "$(mktemp -d "$RUNNER_TEMP/offerctl-post.XXXXXXXXXX")"
exec python3 -I "$script" "${arguments[@]}"
