# shellcheck shell=sh
# calls: fail warn
# ---------------------------------------------------------------- validation
# Judged by the daemons' own commands: `early`, before a file is put, or before they are told.

# A command that names no file judges all of a daemon's, and is asked once.
validate() { # early|late FOLDER
    awk -F "$TAB" -v when="$1" '
        $1 == "validator" && ($3 == "early") == (when == "early") { row[$2] = $3 FS $5 FS $4; one[$2] = index($4, "{}") }
        $1 == "file" && $6 in row { print row[$6] FS (one[$6] ? $2 : "") }' "$PLAN" | sort -u >"$W/asked"
    while IFS=$TAB read -r when refusal command path <&4; do ask "$2$path"; done 4<"$W/asked"
}

# naming TEXT NAME: the text with NAME for each `{}`, letter for letter.
naming() {
    T=$1 N=$2 awk 'BEGIN {
        for (text = ENVIRON["T"]; at = index(text, "{}"); text = substr(text, at + 2))
            printf "%s%s", substr(text, 1, at - 1), ENVIRON["N"]
        print text
    }'
}

ask() { # FILE
    if [ "$MODE" = check ] && ! command -v "${command%% *}" >/dev/null; then return 0; fi
    # shellcheck disable=SC2016 # for the shell within
    sh -c "$(naming "$command" '"$1"')" ask "$1" </dev/null >"$W/said" 2>&1 && return 0
    refusal=$(naming "$refusal" "$path")
    [ "$when" = warn ] || {
        cat "$W/said" >&2
        fail "$refusal"
    }
    warn "$refusal: $(cat "$W/said")"
}
