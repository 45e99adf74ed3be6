"""Questions to one program, asked by one process: it costs more to start than to answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from verify import probes
from verify.contract import Command, Output, Program


@dataclass(frozen=True, slots=True)
class Batch:
    """What is run for some commands, `parts`, as `Command` has it, within so many seconds."""

    text: str
    timeout: int
    program: Program | None
    parts: tuple[str, ...]

    def split(self, output: Output) -> Mapping[str, Output]:
        """The output of each part. If the program never came to answer, that is every part's."""
        answers = _answers(output.out) if len(self.parts) > 1 and output.code == 0 else []
        if len(answers) != len(self.parts):
            answers = [output] * len(self.parts)
        return dict(zip(self.parts, answers, strict=True))


def longest(commands: Iterable[Command]) -> dict[str, Command]:
    """Each command once, by its text, with the longest limit that is asked for it."""
    by_text: dict[str, Command] = {}
    for command in commands:
        known = by_text.get(command.text)
        if known is None or known.timeout < command.timeout:
            by_text[command.text] = command
    return by_text


def fold(commands: Iterable[Command]) -> list[Batch]:
    """What to run for commands that each occur once; those of one program and step together."""
    groups: dict[tuple[int, Program | str | None], list[Command]] = {}
    for command in commands:
        key = command.program if command.question else command.text
        groups.setdefault((command.step, key), []).append(command)
    return [_batch(group) for group in groups.values()]


def _answers(printed: str) -> list[Output]:
    """What a program says; nothing if that is something else."""
    try:
        lines = [json.loads(line) for line in printed.splitlines()]
    except (ValueError, RecursionError):
        return []
    # a node may answer anything: what is not of these types is no answer
    whole = all(isinstance(line, list) and [*map(type, line)] == [int, str, str] for line in lines)
    return [Output(*line) for line in lines] if whole else []


def _batch(group: list[Command]) -> Batch:
    parts = tuple(command.text for command in group)
    timeout = max(command.timeout for command in group)
    first = group[0]
    if len(group) == 1 or not first.program:
        return Batch(parts[0], timeout, None if first.question else first.program, parts)
    typed = [line for part in parts if (line := part.partition("\n")[0]).startswith("#")]
    program = probes.together(first.program, *(command.question for command in group))
    return Batch("\n".join((*typed, probes.text(program))), timeout, program, parts)
