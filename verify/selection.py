"""Which expectations a run asks about, and in so many words which not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from verify.bundles import Bundle
from verify.contract import Command, Expectation, Level, Phase
from verify.kinds import KINDS, Adaptable, Environment, Kind, load, read_want
from verify.plain import ContractError
from verify.serialization import resolve


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for; empty means everything.

    `active` lets checks act on the nodes, `wait` lets what fails be asked again until its time.
    Every command may run for `timeout_multiplier` times its limit, for the sake of slow machines.
    `kinds` are the kinds of facts that are known, each with its module.
    """

    phase: Phase = Phase.STEADY
    active: bool = False
    nodes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()
    wait: bool = True
    timeout_multiplier: int = 1
    kinds: Mapping[str, str] = field(default_factory=lambda: KINDS)

    def with_timeout(self, command: Command) -> Command:
        """The command with as much time as it has on the machines asked about."""
        return replace(command, timeout=command.timeout * self.timeout_multiplier)


@dataclass(frozen=True, slots=True)
class Check:
    """An expectation with its kind, its want and the commands that answer it."""

    expectation: Expectation
    kind: Kind
    want: Any
    commands: Mapping[str, Command]

    @property
    def id(self) -> str:
        return self.expectation.id

    @property
    def acts(self) -> bool:
        """Whether asking changes something on a node."""
        return any(command.step for command in self.commands.values())

    def places(self) -> Iterator[tuple[str, Command]]:
        """Each command with the name of the place where it is asked."""
        for command in self.commands.values():
            yield place(self.expectation.node, command), command

    def adapted(self, environment: Environment) -> Check:
        """The same check, which knows what the environment of its node adds."""
        if not isinstance(self.kind, Adaptable):
            return self
        return replace(self, want=self.kind.adapted(self.want, environment))


@dataclass(frozen=True, slots=True)
class Selection:
    """`checks` are asked; `unclear` cannot be, by this version; `pending` are not due yet."""

    checks: tuple[Check, ...]
    unclear: Mapping[str, tuple[Expectation, str]]
    pending: tuple[Expectation, ...]
    not_checked: tuple[str, ...]


def place(node: str, command: Command) -> str:
    """Where a node's command is asked: a node's name, `cluster` or `outside`."""
    scope, _, name = command.scope.partition(":")
    return name if name else node if scope == "node" else scope


def select(bundle: Bundle, options: Options) -> Selection:
    """Every expectation ends in exactly one of the four."""
    counts: dict[str, int] = {}
    checks: list[Check] = []
    pending: list[Expectation] = []
    unclear: dict[str, tuple[Expectation, str]] = {}
    for expectation in _all(bundle):
        reason = left_out(expectation, options)
        try:
            check = make(expectation, bundle.site.lists, options)
        except ContractError as error:
            if not reason:
                unclear[expectation.id] = (expectation, str(error))
                continue
            check = None
        if not reason and check and check.acts and not options.active:
            reason = "act on the nodes (--active asks them)"
        if reason:
            counts[reason] = counts.get(reason, 0) + 1
        elif not expectation.phase.due(options.phase):
            pending.append(expectation)
        elif check:
            checks.append(check)
    lines = [f"{count} checks that {reason}" for reason, count in counts.items()]
    if bundle.site.predictions:
        lines.append(f"{len(bundle.site.predictions)} predictions of failures: none is provoked")
    return Selection(tuple(checks), unclear, tuple(pending), tuple(lines))


def make(expectation: Expectation, lists: Mapping[str, Any], options: Options) -> Check:
    """Raises `ContractError` for a kind or a want that this version does not know."""
    kind = load(expectation.kind, options.kinds)
    want = read_want(kind, resolve(expectation.want, lists))
    try:
        asked = kind.commands(want)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ContractError(f"its want cannot be asked for ({error}): build it again") from None
    commands = {key: options.with_timeout(one) for key, one in asked.items()}
    return Check(expectation, kind, want, commands)


def _all(bundle: Bundle) -> Iterator[Expectation]:
    for manifest in bundle.manifests.values():
        yield from manifest.expectations


def left_out(expectation: Expectation, options: Options) -> str:
    """What the options have against asking it; empty where they have nothing."""
    if options.nodes and expectation.node not in options.nodes:
        return f"belong to other nodes than {', '.join(options.nodes)}"
    if options.levels and expectation.level not in options.levels:
        return f"are of another level than {', '.join(options.levels)}"
    if options.only and not any(fnmatchcase(expectation.id, glob) for glob in options.only):
        return f"do not match {' '.join(options.only)}"
    return ""
