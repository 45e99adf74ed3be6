"""What `ceph` prints as JSON, and how it is asked without ever hanging."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from shlex import quote
from typing import Any, ParamSpec, TypeVar

from verify.contract import Command, Output, Unreadable
from verify.readers.answers import said, text

# Its own default is five minutes.
CONNECT = 5
LIMIT = 20
NO_QUORUM = "timed out"
# What an OSD measures of its disk when it first starts, and leaves in the monitors' database
# (17.2 and later, OSD.cc, maybe_override_max_osd_capacity_for_qos).
MEASURED = "osd_mclock_max_capacity_iops_"


def ask(admin: str, *words: str) -> Command:
    """A question to the cluster, put on a node that has the keyring of client.admin."""
    asked = " ".join(map(quote, words))
    return Command(f"ceph --connect-timeout {CONNECT} -f json {asked}", f"node:{admin}", LIMIT)


def daemon(name: str, *words: str) -> Command:
    """A question to a daemon of this node itself, over its socket."""
    asked = " ".join(map(quote, words))
    return Command(f"timeout 10 ceph daemon {quote(name)} {asked}", timeout=LIMIT)


def silent(output: Output) -> bool:
    """Whether no quorum of monitors has answered."""
    return output.code == 1 and NO_QUORUM in output.err + output.out


def read(output: Output, asked: str) -> Any:
    """The answer as plain data. Raises `Unreadable` for anything else."""
    if silent(output):
        raise Unreadable(f"{asked}: no quorum of monitors answers")
    printed = text(output, asked)
    try:
        return json.loads(printed)
    except ValueError:
        raise Unreadable(f"{asked}: not JSON ({said(output)})") from None


P = ParamSpec("P")
T = TypeVar("T")


def shaped(parse: Callable[P, T]) -> Callable[P, T]:
    """A `parse` whose answers have another shape than Ceph's: they answer nothing."""

    @wraps(parse)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return parse(*args, **kwargs)
        except (AttributeError, LookupError, TypeError) as error:
            raise Unreadable(f"ceph: not the answer that was asked for ({error})") from None

    return checked


def hosts(addresses: Any) -> tuple[str, ...]:
    """The IP addresses of an `addrvec`, each once."""
    found = (str(one["addr"]).rpartition(":")[0].strip("[]") for one in addresses["addrvec"])
    return tuple(dict.fromkeys(found))
