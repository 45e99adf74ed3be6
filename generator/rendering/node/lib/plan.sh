# shellcheck shell=sh
# The plan of a script: $PLAN, one statement a line, a verb and its fields between tabs.

TAB=$(printf '\t')

# field VERB N: field N of the first line of that verb.
field() { awk -F "$TAB" -v verb="$1" -v n="$2" '$1 == verb { print $(n + 1); exit }' "$PLAN"; }

# column VERB N: field N of every line of that verb.
column() { awk -F "$TAB" -v verb="$1" -v n="$2" '$1 == verb { print $(n + 1) }' "$PLAN"; }

# of VERB KEY N: field N of every line of that verb whose first field is KEY.
of() { awk -F "$TAB" -v verb="$1" -v of="$2" -v n="$3" '$1 == verb && $2 == of { print $(n + 1) }' "$PLAN"; }
