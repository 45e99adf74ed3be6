"""Whom a volume believes: options and mounts that let a local account write as somebody else.

Each was measured on GlusterFS 10.3 and 11.1: a process without rights that calls itself root.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.components.gluster.access import ALLOW, REJECT, strange
from generator.components.gluster.layout import Layout, VolumeLayout
from generator.components.gluster.values import is_on, refusal
from generator.language.findings import Finding, Rule, Severity

CUT_OFF = Rule(
    "G116",
    "bricks that refuse their own clients",
    "With `server.allow-insecure` off a brick answers clients from ports below 1024 only, and "
    "without `client.bind-insecure` off they come from others: every mount ends with ENOTCONN.",
    "leave both options to Stook, which sets them off before the volume starts",
    source="GlusterFS, protocol/server and protocol/client; seen on 10.3 and 11.1",
)
ANY_PORT = Rule(
    "G117",
    "bricks that believe any port",
    "A client from an unprivileged port may be any local account, and bricks take its word for "
    "who it is. Only the packet filter of each node then stands before the data.",
    "leave `server.allow-insecure` to Stook, which sets it off",
    Severity.WARNING,
    source="GlusterFS, rpc-auth-allow-insecure; seen on 10.3 and 11.1",
)
HALF_TLS = Rule(
    "G118",
    "encryption on one side only",
    "Clients that speak TLS to bricks that do not, or the other way round, never connect; and "
    "with `auth.ssl-allow` unset, any certificate of the same CA may mount.",
    "set `client.ssl`, `server.ssl` and `auth.ssl-allow` together, and bring every node its key "
    "and certificate before the volume is made",
    source="GlusterFS Administrator Guide, Setting up TLS; seen on 10.3 and 11.1",
)
SQUASH = Rule(
    "G119",
    "squashing that keeps the wrong people out",
    "With it root cannot write the root-owned files of the volume, nor PHP its uploads; and a "
    "client that claims the process id of the self-heal daemon is exempt, so it stops nobody.",
    "leave it off: the ports of the volume are shut to local accounts",
    source="GlusterFS, protocol/server server-helpers.c; seen on 10.3",
)
LIFTS = Rule(
    "G120",
    "a mount that lifts people up",
    "With `suid` or `dev`, a file that somebody got onto the volume makes him root on every node "
    "that mounts it.",
    "leave the option out: `nosuid` and `nodev` are set",
    Severity.WARNING,
    source="mount(8)",
)
SHUT_OUT = Rule(
    "G126",
    "a volume that does not let its own clients in",
    "`auth.allow` and `auth.reject` are judged at each mount, also for members of the pool: who is "
    "left out gets no mount, and who has one keeps it until the next.",
    "name the addresses of all nodes that mount it in `auth.allow`, or leave both options out",
    source="glusterfs xlators/protocol/auth/addr/src/addr.c, v11.1; seen on 10.3 and 11.1",
)
NOBODY = Rule(
    "G132",
    "an address that nobody has",
    "glusterd takes what is no address for the name of a host, and compares addresses letter by "
    "letter, as the system writes them: who is meant is not let in, or not kept out. A network "
    "that is none to it, it refuses.",
    "write addresses without zeros in front, networks with their length, or `*` for a number",
    source="valid_internet_address of libglusterfs, asked in 10.3 and 11.1; glusterfs "
    "xlators/protocol/auth/addr/src/addr.c",
)
RULES = (NOBODY, CUT_OFF, ANY_PORT, HALF_TLS, SQUASH, LIFTS, SHUT_OUT)


def check(pool: Layout) -> Iterator[Finding]:
    """Every finding about whom the volumes believe."""
    for volume in pool.volumes:
        yield from _ports(volume)
        yield from _tls(volume)
        yield from _squash(volume)
        yield from _mount(volume)
        options = volume.spec.options
        lists = {name: options[name] for name in (ALLOW, REJECT) if name in options}
        # of one that glusterd refuses there is a finding already
        refused = any(refusal("addresses", "", value, {}) for value in lists.values())
        odd = [] if refused else list(_nobody(volume, lists))
        yield from odd
        if volume.shut_out and not (refused or odd):
            where = (*volume.path, "options", REJECT if REJECT in options else ALLOW)
            names = ", ".join(volume.shut_out)
            yield SHUT_OUT.at(where, f"`{volume.name}` does not let in {names}")


def _nobody(volume: VolumeLayout, lists: Mapping[str, str]) -> Iterator[Finding]:
    for option, value in lists.items():
        for one in strange(value):
            where = (*volume.path, "options", option)
            yield NOBODY.at(where, f"`{one.item}` {one.why}", one.way)


def _on(volume: VolumeLayout, option: str, default: str = "off") -> bool:
    return is_on(volume.options.get(option, default))


def _ports(volume: VolumeLayout) -> Iterator[Finding]:
    where = (*volume.path, "options")
    if _on(volume, "server.allow-insecure"):
        message = f"`{volume.name}` takes any local account's word"
        yield ANY_PORT.at((*where, "server.allow-insecure"), message)
    elif _on(volume, "client.bind-insecure"):
        message = f"the bricks of `{volume.name}` refuse the ports that its clients come from"
        yield CUT_OFF.at((*where, "client.bind-insecure"), message)


def _tls(volume: VolumeLayout) -> Iterator[Finding]:
    sides = [side for side in ("client.ssl", "server.ssl") if _on(volume, side)]
    where = (*volume.path, "options")
    if len(sides) == 1:
        yield HALF_TLS.at((*where, sides[0]), f"only `{sides[0]}` is on")
    elif sides and volume.options.get("auth.ssl-allow", "*") == "*":
        message = "any certificate of the CA may mount: `auth.ssl-allow` names nobody"
        yield HALF_TLS.at((*where, "server.ssl"), message)


def _squash(volume: VolumeLayout) -> Iterator[Finding]:
    for option in ("server.root-squash", "server.all-squash"):
        if _on(volume, option):
            message = f"`{option}` shuts out root and no attacker"
            yield SQUASH.at((*volume.path, "options", option), message)


def _mount(volume: VolumeLayout) -> Iterator[Finding]:
    mount = volume.spec.mount
    for index, option in enumerate(mount.options if mount else ()):
        if option in ("suid", "dev"):
            where = (*volume.path, "mount", "options", index)
            yield LIFTS.at(where, f"`{option}` on `{volume.name}`")
