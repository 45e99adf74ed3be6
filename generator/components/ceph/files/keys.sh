# shellcheck shell=sh
# Secrets of this node as Ceph's tools want them: keyrings, in a folder that goes when the script ends;
# and what is done as Ceph's account.

R=${SEED_ROOT:-}
PLAN=$R/etc/stook/ceph.tsv
SECRETS=$R/etc/stook/secrets

W=$(mktemp -d)
trap 'rm -rf "$W"' EXIT

secret() { # NAME: its value; unknown is a reason to wait
    secret_in "$SECRETS/$1" "$1"
}

secret_in() { # FILE NAME
    [ -s "$1" ] || wait_for "the secret $2 is not on this node"
    tr -d ' \t\n' <"$1"
}

entity() { # NAME KEY CAPS-LINE...
    printf '[%s]\n\tkey = %s\n' "$1" "$2"
    shift 2
    for caps; do printf '\tcaps %s\n' "$caps"; done
}

# From a folder that it may be in: `find` wants to come back to where it began.
own() { (cd / && setpriv --reuid=ceph --regid=ceph --clear-groups -- "$@"); }

# A folder of Ceph's, in one that may be Ceph's, too. Behind a link it stays whose it is.
folder() { # PATH
    [ -d "$R$1" ] || mkdir -m 0750 "$R$1" 2>/dev/null || :
    (reach "$1" && chown ceph:ceph .) || :
}
