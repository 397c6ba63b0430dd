# shellcheck shell=bash
# How the scripts of the action talk to the runner of GitHub. They source this file.
#
# The runner obeys what is printed: a line that begins with `::`, and `##[` anywhere in a line. So nothing that others
# wrote (offers, a server, a compiler) is printed but through `unheeded` or `annotated`.

# A word that nobody can guess.
random() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# Ends the script for wrong usage. On standard error, because a caller may be reading standard output.
fail() {
    local text=${1//'%'/%25}
    text=${text//$'\r'/%0D}
    printf '::error title=offerctl::%s\n' "${text//$'\n'/%0A}" >&2
    exit 64
}

# Sets the output $1 of the step to $2. A line break in the value does not begin another output.
output() {
    local end
    end=$(random)
    printf '%s<<%s\n%s\n%s\n' "$1" "$end" "$2" "$end" >>"$GITHUB_OUTPUT"
}

# Runs a program whose output is shown and never obeyed.
unheeded() {
    local end code=0
    end=$(random)
    printf '::stop-commands::%s\n' "$end"
    # In one stream, because the runner reads two of them in any order.
    "$@" 2>&1 || code=$?
    # Its last line may have no end.
    printf '\n::%s::\n' "$end"
    return "$code"
}

# Runs a program of whose output only annotations are obeyed.
annotated() {
    "$@" 2>&1 | only_annotations
    return "${PIPESTATUS[0]}"
}

only_annotations() {
    local line before old='##[' LC_ALL=C
    while IFS= read -r line || [ -n "$line" ]; do
        # A line ends here for the runner as well.
        line=${line//$'\r'/ }
        before=${line%%::*}
        case $line in
        '::error '* | '::warning '* | '::notice '*) ;;
        # Blanks of any kind may be before it.
        *::*) if [[ $before != *[[:alnum:][:punct:]]* ]]; then line=${line/::/: :}; fi ;;
        esac
        printf '%s\n' "${line//"$old"/## [}"
    done
}

# Whether the file $1 is in the checkout, where a commit can put a file, a folder or a link.
in_checkout() {
    local folder checkout
    folder=$(cd -- "$(dirname -- "$1")" && pwd -P)
    checkout=$(cd -- "$GITHUB_WORKSPACE" && pwd -P)
    case $folder/ in
    "$checkout"/*) return 0 ;;
    *) return 1 ;;
    esac
}

# Sets `found` to the full path of the file $2 of a run, which the input $1 names.
file_of_run() {
    { [ -f "$2" ] && [ ! -L "$2" ]; } || fail "\`$1\` names no file: \`$2\`"
    if in_checkout "$2"; then
        fail "\`$1\` names a file in the checkout, where a commit can put one: \`$2\`; download it into \`runner.temp\`"
    fi
    # shellcheck disable=SC2034 # for the caller
    found=$(cd -- "$(dirname -- "$2")" && pwd -P)/$(basename -- "$2")
}
