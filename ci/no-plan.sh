#!/usr/bin/env bash
# Writes the comment that says that there is no plan: `no-plan.sh FILE`, with DIRECTORY, ENVIRONMENT, the exit code of
# `offerctl plan` in CODE, and the address of the log in LOG.
#
# Who sees an old plan in a pull request would take it for the plan of what was pushed last.
set -euo pipefail

# The name of the project, for the marker: from where offerctl finds its file, up to the root of the repository.
project() {
    local folder
    folder=$(cd -- "$DIRECTORY" && pwd) || return 0
    until [ -f "$folder/offerctl.yaml" ]; do
        if [ -e "$folder/.git" ] || [ "$folder" = / ]; then return 0; fi
        folder=$(dirname -- "$folder")
    done
    LC_ALL=C sed -n "s/^project:[[:space:]]*[\"']\{0,1\}\([A-Za-z0-9._-]*\).*/\1/p" "$folder/offerctl.yaml" | head -n 1
}

place=$(project)
place=${place:+$place/}$ENVIRONMENT
cat >"$1" <<END
<!-- offerctl:plan:$place -->
### There is no plan for \`$ENVIRONMENT\`

\`offerctl plan\` ended with exit code $CODE; [the log]($LOG) says why.
A plan that was shown here before is not the plan of the last commit.
END
