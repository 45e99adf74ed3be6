"""The whole story of a spec, stage by stage. Read this first.

    text ─read─▶ Source ─decode─▶ SiteSpec ─resolve─▶ Site and one part per component
    parts ─check─▶ findings
    parts ─plan─▶ SitePlan ─render─▶ files ─recheck─▶ findings ─write─▶ a site folder

Every stage reports all it can find; after a stage with errors the story ends. Only the first and
the last stage touch the disk, but for a look at what was built there before.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from generator import claims
from generator.components import TABLE, Entry
from generator.language import decode, source, waivers
from generator.language.findings import Finding, Rule, attach, errors, summed
from generator.language.findings import table as by_id
from generator.language.spec import AcceptSpec
from generator.language.tree import Source
from generator.planning import disks, plan, resolve
from generator.planning import rules as sites
from generator.planning.component import Resolved
from generator.planning.plan import SitePlan
from generator.planning.site import Site
from generator.rendering import bundle, recheck
from generator.rendering.handbook import book
from generator.rendering.render import SITE_FILE, RenderedSite, render

STAGES = (source, decode, sites, claims, plan, waivers, recheck, bundle)


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

    def take(self, reported: Iterable[Finding]) -> bool:
        """Add a stage's findings, with places and waivers; true when the story goes on."""
        marked = waivers.mark(reported, self.waivers, self.today)
        self.findings = attach((*self.findings, *summed(marked)), self.source)
        return not self.failed


def run(path: Path, today: datetime.date | None = None, table: tuple[Entry, ...] = TABLE) -> Run:
    """From a spec file to rendered files in memory. `today` judges waivers; None ignores days."""
    read = source.read(spec_file(path))
    this = Run(read, today)
    if not this.take(read.findings):
        return this
    spec, reported = decode.decode(read, table)
    if not this.take(reported) or spec is None:
        return this
    this.waivers = spec.accept
    site, reported = resolve.resolve(spec, decode.digest(read), table)
    waived = waivers.check(spec.accept, lambda rule: known(rule, table), today)
    if not this.take((*reported, *waived)):
        return this
    this.parts, reported = resolve.parts(site, table)
    if not this.take(reported):
        return this
    if not this.take(finding for part in this.parts for finding in part.check()):
        return this
    this.site = site
    this.take(disks.renamed(site, _built(Path(read.name).parent)))
    this.plan, reported = plan.plan(site, this.parts)
    if not this.take(reported):
        return this
    this.rendered = render(this.plan)
    this.take(recheck.recheck(this.plan, this.rendered, deferred=False))
    this.take(waivers.unused(spec.accept, this.findings, today))
    rule = partial(_rule, table=table)
    # the handbook is of the spec alone, whatever has been built in its folder before
    lasting = tuple(one for one in this.findings if one.rule != sites.RENAMED.id)
    this.rendered = book.bound(this.rendered, this.plan, lasting, rule)
    return this


def _rule(id: str, table: Iterable[Entry]) -> Rule:
    return rules([entry for entry in table if id[:1] in entry.letters])[id]


def _built(folder: Path) -> Mapping[str, Iterable[str]]:
    """The addresses of each node of the site that was built there last; nothing without one."""
    try:
        nodes = json.loads((folder / SITE_FILE).read_text("utf-8"))["nodes"]
        return {name: tuple(node["addresses"].values()) for name, node in nodes.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def validate(this: Run) -> None:
    """Ask the daemons' own programs, where this machine has them, what they think of the plan."""
    if this.plan and not this.failed:
        claims = this.plan.claims
        this.take(reported for part in this.parts for reported in part.validate(claims))


def build(this: Run, folder: Path) -> None:
    """Write what was rendered, unless something stops it."""
    if this.plan and this.rendered and not this.failed:
        rest = recheck.recheck(this.plan, this.rendered, deferred=True)
        if this.take(rest):
            this.take(bundle.write(folder, this.rendered))


def rules(table: Iterable[Entry] = TABLE) -> Mapping[str, Rule]:
    """Every rule there is, sorted by id: what `stook explain` and the reference pages show."""
    every = [rule for stage in STAGES for rule in stage.RULES]
    every += [rule for entry in table for rule in entry.load().rules]
    return by_id(sorted(every, key=lambda rule: rule.id))


def known(rule: str, table: Iterable[Entry] = TABLE) -> bool:
    """Whether there is a rule of that id; only components whose ids begin so are asked."""
    return rule in rules([entry for entry in table if rule[:1] in entry.letters])


def spec_file(path: Path) -> Path:
    """The spec that a path means: the file itself, `site.yaml` in a folder, or standard input."""
    return path / "site.yaml" if path.is_dir() else path
