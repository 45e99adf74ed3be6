#!/usr/bin/env bash
# From one spec to a running, verified site, and what one lost node does to it.
# Without root or a container engine: the static part, and what was left out.
set -euo pipefail
site=$1
stook=.venv/bin/stook
file=/var/www/html/written-while-a-node-is-down

say() { printf '\n== %s\n' "$*"; }

say "the spec, judged"
$stook check "$site"
say "what will be true"
$stook plan "$site"
say "the bundles"
$stook build "$site"
$stook build --check "$site"

if ! reason=$(.venv/bin/python -m verify.lab.host up 2>&1); then
    say "no containers here: $reason"
    echo "left out: booting the bundles, forming the cluster, verifying it, losing a node"
    exit 0
fi

finish() {
    "$stook" lab down "$site" || echo "take the lab down: $stook lab down $site"
    .venv/bin/python -m verify.lab.host down
}
trap finish EXIT
say "three nodes, booted from nothing but their user-data"
$stook lab up "$site"
say "every claim of the spec, held against them"
$stook lab verify "$site" --active
say "the power of node-gfs3 is cut; the others notice within a minute"
$stook lab fault "$site" node-power-off
$stook lab shell "$site" node-gfs1 sh -c "date > $file"
echo "read on node-gfs2, written on node-gfs1: $($stook lab shell "$site" node-gfs2 cat "$file")"
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
