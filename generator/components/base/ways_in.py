"""Who gets in to a node, as it is held to: accounts, sshd and sudo, each as a whole."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from generator.claims import Claims, ImageUser, Package, Port, SudoRule, Unit, User
from generator.components.base.people import KEYS
from generator.planning.expect import expectation
from generator.planning.site import Node, Site
from verify.contract import Expectation, Phase
from verify.kinds import accounts, ssh_offer, sshd, sudo_rights, sudoers

SPEC, COMPONENT = ("admins",), "base"
# systemd's own, which read its journal.
JOURNAL = "systemd-journal"
GUESTS_KEYS = ".ssh/authorized_keys"


def expect(site: Site, node: Node, claims: Claims) -> Iterator[Expectation]:
    """The running sshd is asked, so that nothing is said of people where there is none."""
    people = claims.of(User, node.name)
    unit = node.platform.units["ssh"]
    needs = (Unit.need(node.name, unit),)
    guests = tuple(guest for guest in claims.of(ImageUser, node.name) if guest.stays)
    keys = {guest.name: GUESTS_KEYS for guest in guests}
    settings = sshd.Want(f"{KEYS}/%u", node.address, tuple(_sources(site, node)), keys, unit)
    offer = ssh_offer.Want(node.address, ("root", *(person.name for person in people[:1])))
    wants = ((_accounts(node, people, guests), "all", needs), (settings, "settings", needs))
    for want, subject, of in (*wants, (offer, "22-tcp", (Port.need(node.name, "22-tcp"),))):
        yield expectation(node.name, want, subject, SPEC, COMPONENT, phase=Phase.BOOTED, needs=of)
    rules = _sudoers(node, people, guests, claims)
    rights = sudo_rights.Want((*rules.rules, *rules.allowed))
    for granted in (rules, rights):
        yield expectation(node.name, granted, "all", SPEC, COMPONENT, phase=Phase.BAKED)


def _accounts(node: Node, people: Iterable[User], guests: tuple[ImageUser, ...]) -> accounts.Want:
    """Keys without their comments, and the members that watched groups may have."""
    members: dict[str, tuple[str, ...]] = {}
    grouped = [(one.name, one.groups) for one in people] + [(g.name, g.groups) for g in guests]
    for name, groups in grouped:
        for group in groups:
            members[group] = (*members.get(group, ()), name)
    keys = {one.name: tuple(map(_uncommented, one.keys)) for one in people}
    readers = (node.platform.groups["logs"], JOURNAL)
    return accounts.Want(keys, members, readers, tuple(guest.name for guest in guests))


def _uncommented(line: str) -> str:
    """Options, which hold no blank, type and key."""
    return " ".join(line.split()[: 3 if line.startswith("from=") else 2])


def _sources(site: Site, node: Node) -> Iterator[str]:
    """An address of each network that an admin comes from, and one of another node."""
    blocks = (block for admin in site.spec.admins.values() for block in admin.from_ or ())
    other = next((other.address for other in site.nodes.values() if other is not node), None)
    addresses = (str(ipaddress.ip_network(block).network_address) for block in blocks)
    yield from dict.fromkeys((*addresses, *([other] if other else ())))


def _sudoers(
    node: Node, people: Iterable[User], guests: Iterable[ImageUser], claims: Claims
) -> sudoers.Want:
    """All that grants something: the platform's own file, the spec's people, and packages."""
    others = claims.of(SudoRule, node.name)
    brought = ((one.account, one.rule) for one in others)
    granted = ((person.name, rule) for person in people for rule in person.rules)
    ours = tuple(f"{who} ALL={rule}" for who, rule in (*granted, *brought))
    installed = {package.name for package in claims.of(Package, node.name)}
    needed = set(node.platform.packages["sudo"]) <= installed
    # a minimal image may lack the platform's own rules, which shuts nobody in
    allowed = (f"{guest.name} ALL={guest.rule}" for guest in guests)
    settings = (*node.platform.sudo_settings, *(s for one in others for s in one.settings))
    return sudoers.Want(ours, needed, (*node.platform.sudo_rules, *allowed), settings)
