#!/bin/sh
# Runs check-jsonschema from PyPI, which is installed once into the folder $1 and brings the schemas of GitHub and GitLab.
set -eu
folder=$1
shift
version=0.39.0
venv=$folder/check-jsonschema-$version
mkdir -p "$folder"
if [ ! -e "$venv/complete" ]; then
    exec 9>"$venv.lock"
    if command -v flock >/dev/null; then flock 9; fi
    if [ ! -e "$venv/complete" ]; then
        rm -rf "$venv"
        python3 -m venv "$venv" >&2 || {
            echo "the tests of ci/ need python3 with venv (Debian: apt-get install python3-venv)" >&2
            exit 1
        }
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "check-jsonschema==$version" >&2 || {
            echo "the tests of ci/ need check-jsonschema $version from PyPI, and pip could not install it" >&2
            exit 1
        }
        : >"$venv/complete"
    fi
    exec 9>&-
fi
exec "$venv/bin/check-jsonschema" "$@"
