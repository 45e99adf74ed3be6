"""The node was last brought up to date from this very bundle, and completely."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """Digests are SHA-256 in hex."""

    site: str
    node: str
    spec_digest: str
    bundle_digest: str
