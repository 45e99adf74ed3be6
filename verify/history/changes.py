"""What is different from an earlier report: a comparison of values, and the words for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from verify.bundles import Bundle
from verify.contract import Change, Report, Run, Since, Status, Turn

LONGEST = 100
"""Characters that are taken over of a text of an earlier report, which anybody may have written."""
TITLES: Mapping[Turn, str] = {
    Turn.FAILS: "newly not met",
    Turn.UNKNOWN: "newly unknown",
    Turn.MET: "met again",
    Turn.OTHER: "otherwise changed",
    Turn.NEW: "new",
    Turn.GONE: "gone",
}
WRONG = {Status.FAIL: Turn.FAILS, Status.UNKNOWN: Turn.UNKNOWN}
AGAIN = (Status.FAIL, Status.UNKNOWN, Status.BLOCKED)


def compare(report: Report, earlier: Sequence[Report], bundle: Bundle) -> Since:
    """What a report has otherwise than the first of the earlier ones, and all of these in short.

    What that one did not ask is compared with the last that did, of the same bundle: to ask for
    less in between hides nothing. `bundle` tells what the spec has no longer from what this run was
    not to ask.
    """
    last = earlier[0]
    now = {verdict.id: verdict.status for verdict in report.verdicts}
    known = {one.id for manifest in bundle.manifests.values() for one in manifest.expectations}
    digests = {name: manifest.bundle_digest for name, manifest in bundle.manifests.items()}
    then = {verdict.id: verdict.status for verdict in last.verdicts}
    for one in earlier[1:]:
        same = {node for node, digest in one.bundles.items() if digests.get(node) == digest}
        for verdict in one.verdicts:
            if verdict.id in now and verdict.id.partition("/")[0] in same:
                then.setdefault(verdict.id, verdict.status)
    only_then = {key for key in then.keys() - now.keys() if key in known}
    only_now = {key for key in now.keys() - then.keys() if _asked_of(key, last, report, digests)}
    keys = sorted((then.keys() | now.keys()) - only_then - only_now)
    return Since(
        tuple(map(brief, earlier)),
        tuple(_change(k, then.get(k), now.get(k)) for k in keys if then.get(k) != now.get(k)),
        dict(_bundles(last, report, digests)),
        len(only_now),
        len(only_then),
    )


def _asked_of(key: str, last: Report, report: Report, digests: Mapping[str, str]) -> bool:
    """Whether the node was held to this check the last time, too, though nobody asked it."""
    node = key.partition("/")[0]
    if node in last.bundles:
        return last.bundles[node] == digests[node]
    return last.spec_digest == report.spec_digest


def _change(key: str, then: Status | None, now: Status | None) -> Change:
    return Change(key[: 10 * LONGEST], _turn(then, now), then, now)


def _turn(then: Status | None, now: Status | None) -> Turn:
    if now is None:
        return Turn.GONE
    if now in WRONG:
        return WRONG[now]
    if then is None:
        return Turn.NEW
    return Turn.MET if now is Status.PASS and then in AGAIN else Turn.OTHER


def _bundles(
    last: Report, report: Report, digests: Mapping[str, str]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Nodes with another bundle; one that was not asked the last time need not be new."""
    same = last.spec_digest == report.spec_digest
    for node in sorted(last.bundles.keys() | digests.keys()):
        then, now = last.bundles.get(node, ""), digests.get(node, "")
        if then != now and not (same and not then):
            yield node[:LONGEST], (then[:LONGEST], now)


def brief(report: Report) -> Run:
    """A run in short."""
    statuses = Counter(verdict.status for verdict in report.verdicts)
    return Run(
        report.started[:LONGEST],
        report.target[:LONGEST],
        report.phase,
        report.spec_digest[:LONGEST],
        {str(status): statuses[status] for status in Status if statuses[status]},
    )


def turned(since: Since) -> dict[Turn, list[Change]]:
    """The changes of each turn that there is, the worst first."""
    groups = {turn: [one for one in since.changes if one.turn is turn] for turn in Turn}
    return {turn: changes for turn, changes in groups.items() if changes}


def summary(since: Since) -> str:
    """How much has changed, in one line."""
    parts = [f"{len(changes)} {TITLES[turn]}" for turn, changes in turned(since).items()]
    if since.bundles:
        parts.append(f"{len(since.bundles)} other bundle{'s' * (len(since.bundles) > 1)}")
    return ", ".join(parts) or "nothing has changed"


def step(change: Change) -> str:
    """What a check came to then and now."""
    return f"{change.before or 'not there'}, now {change.now or 'not there'}"


def untold(since: Since) -> str:
    """Of how many checks nothing can be told, and why; nothing where there are none."""
    numbers = ((since.only_now, "asked only this time"), (since.only_then, "asked only then"))
    parts = [f"{number} {when}" for number, when in numbers if number]
    return ", ".join(parts)
