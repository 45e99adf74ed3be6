# shellcheck shell=sh
# ---------------------------------------------------------------- reach
# Files in folders that are not root's: no link that somebody has put there is followed.

roots() { [ -O . ]; }

# reach FOLDER: go there, in a subshell. Below a folder of somebody else each step is checked after it
# was taken, since it may have been swapped for a link the moment before.
reach() {
    cd -P "$R/" || return 1
    rest=${1#/}
    while [ -n "$rest" ]; do
        step=${rest%%/*}
        case $rest in */*) rest=${rest#*/} ;; *) rest='' ;; esac
        if roots; then
            cd -P "./$step" || return 1
            continue
        fi
        here=$(stat -c %d:%i .)
        [ ! -L "$step" ] && cd -P "./$step" && [ "$(stat -c %d:%i ..)" = "$here" ] || return 1
    done 2>/dev/null
}

# in_place PATH COMMAND …: run it in the folder of PATH, with the name of PATH there as its last word.
in_place() {
    place=$1
    shift
    (reach "$(dirname "$place")" && "$@" "./$(basename "$place")")
}

is_plain() { [ -f "$1" ] && [ ! -L "$1" ]; }

# A pipe that somebody has put there would be read for ever.
contents() { # PATH
    in_place "$1" is_plain && in_place "$1" timeout 10 cat -- 2>/dev/null
}

keep_at() { # COPY NAME: a copy of what NAME itself is, be it a link
    cp -a -- "$2" "$1"
}

# bring FILE NAME: FILE, with its mode and owner, under that name; by a rename.
bring() {
    temp=${2%/*}/.${2##*/}.stook-new
    rm -f -- "$temp"
    cp -a --remove-destination -- "$1" "$temp" && mv -f -- "$temp" "$2"
}
