# shellcheck shell=sh
# calls: check_login refuse warn
# ---------------------------------------------------------------- cutoff
# Whether somebody could still get in by ssh afterwards: anybody, and who runs this.

# The address of the ssh client that this run hangs on; sudo drops SSH_CONNECTION from the
# environment, so it is looked for in the processes above as well.
ssh_client() {
    if [ -n "${SSH_CONNECTION-}" ]; then
        echo "${SSH_CONNECTION%% *}"
        return
    fi
    pid=$$
    while [ "${pid:-0}" -gt 1 ] && [ -r "$R/proc/$pid/environ" ]; do
        connection=$(tr '\0' '\n' <"$R/proc/$pid/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=//p')
        if [ -n "$connection" ]; then
            echo "${connection%% *}"
            return
        fi
        pid=$(sed -n 's/^PPid:[[:space:]]*//p' "$R/proc/$pid/status" 2>/dev/null)
    done
}

# inside ADDRESS FILE: the address is in one of the networks that FILE lists. Written in awk,
# because nothing else is sure to be here before the packages are.
inside() {
    awk -v address="$1" '
        function bin(v, n,   s) { for (s = ""; n > 0; n--) { s = (v % 2) s; v = int(v / 2) } return s }
        function hex(h,   i, v) {
            v = 0
            for (i = 1; i <= length(h); i++) v = v * 16 + index("0123456789abcdef", substr(h, i, 1)) - 1
            return v
        }
        function four(a,   p, i, s) {
            if (split(a, p, ".") != 4) return ""
            for (i = 1; i <= 4; i++) s = s bin(p[i], 8)
            return s
        }
        function six(a,   p, q, n, m, i, s, v4) {
            if (match(a, /[0-9]+(\.[0-9]+)+$/)) {
                v4 = four(substr(a, RSTART)); a = substr(a, 1, RSTART - 1)
                if (a !~ /::$/) sub(/:$/, "", a)
            }
            i = index(a, "::")
            n = split(i ? substr(a, 1, i - 1) : a, p, ":")
            m = i ? split(substr(a, i + 2), q, ":") : 0
            for (i = 1; i <= n; i++) s = s bin(hex(p[i]), 16)
            for (i = 1; i <= m; i++) v4 = bin(hex(q[m - i + 1]), 16) v4
            while (length(s) + length(v4) < 128) s = s "0"
            return s v4
        }
        function bits(a) {
            a = tolower(a)
            sub(/%.*/, "", a)
            if (a ~ /^::ffff:[0-9]+\./) sub(/^::ffff:/, "", a)
            return a ~ /:/ ? six(a) : four(a)
        }
        BEGIN { client = bits(address) }
        {
            split($1, net, "/")
            want = bits(net[1])
            len = net[2] == "" ? length(want) : net[2]
            if (length(want) == length(client) && substr(want, 1, len) == substr(client, 1, len)) found = 1
        }
        END { exit !found }' "$2"
}

# cut_off WHAT WAY-OUT: refused, unless it is allowed.
cut_off() {
    [ "$ALLOW_CUTOFF" = yes ] || refuse "$1. $2, or run this on the console, or give --allow-cutoff"
    warn "$1, as allowed"
}

check_network() { # CLIENT
    column ssh-from 1 >"$W/ssh-from"
    [ -s "$W/ssh-from" ] || return 0
    if inside "$1" "$W/ssh-from"; then return 0; fi
    cut_off "you are here by ssh from $1, and the firewall to come lets ssh in from $(
        tr '\n' ' ' <"$W/ssh-from")only" "Add your network to 'from' of an admin and build again"
}

check_cutoff() {
    [ -n "$(column login 1)" ] ||
        cut_off "this bundle lets nobody in by ssh: it has no admin with a key" \
            "Add one to 'admins' and build again"
    client=$(ssh_client)
    [ -n "$client" ] || return 0
    check_network "$client"
    check_login
}
