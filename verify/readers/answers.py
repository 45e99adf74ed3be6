"""Whether a command answered at all: the one door through which every output is read."""

from __future__ import annotations

from collections.abc import Sequence

from verify.contract import Output, Unreadable

ABSENT = 44
"""The exit code by which our own commands say that a file is not there."""
WRONG = (
    *(ArithmeticError, AttributeError, LookupError, TypeError, ValueError),
    *(RecursionError, StopIteration),
)
"""What reading JSON raises that has another shape than the one it should have."""
CUT = "answer cut: it is longer than any that is read"


def text(output: Output, asked: str, codes: Sequence[int] = (0,)) -> str:
    """The standard output of a command that ended with one of `codes`.

    Raises `Unreadable` for all else; `asked` names the command in that message.
    """
    if output.cut:
        raise Unreadable(f"{asked}: {CUT}")
    if output.code is None:
        raise Unreadable(f"{asked}: still running at its time limit")
    if output.code == 127:
        raise Unreadable(f"{asked}: command not found ({first_line(output)})")
    if output.code not in codes:
        raise Unreadable(f"{asked}: exit code {output.code} ({first_line(output)})")
    return output.out


def first_line(output: Output) -> str:
    """The first line that a command printed, errors first: enough to know what went wrong."""
    lines = f"{output.err}\n{output.out}".split("\n")
    return next((line.strip()[:200] for line in lines if line.strip()), "it printed nothing")


def file_text(output: Output, path: str) -> str | None:
    """What `show_file` printed; None when the file does not exist."""
    printed = text(output, f"cat {path}", codes=(0, ABSENT))
    return None if output.code == ABSENT else printed
