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
    rules that may be there, or not. `settings` are all `Defaults`, as `use_pty`, `!lecture`,
    `env_keep += A B` or `passwd_tries=3 for ops`.
    """

    rules: tuple[str, ...]
    installed: bool = True
    allowed: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """All rules, one for each command; all settings; what sudo.conf adds; and what visudo says."""

    rules: tuple[str, ...]
    settings: tuple[str, ...] = ()
    front: tuple[str, ...] = ()
    files: str = "valid"
    installed: bool = True


# It may name other plugins and another file of rules, and nothing but sudo itself reads it.
FRONT = "/etc/sudo.conf"
# What holds without such a line. sudo.conf(5)
WITHOUT = frozenset(f"Plugin sudoers_{what} sudoers.so" for what in ("policy", "io", "audit"))
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
LISTS = {"list_add": "+=", "list_remove": "-=", "list_assign": "="}


def commands(want: Want) -> Mapping[str, Command]:
    """The file is named: without it cvtsudoers reads its input, prints nothing and ends well."""
    there = f"command -v sudo >/dev/null || [ -e /etc/sudoers ] || exit {ABSENT}"
    return {
        "rules": Command(f"{there}; {ASKED}"),
        "files": Command("visudo -c"),
        "front": Command(f"echo '# {FRONT}'; [ ! -e {FRONT} ] || cat {FRONT}"),
    }


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
        return Seen((), files=files)
    try:
        data = json.loads(printed)
        rules = tuple(rule for spec in data.get("User_Specs", ()) for rule in _rules(spec))
        settings = tuple(one for each in data.get("Defaults", ()) for one in _settings(each))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Unreadable(f"{ASKED}: cannot read {printed[:80]!r}") from None
    if not rules:
        raise Unreadable(f"{ASKED}: no rule at all, not even root's")
    return Seen(rules, settings, _front(outputs["front"]), files)


def _front(output: Output) -> tuple[str, ...]:
    """The lines that count, but those that say what holds without them."""
    first, *lines = text(output, FRONT).splitlines() or ("",)
    if first != f"# {FRONT}":
        raise Unreadable(f"{FRONT}: cannot read {first[:80]!r}")
    plain = (" ".join(line.partition("#")[0].split()) for line in lines)
    return tuple(line for line in plain if line and line not in WITHOUT)


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
    "username": "",
    "hostname": "",
    "networkaddr": "",
    "command": "",
    "usergroup": "%",
    "userid": "#",
    "usergid": "%#",
    "netgroup": "+",
    "nonunixgroup": "%:",
    "nonunixgid": "%:#",
}


def _member(member: Mapping[str, Any]) -> str:
    """A person, group or machine as sudoers(5) writes it; of what it does not, the kind is said."""
    ((kind, name),) = ((key, value) for key, value in member.items() if key != "negated")
    return f"{'!' if member.get('negated') else ''}{_SIGNS.get(kind, f'{kind} ')}{name}"


def _command(command: Mapping[str, Any]) -> str:
    known = ("command", "negated")
    digests = (f"{key}:{value} " for key, value in command.items() if key not in known)
    sign = "!" if command.get("negated") else ""
    return "".join(digests) + sign + _plain(str(command.get("command", "")))


def _plain(rule: str) -> str:
    """Without the backslashes that only sudoers(5) needs."""
    return re.sub(r"\\([=:,\\])", r"\1", rule)


def _settings(defaults: Mapping[str, Any]) -> Iterator[str]:
    """All of one `Defaults` line, and for whom they count."""
    scope = ",".join(map(_member, defaults.get("Binding", ())))
    for option in defaults["Options"]:
        how = LISTS[option.get("operation", "list_assign")]
        for name, value in option.items():
            if name != "operation":
                yield _setting(name, how, value) + (f" for {scope}" if scope else "")


def _setting(name: str, how: str, value: Any) -> str:
    if isinstance(value, bool):
        return name if value else f"!{name}"
    return f"{name} {how} {' '.join(value)}" if isinstance(value, list) else f"{name}={value}"


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A rule beyond them counts, too, where nobody has that name yet.

    Each setting counts, whatever it does: what opens a way is no list that ends. Where there is
    none at all, and none of the platform's rules either, the package's file is not there, as on an
    image that came without sudo.
    """
    if not seen.installed:
        return same("sudo", "installed", "absent") if want.installed else ()
    if seen.files != "valid" and not seen.rules:
        return same("files", "valid", seen.files)
    allowed = set(map(_plain, want.allowed))
    brought = seen.settings or not allowed or allowed & set(seen.rules)
    return (
        *sets("rule", map(_plain, want.rules), set(seen.rules) - allowed),
        *sets("setting", want.settings if brought else (), seen.settings),
        *extra(FRONT, seen.front),
        *same("files", "valid", seen.files),
    )
