"""A built site folder as verification reads it: `site.json` and every node's `manifest.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from verify.contract import Manifest, Site
from verify.plain import ContractError
from verify.serialization import load_manifest, load_site


@dataclass(frozen=True, slots=True)
class Bundle:
    """One site with all its nodes, by name and in order."""

    site: Site
    manifests: Mapping[str, Manifest]
    folder: Path = Path()


def load(folder: Path) -> Bundle:
    """Read a site folder. Raises `ContractError` when a part is missing or of another build."""
    site = load_site(folder / "site.json")
    manifests = {
        name: load_manifest(folder / name / "manifest.json") for name in sorted(site.nodes)
    }
    for name, manifest in manifests.items():
        if (manifest.node, manifest.spec_digest) != (name, site.spec_digest):
            raise ContractError(
                f"{folder / name}: built from another spec than {folder / 'site.json'}; "
                "build the site again"
            )
    return Bundle(site, manifests, folder.resolve())
