# shellcheck shell=sh
# calls: fail warn
# ---------------------------------------------------------------- validation
# Judged by the daemons' own commands: `early`, before a file is put, or before they are told.

validate() { # early|late FOLDER
    awk -F "$TAB" -v when="$1" '
        $1 == "validator" && ($3 == "early") == (when == "early") { row[$2] = $3 FS $5 FS $4 }
        $1 == "file" && $6 in row { print row[$6] FS (row[$6] ~ /[{]}/ ? $2 : "") }' "$PLAN" | sort -u >"$W/asked"
    while IFS=$TAB read -r when refusal command path <&4; do ask "$2$path"; done 4<"$W/asked"
}

ask() { # FILE
    if [ "$MODE" = check ] && ! command -v "${command%% *}" >/dev/null; then return 0; fi
    sh -c "$(echo "$command" | sed "s/{}/\"\$1\"/")" ask "$1" >"$W/said" 2>&1 && return 0
    refusal=$(echo "$refusal" | sed "s,{},$path,")
    [ "$when" = warn ] || {
        cat "$W/said" >&2
        fail "$refusal"
    }
    warn "$refusal: $(cat "$W/said")"
}
