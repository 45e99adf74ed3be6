#!/bin/sh
# Turn the Debian root file system $1 into that of a machine which waits for its user-data.
set -eu
root=$1

# A network unit, as a machine has it: cloud-init is ordered after it.
systemctl --quiet --root="$root" enable systemd-networkd.service systemd-networkd-wait-online.service

# The packages of the bundle are here for speed only. Debian enables firewalld when it is installed,
# and with its packaged unit no user-data would ever be processed.
systemctl --quiet --root="$root" disable firewalld.service

cat > "$root/etc/cloud/cloud.cfg.d/90_vm.cfg" <<END
datasource_list: [NoCloud]
locale: C.UTF-8
ssh_genkeytypes: [ed25519]
END

# The only package source is an empty folder, so that apply's update works without a network. It is a
# package's, as in a container.
mkdir -p "$root/srv/packages"
: > "$root/srv/packages/Packages"
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/* \
  "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*
own=$(mktemp -d)
mkdir -p "$own/etc/apt/sources.list.d"
echo 'deb [trusted=yes] copy:/srv/packages ./' > "$own/etc/apt/sources.list.d/lab.list"
sh "$(dirname "$0")/../files/package" "$own" "$root/lab.deb"
chroot "$root" dpkg --install /lab.deb > /dev/null
rm -rf "$own" "$root/lab.deb"

# What every machine makes for itself.
rm -f "$root"/etc/ssh/ssh_host_*
: > "$root/etc/machine-id"
: > "$root/etc/resolv.conf"
echo localhost > "$root/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' > "$root/etc/hosts"
