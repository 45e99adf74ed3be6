# shellcheck shell=sh
# calls: refuse warn
# ---------------------------------------------------------------- around
# What is around the bundle: the machine's addresses, and what its cloud has told cloud-init.

# Peers' rules and names mean this address; a machine without it is another one, or not ready.
check_address() { # ADDRESS
    command -v ip >/dev/null || return 0
    [ -z "$(ip -o address show to "$1" 2>/dev/null)" ] || return 0
    warn "this machine does not have the address $1, by which the other nodes know $NODE"
}

# What an instance was given when it was made outranks every file of ours (cloud-init, merging).
check_cloud() {
    given=$R/var/lib/cloud/instance
    [ ! -e "$R/etc/cloud/cloud-init.disabled" ] || return 0
    for file in "$given/cloud-config.txt" "$given/vendor-cloud-config.txt"; do
        said=$(sed -n "s/^manage_etc_hosts:[[:space:]]*[\"']*\([A-Za-z]*\).*/\1/p" "$file" 2>/dev/null | tail -n 1)
        case $said in
            '') continue ;;
            [Tt]rue | TRUE | yes | on | template | localhost) ;;
            *) return 0 ;;
        esac
        refuse "${file#"$R"} says manage_etc_hosts: $said, so cloud-init writes /etc/hosts anew at every" \
            "boot and the names of the site are gone. Take it out of the instance's user-data," \
            "or switch cloud-init off (touch /etc/cloud/cloud-init.disabled)"
    done
}
