"""Each type of claim, and the check that fails when a node does not have what it claims.

The table is complete by test: a claim without a check cannot be added. Types that need several
claims at once to say what is wanted (time, fstab order) are checked by their component.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from generator.claims import (
    Block,
    Claim,
    Claims,
    Disk,
    File,
    Log,
    Mount,
    MountOrder,
    Package,
    Port,
    Secret,
    TimeSource,
    Unit,
    User,
)
from generator.component import expectation, shared_list
from generator.site import Site
from verify.contract import Expectation, Level, Phase
from verify.kinds import (
    block,
    file,
    fstab,
    listener,
    mount,
    package,
    secret,
    service,
    sudo,
    user,
)

# What waits for other nodes is given this many seconds before it is believed absent.
CLUSTERING = 90
# A daemon may be active some seconds before it listens: Varnish first compiles what it is told.
STARTING = 30

# Checked together with others of their kind: by mount and fstab, by the jails that read it, by
# fstab, and by time.
ELSEWHERE: frozenset[type[Claim]] = frozenset({Disk, Log, MountOrder, TimeSource})


def _component(claim: Claim) -> str:
    return claim.role.partition("/")[0]


def _package(claim: Package) -> Iterator[Expectation]:
    want = package.Want(claim.name)
    yield expectation(
        claim.node, want, claim.name, claim.spec, _component(claim), phase=Phase.BAKED
    )


def _user(claim: User) -> Iterator[Expectation]:
    who, phase = (claim.spec, _component(claim)), Phase.BAKED
    account = user.Want(claim.name, claim.groups, claim.shell, claim.keys)
    yield expectation(claim.node, account, claim.name, *who, phase=phase)
    rights = sudo.Want(claim.name, claim.rules)
    needs = (f"{claim.node}/user/{claim.name}",)
    yield expectation(claim.node, rights, claim.name, *who, phase=phase, needs=needs)


def _mount(claim: Mount) -> Iterator[Expectation]:
    subject = claim.path.lstrip("/")
    want = mount.Want(
        claim.path,
        claim.shown_fstype or claim.fstype,
        claim.shown_source,
        claim.uuid,
    )
    yield expectation(
        claim.node,
        want,
        subject,
        claim.spec,
        _component(claim),
        phase=Phase.STEADY if claim.late else Phase.BOOTED,
        needs=claim.needs,
        within=CLUSTERING if claim.late else 0,
    )


def _block(claim: Block, site: Site) -> Iterator[Expectation]:
    lines: Any = shared_list(f"{claim.shared}-block") if claim.shared else claim.lines
    yield expectation(
        claim.node,
        block.Want(claim.path, site.name, lines),
        claim.path.lstrip("/"),
        claim.spec,
        _component(claim),
        level=Level.FILE,
        phase=Phase.BAKED,
    )


def _unit(claim: Unit) -> Iterator[Expectation]:
    yield expectation(
        claim.node,
        service.Want(claim.name, claim.active),
        claim.name,
        claim.spec,
        _component(claim),
        phase=Phase.BOOTED,
        needs=(f"{claim.node}/package/{name}" for name in claim.packages),
        within=claim.within,
    )


def _port(claim: Port) -> Iterator[Expectation]:
    if not claim.count:
        return
    want = listener.Want(
        claim.protocol, claim.first, claim.last, claim.addresses, claim.process, claim.count
    )
    yield expectation(
        claim.node,
        want,
        port_name(claim),
        claim.spec,
        _component(claim),
        phase=Phase(claim.phase),
        needs=(f"{claim.node}/service/{claim.unit}",) if claim.unit else (),
        within=patience(claim),
    )


def patience(claim: Port) -> int:
    """Seconds that a port is given to answer before it is believed shut."""
    return CLUSTERING if claim.phase == Phase.CLUSTERED else STARTING


def port_name(claim: Port) -> str:
    """A port as it is named in ids: `24007-tcp`, `49152-49183-tcp`."""
    span = str(claim.first) if claim.first == claim.last else f"{claim.first}-{claim.last}"
    return f"{span}-{claim.protocol}"


def _secret(claim: Secret) -> Iterator[Expectation]:
    want = secret.Want(
        claim.name,
        claim.path,
        claim.mode,
        claim.owner,
        claim.group,
        claim.purpose,
        claim.form,
    )
    yield expectation(
        claim.node, want, claim.name, claim.spec, _component(claim), phase=Phase.BOOTED
    )


TABLE: dict[type[Claim], Callable[[Any], Iterator[Expectation]]] = {
    Package: _package,
    User: _user,
    Mount: _mount,
    Unit: _unit,
    Port: _port,
    Secret: _secret,
}


def expectations(site: Site, claims: Claims, node: str) -> Iterator[Expectation]:
    """What one node is checked for because of its claims, files apart."""
    for form, make in TABLE.items():
        for claim in claims.of(form, node):
            yield from _holding(claim, make(claim))
    for claim in claims.of(Block, node):
        yield from _holding(claim, _block(claim, site))
    orders = claims.of(MountOrder, node)
    for claim in claims.of(Mount, node):
        yield from _holding(claim, (_fstab(claim, orders),))


def _holding(claim: Claim, made: Iterable[Expectation]) -> Iterator[Expectation]:
    """The checks of a claim, which say that they hold it."""
    return (replace(one, holds=(held(claim),)) for one in made)


def held(claim: Claim) -> str:
    """A claim as checks name it: its noun, and what two such claims must agree about."""
    subject = claim.subject()
    words = subject if isinstance(subject, tuple) else (subject,)
    return " ".join((claim.noun, *map(str, words)))


def _fstab(claim: Mount, orders: tuple[MountOrder, ...]) -> Expectation:
    before = tuple(f"x-systemd.before={o.before}" for o in orders if o.path == claim.path)
    want = fstab.Want(claim.source, claim.path, claim.fstype, (*claim.options, *before))
    subject, who = claim.path.lstrip("/"), (claim.spec, _component(claim))
    return expectation(claim.node, want, subject, *who, phase=Phase.BAKED)


def file_expectation(claim: File, sha256: str) -> Expectation:
    """The check of one whole file, once its bytes are known."""
    made = expectation(
        claim.node,
        file.Want(claim.path, sha256, claim.mode, claim.owner, claim.group),
        claim.path.lstrip("/"),
        claim.spec,
        _component(claim),
        level=Level.FILE,
        phase=Phase.BAKED,
    )
    return replace(made, holds=(held(claim),))
