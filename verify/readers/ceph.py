"""What `ceph` prints as JSON, and how it is asked without ever hanging."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from verify import probes
from verify.contract import Command, Output, Unreadable
from verify.readers.answers import WRONG, first_line, text

# Its own default is five minutes, for finding a quorum, and none for its answer.
PATIENCE = probes.Seconds(5)
LIMIT = 20
ANSWER = probes.Seconds(10)
MONITORS = probes.python("ceph_mon", PATIENCE)
NO_ANSWER = "timed out"
NO_QUORUM = "timed out (error connecting"
# What an OSD measures of its disk when it first starts, and leaves in the monitors' database
# (17.2 and later, OSD.cc, maybe_override_max_osd_capacity_for_qos).
MEASURED = "osd_mclock_max_capacity_iops_"


def ask(admin: str, prefix: str, **words: str | tuple[str, ...]) -> Command:
    """A question to the monitors, put on a node that has the keyring of client.admin.

    `prefix` and `words` are those of mon/MonCommands.h and mgr/MgrCommands.h: `osd pool ls` and
    `detail="detail"` for `ceph osd pool ls detail`. What a manager answers is passed on to it.
    """
    question = json.dumps({"prefix": prefix, "format": "json", **words})
    alone = probes.text(probes.together(MONITORS, question))
    command = f"# {_typed(prefix, **words)}\n{alone}"
    return Command(command, f"node:{admin}", LIMIT, program=MONITORS, question=question)


def _typed(prefix: str, **words: str | tuple[str, ...]) -> str:
    """The same question as somebody would type it."""
    more = (word for one in words.values() for word in ((one,) if isinstance(one, str) else one))
    return " ".join(("ceph -f json", prefix, *more))


def daemon(name: str, *words: str) -> Command:
    """A question to a daemon of this node itself, over its socket."""
    typed = " ".join(("ceph daemon", name, *words))
    question = json.dumps({"prefix": " ".join(words), "format": "json"})
    return probes.ask("ceph_socket", ANSWER, name, question, typed=typed, timeout=LIMIT)


def silent(output: Output) -> bool:
    """Whether no quorum of monitors has answered."""
    return output.code == 1 and NO_QUORUM in output.err + output.out


def read(output: Output, asked: str) -> Any:
    """The answer as plain data. Raises `Unreadable` for anything else."""
    if silent(output):
        raise Unreadable(f"{asked}: no quorum of monitors answers")
    if output.code == 1 and NO_ANSWER in output.err:
        raise Unreadable(f"{asked}: no answer within {PATIENCE} s")
    printed = text(output, asked)
    try:
        return json.loads(printed)
    except WRONG:
        raise Unreadable(f"{asked}: not JSON ({first_line(output)})") from None


P = ParamSpec("P")
T = TypeVar("T")


def shaped(parse: Callable[P, T]) -> Callable[P, T]:
    """A `parse` whose answers have another shape than Ceph's: they answer nothing."""

    @wraps(parse)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return parse(*args, **kwargs)
        except WRONG as error:
            raise Unreadable(f"ceph: not the answer that was asked for ({error})") from None

    return checked


# The rule that the first monitor makes, and that every planned pool of no class is made with.
RULE = "replicated_rule"


def rule_name(device_class: str) -> str:
    """The rule of the planned pools on devices of a class; of none, the first one."""
    return f"replicated_{device_class}" if device_class else RULE


def steps(rule: Any) -> str:
    """The steps of a CRUSH rule as one line.

    To choose an OSD and to choose a leaf of type OSD are the same (CrushWrapper.cc,
    add_simple_rule_at). Steps that tune the search have an operation and a number only.
    """
    return ", ".join(map(_step, rule["steps"]))


def _step(step: Any) -> str:
    words = (step["op"], step.get("item_name"), step.get("num"), step.get("type"))
    text = " ".join(str(word) for word in words if word is not None)
    return text.replace("chooseleaf_", "choose_") if step.get("type") == "osd" else text


def planned_steps(domain: str, device_class: str = "") -> str:
    """Those of a rule that keeps at most one copy in an OSD, a host, …, of the whole tree.

    Of a class, it takes the tree's shadow with the OSDs of that class (CrushWrapper.cc).
    """
    choose = "choose_firstn" if domain == "osd" else "chooseleaf_firstn"
    root = f"default~{device_class}" if device_class else "default"
    return f"take {root}, {choose} 0 {domain}, emit"


def coded_rule(pool: str, domain: str, device_class: str = "") -> str:
    """Name and steps of the rule that the monitors make with an erasure-coded pool.

    ErasureCode.cc, create_rule; the tries are those of CrushWrapper.cc, add_simple_rule_at.
    """
    steps = planned_steps(domain, device_class).replace("firstn", "indep")
    return f"{pool}: set_chooseleaf_tries 5, set_choose_tries 100, {steps}"


def planned_rule(domain: str, device_class: str = "") -> str:
    """The same with the rule's name."""
    return f"{rule_name(device_class)}: {planned_steps(domain, device_class)}"


def hosts(addresses: Any) -> tuple[str, ...]:
    """The IP addresses of an `addrvec`, each once."""
    ips = (str(one["addr"]).rpartition(":")[0].strip("[]") for one in addresses["addrvec"])
    return tuple(dict.fromkeys(ips))
