"""Where a log of one's own may be, and that something is there which may write it."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import Claims, File, Log, Mount
from generator.components.fail2ban.jails import Bans, units
from generator.language.findings import Finding, Path, Rule, Severity
from generator.planning.site import Site

PLACE = Rule(
    "F111",
    "a log that cannot be watched",
    "fail2ban takes a path with a blank apart, and one log that it cannot open keeps its whole "
    "server from starting: then no jail bans anybody. A directory, a device or one of the "
    "system's own files never has lines of requests.",
    "name the file that the daemon writes, such as /var/log/shop/access.log",
    source="fail2ban 1.0.2, client/jailreader.py, extractOptions and _glob",
)
UNWRITTEN = Rule(
    "F112",
    "a log that nothing of the spec writes",
    "The jail watches a file that is made empty and stays so: it bans nobody and looks as if it "
    "did.",
    "add what writes it to `services`, with its unit, on every node that has the jail",
    Severity.WARNING,
)
# Records of logins, and what was rotated and packed.
_NO_TEXT = ("/btmp", "/lastlog", "/wtmp", ".bz2", ".gz", ".xz", ".zst")


def misplaced(site: Site, log: str) -> str:
    """Why the path alone says that it is no log; empty where it may be one."""
    if " " in log:
        return "has a blank, where fail2ban begins another path"
    if site.is_system_place(log):
        return "is the system's"
    return "is no text" if log.endswith(_NO_TEXT) else ""


def unclaimed(part: Bans, claims: Claims, log: str, path: Path) -> Iterator[Finding]:
    """Whether a path is a directory of others, and whether anything is there that may write it."""
    every = ((node.name, *_above(claims, node.name, log)) for node in part.nodes)
    node, *above = next((one for one in every if one[1:]), ("",))
    if above:
        yield PLACE.at(path, f"`{log}` is a directory of `{node}`: `{above[0]}` is in it")
    for one in part.nodes:
        roles = frozenset().union(*units(claims, one.name).values())
        if not any(role.startswith("services/") for role in roles):
            yield UNWRITTEN.at(path, f"no service of `{one.name}` could write `{log}`")
            return


def _above(claims: Claims, node: str, log: str) -> Iterator[str]:
    """What a path is a directory for."""
    places = [
        *(one.path for one in claims.of(Log, node)),
        *(one.path for one in claims.of(File, node)),
        *(f"{one.path}/" for one in claims.of(Mount, node)),
    ]
    return (place for place in places if place.startswith(f"{log}/"))
