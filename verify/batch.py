"""Questions to one client, asked by one process: it costs more to start than to answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from verify.contract import Command, Output


@dataclass(frozen=True, slots=True)
class Batch:
    """What is run for some commands, `parts`, and its time limit in seconds."""

    text: str
    timeout: int
    parts: tuple[str, ...]

    def split(self, output: Output) -> Mapping[str, Output]:
        """The output of each part. If the client never came to answer, that is every part's."""
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
    """What to run for commands that each occur once; those of one client and step together."""
    groups: dict[tuple[int, str], list[Command]] = {}
    for command in commands:
        groups.setdefault((command.step, command.client or command.text), []).append(command)
    return [_batch(group) for group in groups.values()]


def _answers(printed: str) -> list[Output]:
    """What a client says; nothing if that is something else."""
    try:
        lines = [json.loads(line) for line in printed.splitlines()]
        return [Output(int(code), str(out), str(err)) for code, out, err in lines]
    except (TypeError, ValueError, RecursionError):
        return []


def _batch(group: list[Command]) -> Batch:
    parts = tuple(command.text for command in group)
    timeout = max(command.timeout for command in group)
    if len(group) == 1:
        return Batch(parts[0], timeout, parts)
    typed = [line for part in parts if (line := part.partition("\n")[0]).startswith("#")]
    run = " ".join((group[0].client, *(command.question for command in group)))
    return Batch("\n".join((*typed, run)), timeout, parts)
