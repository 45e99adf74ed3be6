# shellcheck shell=sh
# ---------------------------------------------------------------- the plan
# The lines of plan.tsv, one function call each; a plan that is not understood is refused.

# each VERB FUNCTION: call FUNCTION with the fields of every line of that verb, in order.
each() {
    while IFS=$TAB read -r verb f1 f2 f3 f4 f5 <&3; do
        [ "$verb" = "$1" ] || continue
        "$2" "${f1-}" "${f2-}" "${f3-}" "${f4-}" "${f5-}"
    done 3<"$PLAN"
}

# check_plan PLAN [old]: of an old one only what its lines take away has to be understood. A file's
# format had no line of its own then, and a disk and a mount point a word more.
check_plan() {
    awk -F "$TAB" -v old="${2-}" '
        BEGIN {
            split("stook 1 site 1 node 1 os 2 spec 1 identity 1 address 1 hostname 1 repository 1 package 1 ssh-from 1 login 2 " \
                "user 3 close 1 disk 4 mountpoint 1 validator 4 file 5 absent 1 block 1 head 2 lasting 3 claim-name 1 claim-mount 1 " \
                "mount 1 unit 4 secret 5 secret-word 1 unit-secret 2", words, " ")
            for (i = 1; i in words; i += 2) fields[words[i]] = words[i + 1]
            if (old) more["disk"] = more["mountpoint"] = 1
            path["repository"] = path["file"] = path["absent"] = path["block"] = path["mountpoint"] = path["head"] = 1
            path["mount"] = path["claim-mount"] = path["secret"] = 1
        }
        function bad(why) { printf "plan.tsv line %d: %s\n", NR, why; wrong = 1 }
        NR == 1 && $0 != "stook\t1" { bad("this script reads plans of grammar `stook 1`") }
        !($1 in fields) { bad("unknown verb `" $1 "`"); next }
        NF != fields[$1] + 1 && NF != fields[$1] + 1 + more[$1] {
            bad("`" $1 "` has " fields[$1] " fields, not " NF - 1)
        }
        { seen[$1] = 1; for (i = 1; i <= NF; i++) if ($i == "") bad("an empty field") }
        ($1 in path) && ($2 !~ /^\// || ($2 "/") ~ /\/\.\.?\//) { bad("not an absolute path: " $2) }
        old { next }
        $1 == "validator" {
            if ($2 in known) bad("two validators `" $2 "`")
            if ($3 !~ /^(early|late|warn)$/) bad("validator `" $2 "` is to be asked " $3)
            known[$2]
        }
        $1 == "file" && $6 != "-" && !($6 in known) { bad("no validator `" $6 "`") }
        END {
            split("site node os spec hostname", needed, " ")
            for (i = 1; i in needed; i++) if (!(needed[i] in seen)) bad("no `" needed[i] "` line")
            exit wrong
        }' "$1"
}
