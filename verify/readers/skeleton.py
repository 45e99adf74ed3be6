"""The rules that firewalld makes of itself on the way in, whatever its zones let in.

As 1.3.3 and 2.3.1 leave them in the kernel with two zones, of which one
has sources: `tests/samples/firewalld-*-ruleset.json`. Up to 1.x a zone's chain calls the
policies, from 2.0 on one chain calls policies and zones in the order of their priorities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

TABLE = "inet firewalld"
FLAGS = frozenset({"owner", "persist"})
"""2.x keeps its table from others' hands (NftablesTableOwner)."""

POLICY = "allow-host-ipv6"
"""The one policy that firewalld brings: the neighbours' messages of IPv6."""

REFUSED = re.escape('reject {"expr": "admin-prohibited", "type": "icmpx"}')
SOURCE = r"ip6? saddr \S+ "
PLACES = r"(?:ip6? [sd]addr \S+ |meta [io]ifname \S+ )*"
# CHAIN: RULE, each whole. `ZONE` is a planned one, `WORLD` the default one.
FORMS = (
    r"filter_INPUT: ct state established,related accept",
    r"filter_INPUT: ct status dnat accept",
    r"filter_INPUT: meta iifname lo accept",
    r"filter_INPUT: ct state invalid drop",
    rf"filter_INPUT: {REFUSED}",
    r"(filter_INPUT|nat_PREROUTING|mangle_PREROUTING): jump \1_(ZONES|POLICIES)",
    # IPv6_rpfilter: an address that no way leads back to
    r"filter_PREROUTING: icmpv6 type nd-neighbor-solicit,nd-router-advert accept",
    r'filter_PREROUTING: meta nfproto ipv6 \{"fib": .*\} \S+ drop',
    # 1.x
    rf"filter_INPUT_ZONES: {SOURCE}goto filter_IN_<ZONE>",
    r"filter_INPUT_ZONES: (meta iifname \S+ )?goto filter_IN_<WORLD>",
    rf"(nat|mangle)_PREROUTING_ZONES: {PLACES}goto \1_PRE_<ZONE>",
    r"filter_INPUT_POLICIES_(pre|post): jump filter_IN_policy_<POLICY>",
    r"(nat|mangle)_PREROUTING_POLICIES_(pre|post): jump \1_PRE_policy_<POLICY>",
    r"filter_IN_<ZONE>: jump filter_INPUT_POLICIES_(pre|post)",
    r"(nat|mangle)_PRE_<ZONE>: jump \1_PREROUTING_POLICIES_(pre|post)",
    # 2.x
    rf"filter_INPUT_POLICIES: {SOURCE}jump filter_IN_<ZONE>",
    r"filter_INPUT_POLICIES: (meta iifname \S+ )?jump filter_IN_<WORLD>",
    rf"filter_INPUT_POLICIES: {PLACES}jump filter_IN_policy_<POLICY>",
    rf"filter_INPUT_POLICIES: {PLACES}{REFUSED}",
    rf"(nat|mangle)_PREROUTING_POLICIES: {PLACES}jump \1_PRE_(<ZONE>|policy_<POLICY>)",
    rf"(nat|mangle)_PREROUTING_POLICIES: {PLACES}return",
    # both
    r"((filter_IN|nat_PRE|mangle_PRE)_(<ZONE>|policy_<POLICY>)):"
    r" jump \1_(pre|log|deny|allow|post)",
    r"filter_IN_<ZONE>: meta l4proto icmp,ipv6-icmp accept",
    rf"filter_IN_<ZONE>: {REFUSED}",
    r"filter_IN_policy_<POLICY>_allow: icmpv6 type"
    r" nd-(neighbor-advert|neighbor-solicit|router-advert|redirect) accept",
    # what a zone lets in is compared by the kind `zone`
    r"filter_IN_<ZONE>_allow: .*",
)
ENTRY = re.compile(r"filter_INPUT_(?:ZONES|POLICIES): ip6? saddr (\S+) (?:goto|jump) filter_IN_\S+")
# Steps that lead to the rules of a policy or zone, or through them.
STEPS = (
    re.compile(r"\S+_POLICIES\S*: .*\b(?:goto|jump) \S+_(?P<name>policy_\S+)"),
    re.compile(
        r"(?:nat|mangle)_PREROUTING_\S+: .*\b(?:goto|jump) (?:nat|mangle)_PRE_(?P<name>\S+)"
    ),
    re.compile(
        r"(?P<chain>(?:filter_IN|nat_PRE|mangle_PRE)_(?P<name>\S+)): jump"
        r" (?:(?P=chain)_(?:pre|log|deny|allow|post)|\S+_POLICIES_(?:pre|post))"
    ),
)


def beyond(rules: Iterable[tuple[str, str]], zones: Sequence[str]) -> tuple[str, ...]:
    """The rules, each with its chain, that neither firewalld nor one of these zones explains.

    The last zone is the default one.
    """
    filled = {
        "<ZONE>": f"(?:{'|'.join(map(re.escape, zones))})",
        "<WORLD>": re.escape(zones[-1]) if zones else "(?!)",
        "<POLICY>": re.escape(POLICY),
    }
    known = [re.compile(_filled(form, filled)) for form in FORMS]
    lines = (f"{chain}: {rule}" for chain, rule in rules)
    strange = (line for line in lines if not any(form.fullmatch(line) for form in known))
    return tuple(dict.fromkeys(_named(line, zones) for line in strange))


def _filled(form: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        form = form.replace(name, value)
    return form


def _named(line: str, zones: Sequence[str]) -> str:
    """Steps by the name of the policy or zone that nobody planned, all else as it is."""
    names = (step["name"] for form in STEPS if (step := form.fullmatch(line)))
    name = next((name for name in names if name not in zones), None)
    if name is None:
        return line
    return (
        f"policy {name.removeprefix('policy_')}" if name.startswith("policy_") else f"zone {name}"
    )


def sources(rules: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The addresses whose packets do not go everybody's way."""
    entries = (ENTRY.fullmatch(f"{chain}: {rule}") for chain, rule in rules)
    return frozenset(entry[1] for entry in entries if entry)
