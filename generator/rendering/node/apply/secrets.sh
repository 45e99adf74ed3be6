# shellcheck shell=sh
# calls: change incomplete put same_mode warn
# ---------------------------------------------------------------- secrets
# Secrets, each a whole file that somebody brings or a command gives.

# A secret is a whole file, so that nothing of it is ever part of a bundle, a diff or a message.
put_secret() { # PATH NAME MODE OWNER GROUP
    [ "$MODE" = check ] || fetch_secret "$2"
    secret=$STATE/secrets/$2
    if [ ! -s "$secret" ]; then
        # what was delivered once may have been taken out of the folder since
        [ -s "$R$1" ] || {
            printf '%s\n' "$2" >>"$W/absent-secrets"
            incomplete "the secret $2: put it into /var/lib/stook/secrets/$2"
            return 0
        }
        secret=$R$1
    fi
    if [ "$MODE" = apply ]; then
        put "$secret" "$1" "$3" "$4" "$5"
    elif ! cmp -s "$secret" "$R$1" || ! same_mode "$1" "$3" "$4" "$5"; then
        change "write the secret $2 to $1" || :
    fi
}

# By the command that the spec names, if it names one and nobody has brought the secret.
fetch_secret() { # NAME
    column secret-word 1 >"$W/words"
    if [ -s "$STATE/secrets/$1" ] || [ ! -s "$W/words" ]; then return 0; fi
    install -d -m 0700 "$STATE/secrets"
    name=$1
    set --
    while IFS= read -r word <&4; do set -- "$@" "$word"; done 4<"$W/words"
    if (umask 077 && timeout 60 "$@" "$name" >"$W/secret" </dev/null 4<&-) && [ -s "$W/secret" ]; then
        mv -f "$W/secret" "$STATE/secrets/$name"
    else
        warn "$1 does not give the secret $name"
        rm -f "$W/secret"
    fi
}

# held UNIT: a secret that it needs is not there.
held() {
    [ -s "$W/absent-secrets" ] || return 1
    U=$1 awk -F "$TAB" '
        NR == FNR { absent[$1] = 1; next }
        $1 == "unit-secret" && $2 == ENVIRON["U"] && ($3 in absent) { found = 1 }
        END { exit !found }' "$W/absent-secrets" "$PLAN"
}
