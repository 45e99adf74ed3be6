"""What was rendered, read back by other readers before anything is written.

A finding here is a bug of Stook's and never the user's mistake; it stops the build all the same,
because a bundle that its own format's reader refuses must not leave the house.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import yaml

from generator import formats
from generator.claims import Block, File
from generator.formats.text import decoded
from generator.language.findings import Finding, Path, Rule, Severity
from generator.planning.plan import SitePlan
from generator.rendering.render import RenderedSite
from generator.rendering.userdata import BUNDLE, LIMITS, entry

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # a PyYAML built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

BROKEN = Rule(
    "B110",
    "a rendered file that its reader refuses",
    "This is a bug of Stook's: a value got past its format's quoting.",
    "please report it with the spec; nothing was written",
)
TOO_LARGE = Rule(
    "H09",
    "user-data that the provider does not take",
    "What is over the limit is refused or cut off, and the machine boots without its bundle. "
    "The bundle itself is sound: it can be copied to the machine and applied there.",
    "give `fetch`, so that nodes fetch their bundle, or copy the node's folder to it",
    Severity.WARNING,
    source="EC2 user data: 16 KB before encoding; OpenStack nova: 65535 bytes of base64",
)
RULES = (BROKEN, TOO_LARGE)


# What is no claim's: files of the bundle itself, by the end of their names.
OF_THE_BUNDLE = {
    "plan.tsv": "tsv",
    "SHA256SUMS": "sums",
    "user-data": "cloud_config",
    "meta-data": "yaml_documents",
    ".json": "json",
    ".yaml": "yaml_documents",
    "README.md": "text",
}


def recheck(
    plan: SitePlan, rendered: RenderedSite, *, deferred: bool | None = None
) -> Iterator[Finding]:
    """Read every file back, and hold user-data against the provider's limit.

    `deferred` takes only the files that a build alone needs, or only the others.
    """
    for node, files in rendered.files.items():
        homes = _homes(plan, node)
        own: Path = plan.site.nodes[node].path if node else ("site",)
        for file in files:
            if deferred is not None and file.deferred != deferred:
                continue
            path, form = homes.get(file.path, (own, _own(file.path)))
            # the parts of user-data are the entries that are read back with their own files
            problem = read_back(form, file.parts[0])
            if not problem and file.path in homes:
                problem = entered(file.path, file.parts[0], file.mode)
            if problem:
                yield BROKEN.at(path, f"{node}/{file.path}: {problem}", key=path == own)
    if not deferred:
        yield from _sizes(plan, rendered)


def _homes(plan: SitePlan, node: str) -> dict[str, tuple[Path, str]]:
    """Where in the spec each file on a node comes from, and the format that it is of."""
    files = {f"rootfs{f.path}": (f.spec, f.format) for f in plan.claims.of(File, node)}
    blocks = {f"blocks{b.path}": (b.spec, b.format) for b in plan.claims.of(Block, node)}
    return files | blocks


def _own(path: str) -> str:
    return next((form for end, form in OF_THE_BUNDLE.items() if path.endswith(end)), "")


def _sizes(plan: SitePlan, rendered: RenderedSite) -> Iterator[Finding]:
    provider = plan.site.provider
    for name, size in rendered.sizes.items():
        if not size.fits(provider, compressed=True):
            # no compressed size: compressors differ, and what is said is in the handbook
            raw, limit = size.counted(provider, compressed=False), LIMITS[provider][0]
            message = f"`{name}` has {raw} bytes, and too many compressed: {provider} takes {limit}"
            yield TOO_LARGE.at(plan.site.nodes[name].path, message, key=True)


@lru_cache(maxsize=1024)
def read_back(form: str, content: bytes) -> str:
    """What a format's own reader says against a file, or nothing; "" is for files of no format."""
    try:
        if form:
            decoded(content)
            formats.load(form).read(content)
    except ValueError as error:
        return str(error) or type(error).__name__
    return ""


@lru_cache(maxsize=1024)
def entered(path: str, content: bytes, mode: int) -> str:
    """What cloud-init would read otherwise of a file's entry in user-data, or nothing."""
    (parsed,) = yaml.load(entry(f"{BUNDLE}/{path}", content, mode), Loader=Loader)
    if parsed["content"].encode() != content or parsed["permissions"] != f"{mode:04o}":
        return "cloud-init would read something else than was meant"
    return ""
