#!/usr/bin/env bash
# Puts an offerctl in place and says where, in the output `program`:
# the file BINARY, or the release VERSION, or what is built from the source that this action is a part of.
set -euo pipefail

fail() {
    echo "::error title=offerctl::$1"
    exit 64
}

target() {
    case "$(uname -s) $(uname -m)" in
    "Linux x86_64") echo x86_64-unknown-linux-musl ;;
    "Linux aarch64" | "Linux arm64") echo aarch64-unknown-linux-musl ;;
    "Darwin x86_64") echo x86_64-apple-darwin ;;
    "Darwin arm64") echo aarch64-apple-darwin ;;
    *) fail "there are no releases for $(uname -s) on $(uname -m): build it, and give its path" ;;
    esac
}

sum() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# Takes a release only if its checksum is right: the one that the workflow names, else the one beside the release, which
# tells of damage but not of malice.
download() {
    local name folder wanted found
    [[ $VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$ ]] || fail "\`version\` is not a version: write 1.2.3"
    name=offerctl-$VERSION-$(target).tar.gz
    folder=$(mktemp -d)
    get() { curl --fail --silent --show-error --location --retry 3 --proto '=https' --output "$2" "$1"; }
    get "$RELEASES/v$VERSION/$name" "$folder/$name" || fail "release $VERSION could not be downloaded"
    wanted=$SHA256
    if [ -z "$wanted" ]; then
        get "$RELEASES/v$VERSION/$name.sha256" "$folder/sum" || fail "release $VERSION has no checksum"
        wanted=$(cut -d ' ' -f 1 "$folder/sum")
    fi
    found=$(sum "$folder/$name")
    [ "$found" = "$wanted" ] || fail "release $VERSION has the checksum $found, and not $wanted"
    mkdir -p "$PLACE/bin"
    tar -xzf "$folder/$name" -C "$PLACE/bin" offerctl
    rm -r "$folder"
}

if [ -n "$BINARY" ]; then
    [ -x "$BINARY" ] || fail "there is no program at $BINARY"
    program=$(cd "$(dirname "$BINARY")" && pwd)/$(basename "$BINARY")
else
    program=$PLACE/bin/offerctl
    if [ -n "$VERSION" ]; then
        download
    elif [ ! -x "$program" ]; then
        # In its own folder, so that its own toolchain and lock file count and nothing of the project does.
        cd "$GITHUB_ACTION_PATH/../.."
        cargo install --quiet --locked --path crates/offerctl --root "$PLACE" --target-dir "$PLACE/target"
        rm -rf "$PLACE/target"
    fi
fi
"$program" --version
echo "program=$program" >>"$GITHUB_OUTPUT"
