# shellcheck shell=sh
installed_version() {
    version=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$1" 2>/dev/null </dev/null) &&
        [ "$version" != "${version#installed }" ] && echo "${version#installed }"
}
