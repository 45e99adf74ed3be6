"""What can be wrong with `ceph.settings`: options by their names, for all daemons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from generator.components.ceph.layout import Layout
from generator.components.ceph.options import Option, options
from generator.components.ceph.values import alone, malformed, number, plain, stray
from generator.formats import Unwritable
from generator.formats.ceph_conf import quote
from generator.language.findings import Finding, Path, Rule, Severity, nearest

HEALTH = "docs.ceph.com, health checks"

DRIFT = Rule(
    "C05",
    "a clock that is allowed to be wrong",
    "Monitors elect and lease by the clock. A raised limit does not mend clocks, it only "
    "hides that they differ.",
    "leave `mon_clock_drift_allowed` out, and name time servers",
    source="ceph/ceph#24825",
)
MSGR2 = Rule(
    "C10",
    "the second messenger is switched off",
    "Without version 2 nothing between daemons and clients can be encrypted, and Ceph warns "
    "of it (MON_MSGR2_NOT_ENABLED).",
    "leave `ms_bind_msgr2` out",
    source=HEALTH,
)
UNKNOWN = Rule(
    "C102",
    "an option that the release does not know",
    "Ceph ignores an unknown key of its configuration without a word.",
    "use the option's name as `ceph config ls` of that release prints it",
    source="`config help` of the daemons of 16.2.15 and 18.2.7",
)
OURS = Rule(
    "C103",
    "a setting that Stook writes, or cannot write",
    "One key twice in a file means that one of the two wins silently; `#`, `;`, quotes and "
    "backslashes mean something else in there; what is not of the option's type is ignored.",
    "leave it out of `settings`, or give it a value that Ceph reads",
    source="docs.ceph.com, ceph-conf",
)
SILENCES = Rule(
    "C113",
    "an option that only silences a warning",
    "The cluster looks better than it is; who looks at its health later does not know why.",
    "leave it out, or accept this finding with the reason",
    Severity.INFO,
    source=HEALTH,
)
OPEN_SECRET = Rule(
    "C124",
    "a secret in the open",
    "ceph.conf is read by everybody on every node, and so is the spec that it is written from.",
    "use the option that names a file (`..._path`), and bring the file as one of `secrets`",
    source="docs.ceph.com, Ceph Object Gateway config reference",
)
BOUNDS = Rule(
    "C125",
    "a value out of its bounds",
    "A part of the whole that is above 1 is taken for percent: with 2 a cluster is full at 2 %. A "
    "number out of its option's bounds is ignored without a word, and nobody has chosen the "
    "default.",
    "write a part of the whole from 0 to 1, or a number within the bounds",
    source="ceph src/mon/OSDMonitor.cc, create_initial; `config help` of 16.2.15 and 18.2.7",
)
ONCE = Rule(
    "C126",
    "an option that counts only once",
    "Daemons read it when the cluster, or what they keep, is made. Later they show the new value, "
    "and go by the old one: a full ratio is kept in the map of the OSDs, a block size on the disk.",
    "give it before there is a cluster; in one that runs, `ceph osd set-full-ratio` and its kin "
    "change ratios, and OSDs are made anew",
    Severity.INFO,
    source="`config help` of 16.2.15 and 18.2.7, the flags cluster_create and create",
)
ORDER = Rule(
    "C127",
    "full ratios out of order",
    "Ceph first warns, then copies nothing more to an OSD, then writes nothing, and at last the "
    "OSD drops what still comes. In another order health is HEALTH_ERR from the first minute "
    "(OSD_OUT_OF_ORDER_FULL).",
    "let nearfull, backfillfull, full and the OSD's own failsafe grow in this order, or be equal",
    source=f"{HEALTH}; seen on monitors of 16.2.15 and 18.2.7",
)
RULES = (DRIFT, MSGR2, UNKNOWN, OURS, SILENCES, OPEN_SECRET, BOUNDS, ONCE, ORDER)

_WRITTEN = frozenset(
    [
        "auth_client_required",
        "auth_cluster_required",
        "auth_service_required",
        # the old word for all three
        "auth_supported",
        "cluster_addr",
        "cluster_network",
        "fsid",
        "mon_host",
        "mon_initial_members",
        "ms_bind_ipv4",
        "ms_bind_ipv6",
        "ms_bind_msgr1",
        "ms_bind_port_max",
        "ms_bind_port_min",
        *(f"{role}_data" for role in ("mon", "mgr", "mds", "osd", "rgw")),
        "admin_socket",
        "keyring",
        "cluster_network_interface",
        "public_network_interface",
        "osd_crush_chooseleaf_type",
        "public_addr",
        "public_network",
        "rgw_frontends",
    ]
)
# With these an OSD has no weight or no place, a pool another rule, and health another word.
_UNPREDICTED = frozenset(
    [
        "bluestore_block_size",
        "mon_pg_warn_min_per_osd",
        "osd_crush_initial_weight",
        "osd_crush_update_on_start",
        "osd_pool_default_crush_rule",
    ]
)
_SILENCING = ("mon_data_avail_warn", "mon_data_avail_crit", "mon_warn_on_", "mon_warn_pg_not_")
# Options whose value is itself what nobody may know.
_SECRETS = frozenset(
    [
        "key",
        "rgw_crypt_default_encryption_key",
        "rgw_crypt_kmip_password",
        "rgw_crypt_s3_kms_encryption_keys",
        "rgw_keystone_admin_password",
        "rgw_keystone_admin_token",
        "rgw_keystone_barbican_password",
        "rgw_opa_token",
        "rgw_sts_client_secret",
        "rgw_sts_key",
    ]
)
# Seconds that clocks of monitors may differ by default.
ALLOWED_DRIFT = 0.05
_MADE = {"cluster": "the cluster", "daemon": "a daemon"}
_PARTS = re.compile(r"mon_osd_((near|backfill)?full|min_in|min_up)_ratio")
_FULL = (
    "mon_osd_nearfull_ratio",
    "mon_osd_backfillfull_ratio",
    "mon_osd_full_ratio",
    "osd_failsafe_full_ratio",
)
GRACE = "osd_heartbeat_grace"
_COUNTS = re.compile(r".*_(target|threads|size|bytes)")


def check(cluster: Layout) -> Iterator[Finding]:
    """What each of them is, or would do to the rest."""
    mine = cluster.release.name
    known = options(mine)
    for name, value in cluster.spec.settings.items():
        path = ("ceph", "settings", name)
        if name not in known:
            yield UNKNOWN.at(
                path, f"{mine} knows no option `{name}`", nearest(name, known), key=True
            )
        elif name in _WRITTEN:
            message = f"`{name}` follows from the rest of the spec"
            yield OURS.at(path, message, "leave it out of `settings`", key=True)
        elif name in _SECRETS:
            yield OPEN_SECRET.at(path, f"`{name}` would be in every ceph.conf", key=True)
        elif finding := _value(path, known[name], value):
            yield finding
        elif name in _UNPREDICTED:
            yield OURS.at(path, "what the plan says of the cluster would not be so", key=True)
        elif made := known[name].made:
            yield ONCE.at(path, f"`{name}` counts when {_MADE[made]} is made, and never after")
        try:
            quote(value)
        except Unwritable as error:
            yield OURS.at(path, str(error))
        yield from _unwise(path, name, value)
    yield from _order(cluster)


def _order(cluster: Layout) -> Iterator[Finding]:
    """Where a ratio is above the next one; said at the upper one if that is in the spec."""
    given = cluster.spec.settings
    for lower, upper in pairwise(_FULL):
        low, high = cluster.number(lower), cluster.number(upper)
        if not 0 <= high < low <= 1:
            continue
        at, other = (upper, lower) if upper in given else (lower, upper)
        side = "below" if at == upper else "above"
        rest = f"`{other}: {cluster.setting(other)}`"
        if other not in given:
            rest += ", its default"
        yield ORDER.at(("ceph", "settings", at), f"`{cluster.setting(at)}` is {side} {rest}")


def effective(cluster: Layout) -> dict[str, str]:
    """The settings as a daemon shows them, in the order of their names."""
    known = options(cluster.release.name)
    return {
        name: plain(known[name].form, value)
        for name, value in sorted(cluster.spec.settings.items())
    }


def _value(path: Path, option: Option, value: str) -> Finding | None:
    """What a daemon would not take, and what it would take for something else than it says."""
    instead = (
        f"Ceph ignores it and takes `{option.default}`" if option.default else "Ceph ignores it"
    )
    if taken := malformed(option.form, value):
        return OURS.at(path, f"`{value}` is not {taken}: {instead}", f"write {taken}")
    if option.form == "str" and (words := stray("str", option.limits, value)):
        return OURS.at(path, f"`{value}` is not {words}: {instead}", f"write {words}")
    read = number(option.form, value)
    if option.form == "features" and (pair := alone(value)):
        message = f"`{pair[0]}` cannot be without `{pair[1]}`: no image can be made"
        return OURS.at(path, message, f"add `{pair[1]}`, or leave `{pair[0]}` out")
    if option.name == GRACE and read is not None and read < 1:
        message = f"`{value}` leaves no time for an answer: OSDs that live are reported as down"
        return BOUNDS.at(path, message, "write some times as much as `osd_heartbeat_interval`")
    if _PARTS.fullmatch(option.name) and read is not None and not 0 <= read <= 1:
        way = f"write a part of the whole: `{read / 100:.4g}`" if 1 < read <= 100 else ""
        return BOUNDS.at(path, f"`{value}` is no part of a whole, from 0 to 1", way)
    if bounds := stray(option.form, option.limits, value):
        message = f"`{value}` is out of bounds, {bounds}: {instead}"
        return BOUNDS.at(path, message, f"write a number that is {bounds}")
    if _COUNTS.fullmatch(option.name) and read is not None and read < 0:
        return BOUNDS.at(path, f"`{value}` is below 0", "write a number that is not negative")
    return None


def _unwise(path: Path, name: str, value: str) -> Iterator[Finding]:
    drift = number("float", value) if name == "mon_clock_drift_allowed" else None
    if drift is not None and drift > ALLOWED_DRIFT:
        yield DRIFT.at(path, f"clocks may differ by {value} s")
    if name == "ms_bind_msgr2" and number("bool", value) == 0:
        yield MSGR2.at(path, "daemons speak version 1 of the protocol only")
    if name.startswith(_SILENCING):
        yield SILENCES.at(path, f"`{name}` hides what `ceph health` would say", key=True)
