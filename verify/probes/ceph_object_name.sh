#!/bin/sh
# The first name whose placement group has too few copies: POOL PREFIX MIN_SIZE. It is the same
# wherever it is looked for.
for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
  name=$2-$number
  place=$(ceph --connect-timeout 5 osd map "$1" "$name") || exit 3
  acting=$(echo "$place" | sed -n 's/.*acting (\[\([0-9,]*\)\].*/\1/p' | tr , '\n' | grep -c .)
  [ "$acting" -ge "$3" ] || break
done
echo "$name"
