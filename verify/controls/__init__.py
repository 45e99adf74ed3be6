"""Catalogues of controls: which checks tell whether each is met, in a file that a person writes.

Not in the spec: what a catalogue asks for is the auditor's, and may change without a node's bundle.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import translate
from functools import cached_property

from verify.bundles import Bundle
from verify.contract import Control, Report, Status, Verdict
from verify.report import counted


@dataclass(frozen=True, slots=True)
class Link:
    """Checks of a control: a glob of ids, or of kinds where it has no `/`; FILE:LINE:COLUMN."""

    control: str
    glob: str
    where: str


@dataclass(frozen=True)
class Catalogue:
    """Controls in the order of their files, and what tells whether they are met."""

    controls: tuple[Control, ...] = ()
    links: tuple[Link, ...] = ()

    @cached_property
    def _patterns(self) -> tuple[tuple[Link, re.Pattern[str]], ...]:
        return tuple((link, re.compile(translate(link.glob))) for link in self.links)

    @cached_property
    def _of_kinds(self) -> dict[str, tuple[Link, ...]]:
        return {}

    def links_of(self, key: str) -> Iterator[Link]:
        """What names a check. A kind is looked up once, however many checks are of it."""
        kind = key.split("/", 2)[1]
        if kind not in self._of_kinds:
            self._of_kinds[kind] = tuple(self._matching(kind, ids=False))
        yield from self._of_kinds[kind]
        yield from self._matching(key, ids=True)

    def _matching(self, text: str, ids: bool) -> Iterator[Link]:
        for link, pattern in self._patterns:
            if ("/" in link.glob) is ids and pattern.match(text):
                yield link

    def of(self, key: str) -> tuple[str, ...]:
        """The ids of the controls that a check is for, in the order of the catalogue."""
        named = {link.control for link in self.links_of(key)}
        return tuple(one.id for one in self.controls if one.id in named)


def idle(catalogue: Catalogue, bundles: Iterable[Bundle]) -> tuple[str, ...]:
    """Globs of ids that match no check of any site: what was meant is gone, or never was there."""
    used = {link for bundle in bundles for key in _ids(bundle) for link in catalogue.links_of(key)}
    return tuple(
        f"{link.where}: `{link.glob}` of {link.control} matches no check"
        for link in catalogue.links
        if "/" in link.glob and link not in used
    )


def assigned(report: Report, bundle: Bundle, catalogue: Catalogue) -> Report:
    """The report with its controls, and each verdict with those that it is for."""
    every = {key: (*named, *catalogue.of(key)) for key, named in _ids(bundle).items()}
    if not catalogue.controls and not any(every.values()):
        return report
    counts = Counter(name for names in every.values() for name in dict.fromkeys(names))
    known = {control.id: control for control in catalogue.controls}
    strangers = (Control(name) for name in sorted(counts) if name not in known)
    return replace(
        report,
        verdicts=tuple(
            replace(one, controls=tuple(dict.fromkeys(every.get(one.id, one.controls))))
            for one in report.verdicts
        ),
        controls=tuple(
            replace(control, checks=counts[control.id])
            for control in (*catalogue.controls, *strangers)
        ),
    )


def _ids(bundle: Bundle) -> dict[str, tuple[str, ...]]:
    """Every check of a site, with the controls that its bundle names."""
    manifests = bundle.manifests.values()
    return {one.id: one.controls for manifest in manifests for one in manifest.expectations}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a control came to: the worst of its checks, and unknown where none has passed.

    Of one without any check in the site nothing here can tell: it is *elsewhere*.
    """

    control: Control
    status: Status
    verdicts: tuple[Verdict, ...]

    @property
    def unasked(self) -> int:
        """How many of its checks this run was not to ask."""
        return max(0, self.control.checks - len(self.verdicts))


def outcomes(report: Report) -> list[Outcome]:
    """Each control of a report with its verdicts, in the order of the catalogue."""
    by_id: dict[str, list[Verdict]] = {control.id: [] for control in report.controls}
    for verdict in report.verdicts:
        for name in verdict.controls:
            by_id.setdefault(name, []).append(verdict)
    return [_outcome(control, by_id[control.id]) for control in report.controls]


def _outcome(control: Control, verdicts: Sequence[Verdict]) -> Outcome:
    statuses: Counter[str] = Counter(verdict.status for verdict in verdicts)
    nothing = not verdicts and not control.checks
    status = Status.ELSEWHERE if nothing else _worst(statuses)
    return Outcome(control, status, tuple(verdicts))


def _worst(statuses: Mapping[str, int]) -> Status:
    """What is blocked may be as bad as what blocks it, which may be of another control."""
    if statuses.get(Status.FAIL):
        return Status.FAIL
    unclear = statuses.get(Status.UNKNOWN) or statuses.get(Status.BLOCKED)
    return Status.UNKNOWN if unclear or not statuses.get(Status.PASS) else Status.PASS


def wording(outcome: Outcome) -> str:
    """How many of its checks came to what, and what it is about."""
    parts = [counted(verdict.status for verdict in outcome.verdicts)] * bool(outcome.verdicts)
    parts += [f"{outcome.unasked} not asked"] * bool(outcome.unasked)
    about = f" ({outcome.control.about})" if outcome.control.about else ""
    return f"{', '.join(parts) or 'no check here'}{about}"
