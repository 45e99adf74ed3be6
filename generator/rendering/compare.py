"""What a change of the spec does to each node: what leaves it, and a unified diff of its files.

What leaves is a matter of the two plans alone. `apply` does it (`node/apply/leave*.sh`); here it is
told before there is a node.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from generator.claims import Inverse, listed
from generator.rendering.handbook.book import FOLDER
from generator.rendering.render import RenderedSite

# They repeat what the other files say, as digests or as one long text.
DERIVED = ("manifest.json", "SHA256SUMS", "user-data")


def repeats(path: str) -> bool:
    """Whether a file of a site's folder says again what others of it say."""
    return path.rpartition("/")[2] in DERIVED or path.startswith(f"{FOLDER}/")


def diff(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[str]:
    """What leaves each node, and a unified diff over all files that say something of their own."""
    refused = refusals(old, new)
    for node, why in refused.items():
        yield f"# {node}: apply refuses the bundle (exit 2), and nothing leaves: {why}"
    for node, things in by_node(old, new).items():
        if node not in refused:
            yield f"# {node}: what leaves the node"
            yield from (f"#   {thing.noun} {thing.name}: {thing.becomes}" for thing in things)
    for plan in sorted(path for path in old if path.endswith(f"/{PLAN}")):
        if plan not in new:
            yield f"# {plan.split('/')[0]}: has left the site; no bundle takes anything from it"
    for node, changed in _changed(old, new).items():
        if node not in refused and (effects := watchers(old, new, node, changed)):
            yield f"# {node}: apply {effects}"
    changed_files = [path for path in sorted({*old, *new}) if old.get(path) != new.get(path)]
    # where nothing else has changed, what repeats it has
    telling = [path for path in changed_files if not repeats(path)]
    for path in telling or [path for path in changed_files if path.startswith(f"{FOLDER}/")]:
        before, after = (side.get(path) for side in (old, new))
        yield from difflib.unified_diff(
            _lines(before),
            _lines(after),
            f"old/{path}" if before is not None else "/dev/null",
            f"new/{path}" if after is not None else "/dev/null",
            lineterm="",
        )


def _changed(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, list[str]]:
    """By node, in both, the files of its bundle that are not the same."""
    changed: dict[str, list[str]] = {}
    for path in sorted({*old, *new}):
        node, _, rest = path.partition("/")
        if old.get(path) != new.get(path) and f"{node}/{PLAN}" in old.keys() & new.keys():
            changed.setdefault(node, []).append(rest)
    return changed


def watchers(
    old: Mapping[str, bytes], new: Mapping[str, bytes], node: str, changed: Iterable[str]
) -> str:
    """Which units of a node hear of changed files of its bundle, and how: in words.

    As `apply` does it: of the units that stay, those that watch the file by either plan.
    """
    before, after = (_rows(side.get(f"{node}/{PLAN}", b"")) for side in (old, new))
    names = {row[1] for row in before if row[0] == "unit"}
    there = {file[file.index("/") :] for file in changed if file.startswith(("rootfs/", "blocks/"))}
    watching = {
        row[1] for row in (*before, *after) if row[0] == "unit" and there & set(row[4].split(","))
    }
    by_verb: dict[str, list[str]] = {}
    for _, unit, _, change, *_ in (row for row in after if row[0] == "unit"):
        if unit in watching & names and change != "-":
            by_verb.setdefault(CHANGES.get(change, "restarts"), []).append(unit)
    return "; ".join(f"{verb} {', '.join(units)}" for verb, units in sorted(by_verb.items()))


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode("utf-8", "replace").splitlines()


PLAN = "plan.tsv"
# The verbs whose things leave, each with its noun; a file is one thing, whatever puts it there.
FILE = "file"
NOUNS = {
    "repository": FILE,
    "file": FILE,
    "secret": FILE,
    "block": "block",
    "head": "block",
    "unit": "unit",
    "user": "account",
    "claim-mount": "mount",
}
INVERSES = {
    FILE: Inverse.REMOVE,
    "block": Inverse.REMOVE,
    "unit": Inverse.STOP,
    "account": Inverse.LOCK,
    "mount": Inverse.UNMOUNT,
}
# What becomes of each, as people are told.
WORDS = {
    Inverse.REMOVE: "removed",
    Inverse.STOP: "stopped and disabled, unless it was there before",
    Inverse.LOCK: "closed, if it was made for a bundle",
    Inverse.UNMOUNT: "unmounted, unless it is in use",
}
# The verbs that take something away by being there: a noun, and what becomes of it.
TAKING = {
    "absent": (FILE, "removed, if it is there"),
    "close": ("account", "closed"),
    "leave": ("account", "taken out of the groups that the image gave it"),
}
# The units that `apply` leaves alone (`node/apply/leave_units.sh`): some hold data, some are the
# machine's own.
WITH_DATA = ("ceph-osd@*", "ceph-mon@*")
OWN = (
    *("ssh.*", "sshd.*", "ssh@*", "sshd@*", "systemd-*", "dbus*"),
    *("cron.service", "crond.service", "logrotate.timer"),
)

# What a unit is told by `apply`; anything else is a script that restarts it in its own way.
CHANGES = {"reload": "reloads", "restart": "restarts"}

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaving:
    """A thing that a node has by its old plan and not by the new one, and what happens to it."""

    noun: str
    name: str
    becomes: str


def leaving(old: bytes, new: bytes) -> tuple[Leaving, ...]:
    """What leaves a node that comes from one plan to another, in the order of their lines."""
    before, after = _rows(old), _rows(new)
    stays = {(NOUNS[row[0]], row[1]) for row in after if row[0] in NOUNS}
    stays |= {(FILE, row[1]) for row in after if row[0] in ("absent", "block")}
    gone = {(NOUNS[row[0]], row[1]): row for row in before if row[0] in NOUNS}
    gone = {thing: row for thing, row in gone.items() if thing not in stays}
    read = {
        path
        for (noun, name), row in gone.items()
        if _holds_data(noun, name)
        for path in row[4].split(",")
    }
    left = (
        Leaving(*thing, _becomes(*thing))
        for thing in gone
        if thing[0] != FILE or thing[1] not in read
    )
    taken = (row for row in after if row[0] in TAKING and row not in before)
    return (*left, *(Leaving(TAKING[row[0]][0], row[1], TAKING[row[0]][1]) for row in taken))


def _rows(plan: bytes) -> list[Row]:
    """The lines of a plan, each with empty fields for those that it may lack."""
    lines = plan.decode("utf-8", "replace").splitlines()
    return [(*line.split("\t"), "", "", "", "", "") for line in lines]


def _holds_data(noun: str, name: str) -> bool:
    return noun == "unit" and any(fnmatchcase(name, form) for form in WITH_DATA)


def _becomes(noun: str, name: str) -> str:
    if _holds_data(noun, name):
        return "goes on running with its files, because it holds data, until it is switched off"
    if noun == "unit" and any(fnmatchcase(name, form) for form in OWN):
        return "runs on, because it is the machine's own"
    return WORDS[INVERSES[noun]]


def by_node(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, tuple[Leaving, ...]]:
    """What leaves the nodes that both sets of files have, for those that something leaves."""
    plans = sorted({path for path in old if path.endswith(f"/{PLAN}")} & set(new))
    gone = {path.split("/")[0]: leaving(old[path], new[path]) for path in plans}
    return {node: things for node, things in gone.items() if things}


def refusals(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, str]:
    """Why `apply` will not take the new bundle on the machine of a node, for those that it is so.

    A node that is called otherwise is on the machine that has one of its addresses.
    """
    plans = {path: _rows(old[path]) for path in sorted(old) if path.endswith(f"/{PLAN}")}
    why: dict[str, str] = {}
    for path in sorted(path for path in new if path.endswith(f"/{PLAN}")):
        rows = _rows(new[path])
        there = plans.get(path) or next(
            (
                one
                for was, one in plans.items()
                if was not in new and _addresses(one) & _addresses(rows)
            ),
            None,
        )
        if there and (reason := _refused(there, rows)):
            why[path.split("/")[0]] = reason
    return why


def _addresses(rows: Iterable[Row]) -> set[str]:
    return {row[1] for row in rows if row[0] == "address"}


def _refused(there: Iterable[Row], rows: Iterable[Row]) -> str:
    """What `apply` compares (`node/apply/identity.sh`)."""
    was, now = ({row[0]: row[1] for row in side} for side in (there, rows))
    machine, node = (f"{side.get('site')}/{side.get('node')}" for side in (was, now))
    if machine != node:
        return f"the machine is {machine}, and the bundle is that of {node}"
    identity = was.get("identity")
    if identity and identity != now.get("identity"):
        return f"another identity than what is there was made with, which is {identity}"
    lasted = {row[1]: row[2] for row in there if row[0] == "lasting"}
    for row in rows:
        if row[0] == "lasting" and row[2] != lasted.get(row[1], row[2]):
            return f"{row[1]} has the {row[3]} {lasted[row[1]]}, not {row[2]}"
    disks: dict[str, list[str]] = {}
    for row in there:
        if row[0] == "disk":
            disks.setdefault(row[4], []).append(row[3])
    for row in rows:
        if row[0] == "disk" and row[3] not in disks.get(row[4], [row[3]]):
            return f"{row[4]} is the file system UUID={disks[row[4]][0]}, not UUID={row[3]}"
    return ""


def from_built(folder: Path, rendered: RenderedSite) -> dict[str, tuple[Leaving, ...]]:
    """What leaves the nodes that come from the bundles in a folder to what was rendered.

    Where `apply` refuses what was rendered, that is all.
    """
    old = {f"{path.parent.name}/{PLAN}": path.read_bytes() for path in folder.glob(f"*/{PLAN}")}
    if not old:
        return {}
    new = {
        f"{node}/{PLAN}": file.content
        for node, files in rendered.files.items()
        for file in files
        if file.path == PLAN
    }
    return by_node(old, new) | {
        node: (Leaving("bundle", node, f"refused by apply, nothing leaves: {why}"),)
        for node, why in refusals(old, new).items()
    }


def rows(left: Mapping[str, tuple[Leaving, ...]]) -> list[tuple[str, ...]]:
    """On, what, name, becomes: as `stook plan` shows it, equal rows of several nodes as one."""
    merged: dict[tuple[str, ...], list[str]] = {}
    for node, things in left.items():
        for thing in things:
            merged.setdefault((thing.noun, thing.name, thing.becomes), []).append(node)
    return [(listed(nodes), *row) for row, nodes in merged.items()]
