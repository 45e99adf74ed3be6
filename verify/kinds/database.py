"""PHP reaches the database that the spec names, with the account and the secret that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Host, OneLine, PortNumber
from verify.readers import fpm
from verify.readers.compare import same


@dataclass(frozen=True, slots=True)
class Want:
    """Server, database and account; `tls` is whether it is encrypted; where PHP listens."""

    host: Host
    port: PortNumber
    name: OneLine
    user: OneLine
    tls: bool
    fastcgi: OneLine = fpm.USUAL


@dataclass(frozen=True, slots=True)
class Seen:
    """What PHP connects to, and the server's or the network's refusal ("" where there is none)."""

    host: str
    port: int
    name: str
    user: str
    tls: bool
    error: str


def commands(want: Want) -> Mapping[str, Command]:
    """One connection, made by the PHP that serves requests."""
    return {"state": fpm.ask(want.fastcgi, database=True)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` for an answer that does not say what came of the connection."""
    values = fpm.part(fpm.read(outputs["state"]), "database", dict)
    names = Seen.__dataclass_fields__
    if set(values) != set(names):
        raise Unreadable(f"PHP: it says of the database {values}")
    return Seen(**values)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Without a connection there is nothing to say of its encryption."""
    return (
        *same("server", f"{want.host}:{want.port}", f"{seen.host}:{seen.port}"),
        *same("database", want.name, seen.name),
        *same("account", want.user, seen.user),
        *(
            (Difference("connection", "made", seen.error),)
            if seen.error
            else same("encrypted", want.tls, seen.tls)
        ),
    )
