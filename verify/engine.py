"""The one engine behind `stook verify` and the pytest suite: select, gather, judge, report."""

from __future__ import annotations

import getpass
import platform
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from verify.batch import fold, longest
from verify.bundles import Bundle
from verify.contract import (
    CONTRACT,
    Acceptance,
    Command,
    Expectation,
    Report,
    Status,
    Unreadable,
    Verdict,
)
from verify.gather import OUTSIDE, Answers, Sleep, gather
from verify.kinds import stamp
from verify.outside import routes, source_inside, unproven
from verify.readers.shell import STAMP
from verify.selection import Check, Options, Selection, select
from verify.targets import Target
from verify.transport import Budget, Place, Unreachable

PAUSE = 1.0
LONGEST_PAUSE = 5.0
MOST_WORDS, LONGEST_WORD = 20, 200
"""Of a stamp."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, so that tests need none."""

    now: Callable[[], float] = time.monotonic
    sleep: Sleep = time.sleep


def run(
    bundle: Bundle,
    target: Target,
    options: Options,
    clock: Clock | None = None,
    today: date | None = None,
) -> Report:
    """Ask everything that the options select, and say what came of it."""
    clock = clock or Clock()
    started = _now()
    find = _finder(target)
    selection = select(bundle, options)
    checks = tuple(c.adapted(find(c.expectation.node).environment) for c in selection.checks)
    nodes = _nodes(bundle, options)
    stamps = {node: [options.with_timeout(Command(STAMP))] for node in nodes}
    budget = Budget(times=options.timeout_multiplier)
    answers = gather(checks, find, stamps | routes(checks, bundle), clock.sleep, budget)
    inside = source_inside(answers, bundle, checks)
    judged = {check.id: judge(check, answers, inside) for check in checks}
    settled = ask_again(checks, judged, find, inside, clock, budget) if options.wait else judged
    verdicts = block({**settled, **_unasked(selection)}, bundle)
    return Report(
        site=bundle.site.site,
        target=target.name,
        runner=f"{getpass.getuser()}@{platform.node()}",
        started=started,
        finished=_now(),
        phase=options.phase,
        spec_digest=bundle.site.spec_digest,
        bundles={node: bundle.manifests[node].bundle_digest for node in nodes},
        stamps={node: _stamp(answers, node) for node in nodes},
        verdicts=tuple(verdicts[key] for key in sorted(verdicts)),
        not_checked=(
            *selection.not_checked,
            *unproven(answers, checks),
            *expired(bundle, today),
            *outdated(bundle),
        ),
        accepted=tuple(one for one in bundle.site.accepted if not _over(one, today)),
    )


def commands(bundle: Bundle, options: Options) -> dict[str, list[str]]:
    """All that a run with these options would ask, by place, each command once."""
    checks = select(bundle, options).checks
    questions = {node: [Command(STAMP)] for node in _nodes(bundle, options)}
    for name, command in (pair for check in checks for pair in check.places()):
        questions.setdefault(name, []).append(command)
    for name, more in routes(checks, bundle).items():
        questions.setdefault(name, []).extend(more)
    return {
        place: [batch.text for batch in fold(longest(of_place).values())]
        for place, of_place in questions.items()
    }


def expired(bundle: Bundle, today: date | None) -> tuple[str, ...]:
    """Accepted deviations whose date is over: what they excused is not excused any more."""
    return tuple(
        f"{item.rule} at {item.where} was accepted until {item.until} only"
        for item in bundle.site.accepted
        if _over(item, today)
    )


def _over(item: Acceptance, today: date | None) -> bool:
    return today is not None and date.fromisoformat(item.until) < today


def outdated(bundle: Bundle) -> tuple[str, ...]:
    """A warning where the next release will not read the bundles any more."""
    parts = (bundle.site.contract, *(one.contract for one in bundle.manifests.values()))
    if all(part == CONTRACT for part in parts):
        return ()
    return (f"bundles of contract {min(parts)} are read by this release only: build them again",)


def judge(check: Check, answers: Answers, inside: str = "") -> Verdict:
    """One check against what came back. Whatever cannot be read is unknown, never a pass."""
    started = time.monotonic()
    verdict = _verdict(check.expectation, Status.UNKNOWN, commands=_asked(check))
    try:
        if inside and OUTSIDE in (name for name, _ in check.places()):
            raise Unreadable(inside)
        seen = check.kind.parse(check.want, answers.of(check))
        differences = check.kind.judge(check.want, seen)
        plain = is_dataclass(seen) and not isinstance(seen, type)
        observed = asdict(seen) if plain else seen
    except (Unreadable, Unreachable) as reason:
        return replace(verdict, reason=str(reason))
    except Exception as error:  # a node may answer anything, and the other checks go on
        words = f"cannot be read: {type(error).__name__}: {str(error)[:200]}"
        return replace(verdict, reason=words)
    return replace(
        verdict,
        status=Status.FAIL if differences else Status.PASS,
        differences=differences,
        observed=observed,
        seconds=round(time.monotonic() - started, 3),
    )


def ask_again(
    checks: Sequence[Check],
    verdicts: Mapping[str, Verdict],
    find: Callable[[str], Place],
    inside: str,
    clock: Clock,
    budget: Budget,
) -> dict[str, Verdict]:
    """Ask what has not passed again, alone, until it does or its `within` is over."""
    result, pause = dict(verdicts), PAUSE
    begun = clock.now()
    while waiting := _waiting(checks, result, clock.now() - begun):
        clock.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
        answers = gather(waiting, find, sleep=clock.sleep, budget=budget)
        spent = round(clock.now() - begun, 3)
        for check in waiting:
            result[check.id] = replace(judge(check, answers, inside), seconds=spent)
    return result


def _waiting(checks: Sequence[Check], verdicts: Mapping[str, Verdict], spent: float) -> list[Check]:
    """What may still come right, leaving out what needs something that will not."""
    failing = [c for c in checks if c.expectation.within > spent and _open(verdicts[c.id])]
    retried = {check.id for check in failing}
    return [check for check in failing if not _hopeless(check, verdicts, retried)]


def _open(verdict: Verdict) -> bool:
    return verdict.status is Status.FAIL or (
        verdict.status is Status.UNKNOWN and "cannot be asked" not in verdict.reason
    )


def _hopeless(check: Check, verdicts: Mapping[str, Verdict], retried: set[str]) -> bool:
    needed = (need for need in check.expectation.needs if need in verdicts)
    return any(verdicts[n].status is not Status.PASS and n not in retried for n in needed)


def block(verdicts: Mapping[str, Verdict], bundle: Bundle) -> dict[str, Verdict]:
    """What needs something that did not pass is blocked, however it looks itself.

    It says what all of it waits for in the end. A need that the options left out is taken as met;
    one that no bundle has is an error of it.
    """
    known = {e.id: e for manifest in bundle.manifests.values() for e in manifest.expectations}
    result = dict(verdicts)
    for key in _in_order(verdicts, known):
        if result[key].status is Status.PENDING:
            continue
        for need in known[key].needs:
            if need not in known:
                reason = f"needs {need}, which no bundle of the site has"
                result[key] = replace(result[key], status=Status.UNKNOWN, reason=reason)
            elif need in result and result[need].status is not Status.PASS:
                reason = _cause(result[need])
                result[key] = replace(result[key], status=Status.BLOCKED, reason=reason)
                break
    return result


def _cause(verdict: Verdict) -> str:
    """What has to change first: what is blocked or unknown itself has said it."""
    said = verdict.status in (Status.BLOCKED, Status.UNKNOWN)
    return verdict.reason if said else f"needs {verdict.id} ({verdict.status})"


def _in_order(keys: Iterable[str], known: Mapping[str, Expectation]) -> list[str]:
    """Every id after those that it needs."""
    order: dict[str, None] = {}
    open_ids: set[str] = set()

    def visit(key: str) -> None:
        if key in order or key in open_ids or key not in known:
            return
        open_ids.add(key)
        for need in known[key].needs:
            visit(need)
        order[key] = None

    wanted = list(keys)
    for key in wanted:
        visit(key)
    return [key for key in order if key in set(wanted)]


def _verdict(expectation: Expectation, status: Status, **more: Any) -> Verdict:
    return Verdict(
        expectation.id,
        expectation.component,
        expectation.spec,
        expectation.level,
        expectation.severity,
        status,
        controls=expectation.controls,
        **more,
    )


def _unasked(selection: Selection) -> dict[str, Verdict]:
    pending = {
        e.id: _verdict(e, Status.PENDING, reason=f"due when {e.phase}") for e in selection.pending
    }
    unclear = {
        key: _verdict(e, Status.UNKNOWN, reason=reason)
        for key, (e, reason) in selection.unclear.items()
    }
    return pending | unclear


def _asked(check: Check) -> tuple[str, ...]:
    own = check.expectation.node
    return tuple(
        command.text if name == own else f"[{name}] {command.text}"
        for name, command in check.places()
    )


def _finder(target: Target) -> Callable[[str], Place]:
    """Each place is looked up once."""
    places: dict[str, Place] = {}

    def find(name: str) -> Place:
        if name not in places:
            places[name] = target.outside() if name == OUTSIDE else target.node(name)
        return places[name]

    return find


def _nodes(bundle: Bundle, options: Options) -> list[str]:
    return [node for node in bundle.manifests if not options.nodes or node in options.nodes]


def _stamp(answers: Answers, node: str) -> Any:
    """What the node says it runs, its first words and numbers; None where it does not say."""
    output = answers.outputs.get((node, STAMP))
    try:
        words = stamp.read(output) if output else None
        return words and {key: _short(words[key]) for key in sorted(words)[:MOST_WORDS]}
    except (Unreadable, RecursionError):
        return None


def _short(value: object) -> object:
    return value if isinstance(value, int) else str(value)[:LONGEST_WORD]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
