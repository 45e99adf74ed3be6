#!/usr/bin/env bash
# From one spec to a running, verified site, and what one lost node does to it.
# Without root or a container engine: the static part, and what was left out.
set -euo pipefail
site=$1
stook=.venv/bin/stook
file=/var/www/html/written-while-a-node-is-down

say() { printf '\n== %s\n' "$*"; }

# visit ADDRESS-OF-A-NODE SOURCE CURL-OPTION...: what a visitor outside sees; 203.0.113.60 and .61
# are the lab's attacker and innocent visitor
visit() {
    node=$1 source=$2
    shift 2
    "$stook" lab shell "$site" outside curl -sS -m 90 --interface "$source" \
        -H 'Host: www.example.com' "$@" "http://$node/"
}

addresses() {
    .venv/bin/python -c 'import json, sys
for node in json.load(open(sys.argv[1]))["nodes"].values(): print(node["addresses"]["internal"])' \
        "$site/site.json"
}

say "the spec, judged"
$stook check "$site"
say "what will be true"
$stook plan "$site"
say "the bundles"
$stook build "$site"
$stook build --check "$site"

# an engine that answers already is somebody's, and stays
docker info >/dev/null 2>&1 && stays=yes || stays=
if ! reason=$(.venv/bin/python -m verify.lab.host up 2>&1); then
    say "no containers here: $reason"
    echo "left out: booting the bundles, forming the cluster, verifying it, losing a node"
    exit 0
fi

finish() {
    "$stook" lab down "$site" || echo "take the lab down: $stook lab down $site"
    [ -n "$stays" ] || .venv/bin/python -m verify.lab.host down || :
}
trap finish EXIT
say "three nodes, booted from nothing but their user-data"
$stook lab up "$site"
say "every claim of the spec, held against them"
$stook lab verify "$site" --active
say "WordPress's own page, through every node"
mapfile -t nodes < <(addresses)
for address in "${nodes[@]}"; do
    echo "$address: $(visit "$address" 203.0.113.61 | grep -o '<title>.*</title>')"
done
say "an attacker tries passwords at /xmlrpc.php of node-gfs1, twenty times"
first=${nodes[0]}
for _ in $(seq 20); do
    "$stook" lab shell "$site" outside curl -s -o /dev/null -m 5 --interface 203.0.113.60 \
        -d '<methodCall/>' -H 'X-Forwarded-For: 203.0.113.61' "http://$first/xmlrpc.php" || true
done
sleep 3
if "$stook" lab shell "$site" outside curl -s -o /dev/null -m 5 --interface 203.0.113.60 "http://$first/"; then
    echo "the attacker is still served: this is a bug"
    exit 1
fi
echo "the attacker gets no answer any more"
echo "the innocent, whose address it had forged: $(visit "$first" 203.0.113.61 -o /dev/null -w '%{http_code}')"
"$stook" lab shell "$site" node-gfs1 fail2ban-client status nginx-wp-xmlrpc
"$stook" lab shell "$site" node-gfs1 fail2ban-client unban --all
say "the power of node-gfs3 is cut; the others notice within a minute"
$stook lab fault "$site" node-power-off
$stook lab shell "$site" node-gfs1 sh -c "date > $file"
echo "read on node-gfs2, written on node-gfs1: $($stook lab shell "$site" node-gfs2 cat "$file")"
echo "the site still answers: $(visit "$first" 203.0.113.61 | grep -o '<title>.*</title>')"
say "what the verification says of that (it must not be green)"
if $stook lab verify "$site" --no-wait --only 'node-gfs[12]/gluster_*/*'; then
    echo "it saw nothing: this is a bug"
    exit 1
fi
say "the node is back, and healed"
$stook lab fault "$site" node-power-off --undo
$stook lab verify "$site"
$stook lab status "$site"
say "where to look"
cat <<END
  $site/site.yaml              the one file that was written by hand
  $site/node-gfs1/README.md    what an admin is handed
  $stook lab up $site    the same nodes again, to look into and to break
  $stook lab faults                            what can be broken
END
