# shellcheck shell=sh
# calls: check_plan fail incomplete remember_plan warn
# ---------------------------------------------------------------- the last plan
# What was applied before, kept in one file, and what of it is gone from the plan.

# applied.tsv has the lines of the last plan, `sum DIGEST NAME` for the files of its bundle, and last
# of all its own digest. While a run is under way it has the lines of both plans, so that a run that
# is killed, or another bundle after it, still knows of all that may be there.
read_last() {
    : >"$W/last"
    : >"$W/last-sums"
    if [ -f "$APPLIED" ]; then
        sed '$d' "$APPLIED" >"$W/said"
        { grep -v "^sum$TAB" "$W/said" || :; } >"$W/last"
        sed -n "s/^sum$TAB//p" "$W/said" >"$W/last-sums"
        [ "$(tail -n 1 "$APPLIED")" = "digest$TAB$(digest_of "$W/said")" ] || LAST=unreadable
    elif [ -f "$STATE/bundle/plan.tsv" ] && [ -f "$STATE/bundle/SHA256SUMS" ] && has_run; then
        # a release that kept no plan kept its bundle
        cp "$STATE/bundle/plan.tsv" "$W/last"
        sed "s/ [ *]/$TAB/" "$STATE/bundle/SHA256SUMS" >"$W/last-sums"
        (cd "$STATE/bundle" && sha256sum -c --status SHA256SUMS 2>/dev/null) || LAST=unreadable
    else
        return 0
    fi
    check_plan "$W/last" old >"$W/said" 2>&1 || LAST=unreadable
    [ "$LAST" != unreadable ] || give_up_last
    if [ -n "$LOST" ]; then remember_plan "$W/last" missing; fi
    [ -f "$APPLIED" ] || remember_plan "$W/last"
}

digest_of() { sha256sum "$1" | cut -d ' ' -f 1; }

# What lies there may be what cloud-init has just written, and nothing else than this bundle.
has_run() { [ -f "$STAMP" ] || [ "$BUNDLE" != "$(cd -P "$STATE/bundle" && pwd)" ]; }

give_up_last() {
    [ "$MODE" = check ] || [ -f "$APPLIED" ] || cp "$W/last" "$APPLIED"
    : >"$W/last"
    : >"$W/last-sums"
    incomplete "what was applied before cannot be read, so nothing is taken away; apply with the release that \
wrote /var/lib/stook/applied.tsv, or remove that file, and by hand what /var/lib/stook/everput names"
}

# keep_plan PLAN SUMS …: the lines of all of these, in one step. Whatever fails, on a full disk for one, what
# was kept before stays.
keep_plan() {
    [ "$MODE" = apply ] && [ "$LAST" != unreadable ] || return 0
    sed "s/ [ *]/$TAB/" "$2" >"$W/sums" && cat "$4" >>"$W/sums" &&
        awk '!seen[$0]++' "$1" "$3" >"$W/applied" &&
        awk '!seen[$0]++ { print "sum\t" $0 }' "$W/sums" >>"$W/applied" &&
        sum=$(digest_of "$W/applied") && [ -n "$sum" ] && printf 'digest\t%s\n' "$sum" >>"$W/applied" || return 1
    if cmp -s "$W/applied" "$APPLIED"; then return 0; fi
    mkdir -p "$STATE" && (umask 077 && cp "$W/applied" "$APPLIED.new") && cmp -s "$W/applied" "$APPLIED.new" &&
        mv -f "$APPLIED.new" "$APPLIED" && return 0
    rm -f "$APPLIED.new"
    return 1
}

keep_both() {
    keep_plan "$PLAN" "$BUNDLE/SHA256SUMS" "$W/last" "$W/last-sums" || fail "cannot keep the plan as $APPLIED"
}

# At the end only what could not be taken away is still known beside the new plan.
keep_new() {
    [ "$MODE" = apply ] && [ "$TAKEN" = yes ] || return 0
    : >>"$W/stays"
    [ -s "$W/stays" ] || : >"$W/last-sums"
    keep_plan "$PLAN" "$BUNDLE/SHA256SUMS" "$W/stays" "$W/last-sums" || fail "cannot keep the plan as $APPLIED"
    remember_plan "$PLAN"
}

# After a restored failure the old plan holds, and the accounts that were not undone.
keep_old() {
    [ "$MODE" = apply ] && [ -f "$W/last" ] && [ "$LAST" != unreadable ] || return 0
    awk -F "$TAB" '$1 ~ /^(stook|site|node|os|spec|identity|lasting|hostname|user)$/' "$PLAN" >"$W/made"
    if [ ! -s "$W/last" ]; then cp "$W/made" "$W/last"; fi
    : >"$W/none"
    keep_plan "$W/last" "$W/none" "$W/made" "$W/last-sums" || warn "$APPLIED has the lines of both plans"
}

# A path is one thing, whichever verb puts a file there; a group is a thing of its user.
find_gone() {
    awk -F "$TAB" '
        function key() { return ($1 ~ /^(file|repository|secret)$/ ? "path" : $1) FS $2 }
        function groups(   i, n, one) {
            n = $1 == "user" && $4 != "-" ? split($4, one, ",") : 0
            for (i = 1; i <= n; i++) if (new) kept[$2 FS one[i]]; else if (!(($2 FS one[i]) in kept))
                print "group" FS $2 FS one[i]
        }
        { new = FILENAME == ARGV[1]; groups() }
        new { kept[key()]; if ($1 ~ /^(absent|block)$/) kept["path" FS $2]; next }
        $1 ~ /^(file|repository|secret|block|head|unit|user|claim-mount|mountpoint)$/ && !(key() in kept) {
            kept[key()]
            print
        }' "$PLAN" "$W/last" >"$W/gone"
}

in_last() { # PATH
    P=$1 awk -F "$TAB" '
        $1 ~ /^(file|repository|secret)$/ && $2 == ENVIRON["P"] { found = 1 }
        END { exit !found }' "$W/last"
}

# gone VERB FUNCTION: call FUNCTION with the fields of every line of that verb that is gone.
gone() {
    while IFS=$TAB read -r verb f1 f2 f3 f4 f5 <&5; do
        [ "$verb" = "$1" ] || continue
        LINE=$verb
        for one in "$f1" "$f2" "$f3" "$f4" "$f5"; do LINE=$LINE${one:+$TAB$one}; done
        "$2" "${f1-}" "${f2-}" "${f3-}" "${f4-}" "${f5-}"
    done 5<"$W/gone"
}

# stays: the line at hand is done the next time.
stays() { printf '%s\n' "$LINE" >>"$W/stays"; }
