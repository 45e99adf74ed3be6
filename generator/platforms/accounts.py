"""Names that no person has: accounts and groups of systems, and of widespread daemons.

What a platform's own packages make is in its data (`accounts`); these are of others, that may come.
"""

from __future__ import annotations

# Of a fresh system, and groups that no account has the name of (yet).
_SYSTEM = """
root daemon bin sys sync games man lp mail news uucp proxy backup list irc gnats nobody nogroup
halt shutdown operator ftp wheel sudo tty disk kmem dialout fax voice cdrom floppy tape audio dip
src shadow utmp video sasl plugdev staff users input render kvm sgx crontab netdev
lock utempter ssh_keys cron
"""
_SYSTEMD = """
systemd-network systemd-resolve systemd-timesync systemd-coredump systemd-oom systemd-journal
systemd-journal-remote systemd-journal-upload systemd-journal-gateway systemd-bus-proxy
"""
_DAEMONS = """
_apt _chrony _rpc _ssh avahi bind bird ceph cephadm chrony clamav cockpit-ws colord containerd
couchdb dbus dhcpcd dnsmasq docker dovecot dovenull elasticsearch etcd exim fail2ban fwupd-refresh
geoclue gitlab-runner gluster grafana haproxy icinga incus incus-admin influxdb keepalived_script
kibana landscape ldap libvirt libvirt-qemu logstash lxc lxd memcache memcached messagebus minio
mongodb mosquitto munin mysql mariadb nagios named nginx node-exp ntp ntpsec opendkim openldap
opensmtpd pcp podman polkitd pollinate postfix postdrop postgres postgrey prometheus proxysql
puppet qemu rabbitmq redis rpc rpcuser rspamd rsync rtkit salt saned snmp squid ssh sshd sssd
statd strongswan syslog tcpdump telegraf tomcat tor tss unbound usbmux uuidd valkey varnish
varnishlog vcache vcachelog zabbix apache lighttpd caddy _caddy traefik
"""
SYSTEM_USERS = frozenset(f"{_SYSTEM} {_SYSTEMD} {_DAEMONS}".split())
