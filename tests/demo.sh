#!/usr/bin/env bash
# From one spec to a running, verified site, and what one lost node does to it.
# Without root or a container engine: the static part, and what was left out.
set -euo pipefail
site=$1
stook=.venv/bin/stook

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

trap '$stook lab down "$site" >/dev/null 2>&1 || echo "take the lab down: $stook lab down $site"' EXIT
say "three nodes, booted from nothing but their user-data"
$stook lab up "$site"
say "every claim of the spec, held against them"
$stook lab verify "$site" --active
say "one node is lost: a file written on one of the others is read on the third"
node=$(basename "$(dirname "$(find "$site" -maxdepth 2 -name manifest.json | sort | tail -n 1)")")
$stook lab fault "$site" node-lost
first=$(find "$site" -maxdepth 2 -name manifest.json | sort | head -n 1 | xargs dirname | xargs basename)
second=$(find "$site" -maxdepth 2 -name manifest.json | sort | sed -n 2p | xargs dirname | xargs basename)
$stook lab shell "$site" "$first" -- sh -c 'date > /var/www/html/written-while-a-node-is-down'
$stook lab shell "$site" "$second" -- cat /var/www/html/written-while-a-node-is-down
$stook lab fault "$site" node-lost --undo
say "it is back, and healed"
$stook lab verify "$site" --only '*/gluster_*/*'
$stook lab status "$site"
say "where to look"
cat <<END
  $site/site.yaml               the one file that was written by hand
  $site/$node/README.md   what an admin is handed
  $stook lab up $site           the same nodes again, to look into and to break
  $stook lab faults                               what can be broken
END
