"""What a node's admin is told of its bundle: in its README, and on its page of the handbook."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from shlex import quote
from typing import Any

from generator.claims import Block, Disk, File, ImageUser, Mount, Port, Secret, Unit, User
from generator.language.findings import dotted
from generator.planning.plan import SitePlan
from generator.planning.site import Node
from generator.rendering.handbook.tables import Row
from generator.rendering.userdata import Size

PLACE = "/var/lib/stook/secrets"
# What becomes of an account of the image.
BECOMES = {
    "guest": "came with the image, and keeps what the image gave it",
    "closed": "came with the image, and is closed when all else is done",
    "admin": "came with the image, and has what the spec says instead of what the image gave it",
}


def facts(plan: SitePlan, node: Node, size: Size) -> dict[str, Any]:
    """The ready values of both templates."""
    site, name = plan.site, node.name
    return {
        "site": site.name,
        "node": name,
        "address": node.address,
        "platform": node.platform.platform,
        "provider": site.provider,
        "compressed": not size.fits(site.provider, compressed=False),
        "fits": size.fits(site.provider, compressed=True),
        "fetch": site.spec.fetch,
        "disks": tuple((d.device, d.mount) for d in plan.claims.of(Disk, name)),
        "mounts": tuple((m.path, m.source, m.fstype) for m in plan.claims.of(Mount, name)),
        "units": [u.name for u in plan.claims.of(Unit, name)],
        "ports": tuple(claim.cells(site) for claim in plan.claims.of(Port, name)),
        "people": tuple(_people(plan, name)),
        "replaced": list(_replaced(plan, name)),
        "remarks": plan.remarks.get(name, ()),
        "secrets": tuple((s.name, s.purpose) for s in plan.claims.of(Secret, name)),
        "command": " ".join(map(quote, site.spec.secrets.command)),
        "bring": bring(f"handed-out/{name}", name),
        "says": [m for m in plan.status_messages if name in m.nodes],
        "predictions": [p for p in plan.predictions if name in (*p.nodes, *p.among)],
    }


def _people(plan: SitePlan, node: str) -> Iterator[tuple[str, str]]:
    """Accounts, each with what it may do."""
    for user in plan.claims.of(User, node):
        ways = "logs in by ssh" if user.keys else "does not log in"
        rights = f"sudo: {'; '.join(user.rules)}" if user.rules else "no sudo"
        groups = f", in {' '.join(user.groups)}" if user.groups else ""
        yield user.name, f"{ways}; {rights}{groups}"
    for account in plan.claims.of(ImageUser, node):
        yield account.name, BECOMES[account.becomes]


def _replaced(plan: SitePlan, node: str) -> Iterator[str]:
    """Whole files that a daemon's package, or somebody, may have put there before."""
    for claim in plan.claims.of(File, node):
        if "stook" not in claim.path:
            yield claim.path


def bring(folder: str, node: str) -> str:
    """The command that copies a folder's secrets to where a node looks for them."""
    unpack = f"mkdir -p -m 700 {PLACE} && tar -C {PLACE} --no-same-owner -xf -"
    return f'tar -C {folder} -cf - . | ssh {node} "sudo sh -c {quote(unpack)}"'


def files(plan: SitePlan, node: str) -> tuple[Row, ...]:
    """Path, what it is, for what part of the site, spec key: all that is put on a node."""
    rows = [
        (claim.path, f"{claim.mode} {claim.owner}:{claim.group}", _roles(plan, claim), *_key(claim))
        for claim in plan.claims.of(File, node)
    ]
    rows += [
        (claim.path, "lines of ours, in a block", _roles(plan, claim), *_key(claim))
        for claim in plan.claims.of(Block, node)
    ]
    return tuple(rows)


def _roles(plan: SitePlan, claim: File | Block) -> str:
    return ", ".join(sorted(plan.claims.roles(claim)))


def _key(claim: File | Block) -> tuple[str]:
    return (_dotted(claim.spec),)


@lru_cache(maxsize=4096)
def _dotted(path: tuple[str | int, ...]) -> str:
    return dotted(path)
