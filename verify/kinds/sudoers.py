"""What sudo grants on a node is what spec, platform and packages grant, to whomever."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers.answers import ABSENT, first_line, text
from verify.readers.compare import extra, same, sets


@dataclass(frozen=True, slots=True)
class Want:
    """Each rule as `WHO ALL=RULE`, the latter as `sudo -l` prints it.

    `installed` is false where nothing of ours needs sudo: then it may be absent. `allowed` are
    rules that may be there, or not.
    """

    rules: tuple[str, ...]
    installed: bool = True
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """All rules, one for each command; the settings that weaken others; and what visudo says."""

    rules: tuple[str, ...]
    openings: tuple[str, ...] = ()
    files: str = "valid"
    installed: bool = True


ASKED = "cvtsudoers -e -f json /etc/sudoers"
# A rule's options as sudoers(5) writes them; all others are shown by name and value.
TAGS = {
    ("authenticate", False): "NOPASSWD",
    ("authenticate", True): "PASSWD",
    ("noexec", True): "NOEXEC",
    ("noexec", False): "EXEC",
    ("setenv", True): "SETENV",
    ("setenv", False): "NOSETENV",
}
# Defaults with which a rule grants more than it says: to be somebody without a password, or to
# bring along what decides what the command does. sudoers(5), "SUDOERS OPTIONS".
OPENINGS: Mapping[str, Any] = {
    "authenticate": False,
    "env_reset": False,
    "setenv": True,
    "secure_path": False,
    "rootpw": True,
    "runaspw": True,
    "targetpw": True,
    "exempt_group": ...,
    "env_file": ...,
    "restricted_env_file": ...,
    "group_plugin": ...,
    "pam_service": ...,
    "pam_login_service": ...,
    "pam_acct_mgmt": False,
    "runchroot": ...,
    "runcwd": ...,
}
# What a command takes code or the place of code from.
CODE = re.compile(
    r"\*|LD_|_RLD|DYLD_|LIBPATH|SHLIB_PATH|GCONV_PATH|LOCPATH|NLSPATH|PATH|PYTHON|PERL|RUBY|JAVA"
    r"|NODE_|GLIBC_|MALLOC_|BASH_|SHELLOPTS|PS4|ENV$|IFS$|CDPATH|TERMINFO|TERMCAP|EDITOR|VISUAL"
)


def commands(want: Want) -> Mapping[str, Command]:
    """The file is named: without it cvtsudoers reads its input, prints nothing and ends well."""
    there = f"command -v sudo >/dev/null || [ -e /etc/sudoers ] || exit {ABSENT}"
    return {"rules": Command(f"{there}; {ASKED}"), "files": Command("visudo -c")}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Where a file has a mistake in it, cvtsudoers prints nothing, and sudo leaves that one out."""
    printed = text(outputs["rules"], ASKED, codes=(0, 1, ABSENT))
    if outputs["rules"].code == ABSENT:
        return Seen((), installed=False)
    text(outputs["files"], "visudo -c", codes=(0, 1))
    files = "valid" if outputs["files"].code == 0 else first_line(outputs["files"])
    if outputs["rules"].code != 0:
        if files == "valid":
            raise Unreadable(f"{ASKED}: {first_line(outputs['rules'])}")
        return Seen((), (), files)
    try:
        data = json.loads(printed)
        rules = tuple(rule for spec in data.get("User_Specs", ()) for rule in _rules(spec))
        openings = tuple(one for each in data.get("Defaults", ()) for one in _openings(each))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Unreadable(f"{ASKED}: cannot read {printed[:80]!r}") from None
    if not rules:
        raise Unreadable(f"{ASKED}: no rule at all, not even root's")
    return Seen(rules, openings, files)


def _rules(spec: Mapping[str, Any]) -> Iterator[str]:
    """One line for each who and command, as `ops ALL=(ALL : ALL) NOPASSWD: ALL`."""
    hosts = ",".join(map(_member, spec["Host_List"]))
    for one in spec["Cmnd_Specs"]:
        users = ", ".join(map(_member, one.get("runasusers", ())))
        groups = ", ".join(_member(group).removeprefix("%") for group in one.get("runasgroups", ()))
        runas = f"{users or 'root'} : {groups}" if groups else users or "root"
        options = [item for option in one.get("Options", ()) for item in option.items()]
        for command in one["Commands"]:
            tags = "".join(f"{_tag(*item)}: " for item in options if not _implied(item, command))
            for who in spec["User_List"]:
                yield f"{_member(who)} {hosts}=({runas}) {tags}{_command(command)}"


def _implied(item: tuple[str, Any], command: Mapping[str, Any]) -> bool:
    """Who may run everything may set the environment: cvtsudoers says so of each such rule."""
    return item == ("setenv", True) and command.get("command") == "ALL"


def _tag(name: str, value: Any) -> str:
    return TAGS.get((name, value)) or f"{name}={value}"


_SIGNS = {
    "usergroup": "%",
    "userid": "#",
    "usergroupid": "%#",
    "netgroup": "+",
    "nonunixgroup": "%:",
    "nonunixgroupid": "%:#",
}


def _member(member: Mapping[str, Any]) -> str:
    """A person, group or machine as sudoers(5) writes it."""
    ((kind, name),) = ((key, value) for key, value in member.items() if key != "negated")
    return f"{'!' if member.get('negated') else ''}{_SIGNS.get(kind, '')}{name}"


def _command(command: Mapping[str, Any]) -> str:
    known = ("command", "negated")
    digests = (f"{key}:{value} " for key, value in command.items() if key not in known)
    sign = "!" if command.get("negated") else ""
    return "".join(digests) + sign + _plain(str(command.get("command", "")))


def _plain(rule: str) -> str:
    """Without the backslashes that only sudoers(5) needs."""
    return re.sub(r"\\([=:,\\])", r"\1", rule)


def _openings(defaults: Mapping[str, Any]) -> Iterator[str]:
    """The settings of one `Defaults` line that weaken rules, and for whom they count."""
    scope = ",".join(map(_member, defaults.get("Binding", ())))
    for option in defaults["Options"]:
        for name, value in option.items():
            if _opens(name, value):
                words = " ".join(value) if isinstance(value, list) else value
                yield f"{name}={words}" + (f" for {scope}" if scope else "")


def _opens(name: str, value: Any) -> bool:
    if name == "env_keep" or name == "env_check":
        return isinstance(value, list) and any(CODE.search(str(word)) for word in value)
    if name == "timestamp_timeout":
        return str(value).startswith("-")
    if OPENINGS.get(name, None) is ...:
        return value is not False
    return name in OPENINGS and value is OPENINGS[name]


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A rule beyond them counts, too, where nobody has that name yet."""
    if not seen.installed:
        return same("sudo", "installed", "absent") if want.installed else ()
    if seen.files != "valid" and not seen.rules:
        return same("files", "valid", seen.files)
    return (
        *sets("rule", map(_plain, want.rules), set(seen.rules) - set(map(_plain, want.allowed))),
        *extra("opening setting", seen.openings),
        *same("files", "valid", seen.files),
    )
