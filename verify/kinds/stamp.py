"""The node was last brought up to date from this very bundle, and completely."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Label
from verify.readers.answers import file_text
from verify.readers.compare import same
from verify.readers.shell import STAMP


@dataclass(frozen=True, slots=True)
class Want:
    """Digests are SHA-256 in hex."""

    site: Label
    node: Label
    spec_digest: str
    bundle_digest: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The stamp's own words; all empty when apply has never ended well."""

    exists: bool
    site: str = ""
    node: str = ""
    spec: str = ""
    bundle: str = ""


def commands(want: Want) -> Mapping[str, Command]:
    """The stamp that apply leaves as its last act."""
    return {"stamp": Command(STAMP)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` for a stamp that is not the JSON that apply writes."""
    stamp = read(outputs["stamp"])
    if stamp is None:
        return Seen(exists=False)
    return Seen(True, *(str(stamp.get(key, "")) for key in ("site", "node", "spec", "bundle")))


def read(output: Output) -> dict[str, object] | None:
    """The stamp, or None where there is none."""
    printed = file_text(output, "the stamp")
    if printed is None:
        return None
    try:
        stamp = json.loads(printed)
    except (ValueError, RecursionError):
        stamp = None
    if not isinstance(stamp, dict):
        raise Unreadable(f"the stamp is not what apply writes: {printed[:80]!r}")
    return stamp


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Without a stamp apply has not ended well since the node was made, or never ran."""
    return same("stamp", "there", "there" if seen.exists else "absent") or (
        *same("site", want.site, seen.site),
        *same("node", want.node, seen.node),
        *same("spec digest", want.spec_digest, seen.spec),
        *same("bundle digest", want.bundle_digest, seen.bundle),
    )
