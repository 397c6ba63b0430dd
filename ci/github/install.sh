#!/usr/bin/env bash
# Puts an offerctl in place and says where, in the output `program`:
# the file BINARY, or the release VERSION, or what is built from the source that this action is a part of.
#
# What runs beside the token is never what a branch could have put there. So it is outside of the checkout, in a folder
# that is new in each job, and comes from no cache: whoever runs code in any job of a branch can write that branch's
# cache, and an archive of the cache may write any file of the runner, these scripts too, before a checksum is looked at.
set -euo pipefail
# shellcheck source=runner.sh
. "$GITHUB_ACTION_PATH/runner.sh"

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
    if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}

# Ends the script unless the file $1, called $2, has the checksum $3.
compare() {
    local found
    found=$(sum "$1")
    [ "$found" = "$3" ] || fail "$2 has the checksum $found, and not $3"
}

# Without ~/.curlrc.
get() { curl --disable --fail --silent --show-error --location --retry 3 --proto '=https' --output "$2" -- "$1"; }

# Takes a release only if its checksum is right: the one that the workflow names, else the one beside the release, which
# tells of damage but not of malice.
download() {
    local name wanted
    [[ $VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$ ]] || fail "\`version\` is not a version: write 1.2.3"
    name=offerctl-$VERSION-$(target).tar.gz
    unheeded get "$RELEASES/v$VERSION/$name" "$place/$name" || fail "release $VERSION could not be downloaded"
    wanted=$SHA256
    if [ -z "$wanted" ]; then
        unheeded get "$RELEASES/v$VERSION/$name.sha256" "$place/sum" || fail "release $VERSION has no checksum"
        wanted=$(cut -d ' ' -f 1 "$place/sum")
    fi
    compare "$place/$name" "release $VERSION" "$wanted"
    unheeded tar -xzf "$place/$name" -C "$place/bin" offerctl
}

# Takes the program at BINARY; with a checksum a copy of it, so that what was looked at is what is run.
take() {
    { [ -f "$BINARY" ] && [ -x "$BINARY" ]; } || fail "there is no program at $BINARY"
    if [ -n "$SHA256" ]; then
        cp -- "$BINARY" "$program"
        compare "$program" "$BINARY" "$SHA256"
        return
    fi
    program=$(readlink -f -- "$BINARY")
    if in_checkout "$program"; then
        fail "$BINARY is in the checkout, where a commit can put a program: name its checksum in \`sha256\`"
    fi
}

place=$(mktemp -d "$RUNNER_TEMP/offerctl.XXXXXXXXXX")
mkdir "$place/bin"
program=$place/bin/offerctl
[[ -z $SHA256 || $SHA256 =~ ^[0-9a-f]{64}$ ]] || fail "\`sha256\` is not a checksum: write 64 digits from 0 to f"
if [ -n "$BINARY" ]; then
    take
elif [ -n "$VERSION" ]; then
    download
else
    unheeded bash "$GITHUB_ACTION_PATH/../build.sh" "$place" || fail "offerctl could not be built; the log says why"
    [ -z "$SHA256" ] || compare "$program" "what was built" "$SHA256"
fi
unheeded "$program" --version
output program "$program"
