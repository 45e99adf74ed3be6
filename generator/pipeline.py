"""The whole story of a spec, stage by stage. Read this first.

    text ─read─▶ Source ─decode─▶ SiteSpec ─resolve─▶ Site and one part per component
    parts ─check─▶ findings
    parts ─plan─▶ SitePlan ─render─▶ files ─recheck─▶ findings ─write─▶ a site folder

Every stage reports all it can find; after a stage with errors the story ends. Only the first and
the last stage touch the disk.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator import accept, bundle
from generator.component import Resolved
from generator.components import TABLE, Entry
from generator.decode import decode, digest
from generator.diagnostics import Finding, attach, errors
from generator.plan import SitePlan, plan
from generator.recheck import recheck
from generator.render import RenderedSite, render
from generator.resolve import parts, resolve
from generator.rules import known
from generator.site import Site
from generator.source import Source, read
from generator.spec import AcceptSpec


@dataclass(slots=True)
class Run:
    """How far one spec has come, and every finding on the way."""

    source: Source
    today: datetime.date | None = None
    waivers: Sequence[AcceptSpec] = ()
    findings: tuple[Finding, ...] = ()
    site: Site | None = None
    parts: tuple[Resolved, ...] = field(default=(), repr=False)
    plan: SitePlan | None = None
    rendered: RenderedSite | None = None

    @property
    def failed(self) -> bool:
        """Whether a finding stops this spec."""
        return errors(self.findings)

    def take(self, found: Iterable[Finding]) -> bool:
        """Add a stage's findings, with places and waivers; true when the story goes on."""
        marked = accept.mark(found, self.waivers, self.today)
        self.findings = attach((*self.findings, *marked), self.source)
        return not self.failed


def run(path: Path, today: datetime.date | None = None, table: tuple[Entry, ...] = TABLE) -> Run:
    """From a spec file to rendered files in memory. `today` judges waivers; None ignores days."""
    source = read(spec_file(path))
    this = Run(source, today)
    if not this.take(source.findings):
        return this
    spec, found = decode(source, table)
    if not this.take(found) or spec is None:
        return this
    this.waivers = spec.accept
    site, found = resolve(spec, digest(source))
    waived = accept.check(spec.accept, lambda rule: known(rule, table), today)
    if not this.take((*found, *waived)):
        return this
    this.parts, found = parts(site, table)
    if not this.take(found):
        return this
    if not this.take(finding for part in this.parts for finding in part.check()):
        return this
    this.site = site
    this.plan, found = plan(site, this.parts)
    if not this.take(found):
        return this
    this.rendered = render(this.plan)
    this.take(recheck(this.plan, this.rendered))
    this.take(accept.unused(spec.accept, this.findings, today))
    return this


def prove(this: Run) -> None:
    """Ask what other programs of this machine say about the plan."""
    if this.plan and not this.failed:
        claims = this.plan.claims
        this.take(found for part in this.parts for found in part.prove(claims))


def build(this: Run, folder: Path) -> None:
    """Write what was rendered, unless something stops it."""
    if this.rendered and not this.failed:
        this.take(bundle.write(folder, this.rendered))


def compare(this: Run, folder: Path) -> None:
    """Hold a folder against what was rendered, and write nothing."""
    if this.rendered and not this.failed:
        this.take(bundle.differences(folder, this.rendered))


def spec_file(path: Path) -> Path:
    """The spec that a path means: the file itself, or `site.yaml` in a folder."""
    return path / "site.yaml" if path.is_dir() else path
