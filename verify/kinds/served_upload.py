"""A file that is uploaded on one node is served by every node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from shlex import quote

from verify.contract import Command, Difference, Output
from verify.forms import AbsolutePath, Address, Host, Label, PortNumber, Word
from verify.readers import web
from verify.readers.answers import first_line, text


@dataclass(frozen=True, slots=True)
class Want:
    """Where files are put, on the first node, and the nodes (name and address) that serve them.

    `url` is the path below which they are found; `owner` is the account that puts them.
    """

    directory: AbsolutePath
    url: AbsolutePath
    owner: Word
    host: Host
    port: PortNumber
    nodes: tuple[tuple[Label, Address], ...]


WRITE, READ, CLEAN = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Seen:
    """What was written ("error: ..." when it could not be), and what each node served."""

    written: str
    served: dict[str, str]


def commands(want: Want) -> Mapping[str, Command]:
    """Name and contents are new on every call, so that nothing left over can be served."""
    token, first = token_hex(8), want.nodes[0][0]
    name = f"stook-verify-{token}.txt"
    path = quote(f"{want.directory}/{name}")
    account = quote(want.owner)
    write = quote(f"umask 022; echo {token} >{path} && cat -- {path}")
    questions = {
        "write": Command(
            f"setpriv --reuid={account} --regid={account} --init-groups sh -c {write}",
            f"node:{first}",
            20,
            WRITE,
        ),
        "clean": Command(f"rm -f -- {path}", f"node:{first}", 20, CLEAN),
    }
    for node, address in want.nodes:
        url = f"{want.url}/{name}"
        questions[f"read {node}"] = web.get(
            address, want.port, want.host, url, scope=f"node:{node}", step=READ
        )
    return questions


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Not being able to write is an answer; a missing command or a hang is none."""
    written = text(outputs["write"], "write", codes=(0, 1, 2)).strip()
    if outputs["write"].code != 0 or not written:
        written = f"error: {first_line(outputs['write'])}"
    served = {}
    for node, _ in want.nodes:
        answer = web.read(outputs[f"read {node}"])
        good = answer.status == 200
        served[node] = answer.body.strip() if good else answer.error or f"status {answer.status}"
    text(outputs["clean"], "rm")
    return Seen(written, served)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """What could not be written cannot be served."""
    if seen.written.startswith("error: "):
        return (Difference(f"write on {want.nodes[0][0]}", "done", seen.written),)
    return tuple(
        Difference(f"served by {node}", seen.written, served)
        for node, served in seen.served.items()
        if served != seen.written
    )
