#!/bin/sh
# apply: bring this node to what the bundle beside this script says.
#
#   ./apply                  do it; doing it again changes nothing
#   ./apply --check          show what would change, and change nothing
#   ./apply --allow-cutoff   go on although you, or everybody, will be shut out from ssh
#
# Exit code    applying                                  --check
#   0          done                                      nothing to do
#   1          failed; files and blocks are as before    something would change
#   2          refused before anything was changed, or a wrong option
#   75         incomplete: all the rest is done, the last lines name what is missing
#
# The script is the same on every node of a package family. It reads plan.tsv and SHA256SUMS beside it, installs
# rootfs/PATH as /PATH, and keeps a block of its own in the files under blocks/.
#
# What an earlier bundle put here and this one does not have is taken away: files, blocks, units,
# repositories, sudo rules and keys; accounts that were made for it are closed. Never data, file
# systems, packages, volumes, or what was there before. /var/lib/stook/applied.tsv is what it knows.
#
# On a failure it restores files and blocks, and reloads what had already been told about them.
# It never undoes mkfs, packages or users. What it replaced lies in /var/lib/stook/undo until
# the next run that changes something.
#
# Where systemd is not running (an image being baked, a chroot) units are enabled only, no disk
# is touched, and no stamp is written: stook-apply.service does the rest at the first boot.
#
# APPLY_ROOT, for tests: a folder put before every path of the node that is read or written.
#
# shellcheck disable=SC2317 # most functions are called by `each`

set -eu
umask 022
LC_ALL=C
export LC_ALL
PATH=${PATH:-}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin

R=${APPLY_ROOT:-}
STATE=$R/var/lib/stook
STAMP=$STATE/stamp
APPLIED=$STATE/applied.tsv
RETRY=stook-apply.service
PREFIX='#stook# '

MODE=apply
ALLOW_CUTOFF=no
CHANGES=0      # what was changed, or with --check would be
LAST=''        # `unreadable`, where what was applied before cannot be read
TAKEN=no       # all that is gone from the plan was seen to
INCOMPLETE=''  # one line for each thing that is missing
STARTED=no     # something on the node was changed
SITE='' NODE='' BUNDLE='' PLAN='' SUM='' W='' PENDING='' EVERPUT='' LOST='' LINE=''

. lib/plan.sh
. lib/mounted.sh
. apply/words.sh
. apply/plan.sh
. apply/everput.sh
. apply/last.sh
. apply/reach.sh
. apply/identity.sh
. apply/preflight.sh
. apply/around.sh
. apply/cutoff.sh
. apply/logins.sh
. apply/files.sh
. apply/secrets.sh
. apply/blocks.sh
. apply/head.sh
. apply/packages.sh
. family/installed.sh
. family/install.sh
. apply/users.sh
. apply/disks.sh
. apply/mounts.sh
. apply/validation.sh
. apply/units.sh
. apply/switch.sh
. apply/doors.sh
. apply/leave.sh
. apply/leave_units.sh
. apply/leave_users.sh
. apply/leave_mounts.sh
. apply/sessions.sh
. apply/closing.sh
. apply/keep.sh
. apply/undo.sh
. apply/finish.sh
. apply/main.sh

main "$@"
