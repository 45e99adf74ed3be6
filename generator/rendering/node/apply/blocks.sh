# shellcheck shell=sh
# calls: fail put
# ---------------------------------------------------------------- blocks
# Blocks of ours in files that are not ours: /etc/hosts and /etc/fstab.

# Lines outside our block that say something else about a name or a mount point of ours are
# commented out: `127.0.1.1 node` beside our line would still be answered too. A line that also
# maps other names is kept for those. What is commented out is judged anew in each run, so that
# a name that leaves the site gets its line back.
# merged PATH [gone]: the file with the block of the bundle, or without any of ours.
merged() {
    block=$BUNDLE/blocks$1
    if [ -f "$R$1" ]; then now=$R$1; else now=/dev/null; fi
    case $1 in
        /etc/hosts) column claim-name 1 >"$W/claims" ;;
        /etc/fstab) column claim-mount 1 | sed 's/ /\\040/g' >"$W/claims" ;;
        *) : >"$W/claims" ;;
    esac
    if [ -n "${2-}" ]; then
        block=/dev/null
        : >"$W/claims"
    fi
    awk -v path="$1" -v site="$SITE" -v prefix="$PREFIX" -v gone="${2-}" \
        -v rest="  # stook: the rest of the line above" '
        FILENAME == ARGV[1] { claimed[tolower($0)] = $0; next }
        FILENAME == ARGV[2] { block = block $0 "\n"; next }
        function put_block() { if (!gone) printf "# BEGIN stook %s\n%s# END stook %s\n", site, block, site; done = 1 }
        $0 == "# BEGIN stook " site { inside = 1; put_block(); next }
        $0 == "# END stook " site { inside = 0; next }
        inside { next }
        {
            line = $0
            if (length(line) > length(rest) && substr(line, length(line) - length(rest) + 1) == rest) next
            if (index(line, prefix) == 1) line = substr(line, length(prefix) + 1)
            code = line
            sub(/#.*/, "", code)
            n = split(code, word, " ")
        }
        path == "/etc/fstab" && n > 1 {
            if (length(word[2]) > 1) sub(/\/+$/, "", word[2])
            if (tolower(word[2]) in claimed && claimed[tolower(word[2])] == word[2]) line = prefix line
        }
        path == "/etc/hosts" && n > 1 {
            others = ""; hit = 0
            for (i = 2; i <= n; i++) {
                short = tolower(word[i])
                # on a loopback address NODE.any.domain is the node too
                if (word[1] ~ /^127\./ || word[1] == "::1") sub(/\..*/, "", short)
                if (short in claimed) hit = 1; else others = others " " word[i]
            }
            if (hit) line = prefix line (others == "" ? "" : "\n" word[1] others rest)
        }
        { print line }
        END { if (!done) put_block() }' "$W/claims" "$block" "$now"
}

put_merged() { # PATH
    attributes="0644 $OWNER $GROUP"
    [ ! -f "$R$1" ] || attributes=$(stat -L -c '0%a %U %G' "$R$1")
    # shellcheck disable=SC2086 # three words
    put "$W/merged" "$1" $attributes part
}

put_block() {
    merged "$1" >"$W/merged" || fail "cannot merge the block of $1"
    put_merged "$1"
}

take_block() {
    [ -f "$R$1" ] || return 0
    merged "$1" gone >"$W/merged" || fail "cannot take the block out of $1"
    put_merged "$1"
}
