#!/bin/sh
# Starts server.py with moto from PyPI, which is installed once into the folder $1.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
shift
version=5.2.5
venv=$folder/moto-$version
mkdir -p "$folder"
if [ ! -e "$venv/complete" ]; then
    exec 9>"$venv.lock"
    if command -v flock >/dev/null; then flock 9; fi
    if [ ! -e "$venv/complete" ]; then
        rm -rf "$venv"
        python3 -m venv "$venv" >&2 || {
            echo "the tests of remote state need python3 with venv (Debian: apt-get install python3-venv)" >&2
            exit 1
        }
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "moto[server]==$version" >&2 || {
            echo "the tests of remote state need moto $version from PyPI, and pip could not install it" >&2
            exit 1
        }
        : >"$venv/complete"
    fi
    exec 9>&-
fi
exec "$venv/bin/python" "$here/server.py" "$@"
