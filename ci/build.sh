#!/usr/bin/env bash
# Builds offerctl from the source that this file is a part of: `build.sh FOLDER` makes FOLDER/bin/offerctl.
set -euo pipefail
place=$1
# In its own folder, so that its own toolchain and lock file count and nothing of the project does.
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What is compiled may run programs of its own (build scripts, macros), and they have no business with a token. So cargo
# gets of the environment only what it needs.
kept=()
for name in PATH HOME USER LANG LC_ALL TMPDIR CARGO_HOME RUSTUP_HOME RUSTUP_DIST_SERVER RUSTUP_UPDATE_ROOT \
    HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy \
    SSL_CERT_FILE SSL_CERT_DIR CARGO_HTTP_CAINFO DEVELOPER_DIR SDKROOT; do
    if [ -n "${!name:-}" ]; then kept+=("$name=${!name}"); fi
done
env -i "${kept[@]}" \
    cargo install --quiet --locked --path crates/offerctl --root "$place" --target-dir "$place/target"
rm -rf -- "$place/target"
