"""Nothing is left of earlier bundles: what was ever put on the node is of this bundle or gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers.answers import file_text, text
from verify.readers.compare import extra
from verify.readers.shell import show_file

EVERPUT = "/var/lib/stook/everput"
CLOSED = "1"
"""The day on which an account that `apply` has closed expired."""


@dataclass(frozen=True, slots=True)
class Want:
    """All that the bundle brings; `paths` are whole files, `blocks` those with lines of ours."""

    site: str
    paths: tuple[str, ...]
    blocks: tuple[str, ...]
    units: tuple[str, ...]
    accounts: tuple[str, ...]
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is on the node and not of the bundle.

    `packages` are what only earlier bundles asked for; they stay, and are told for information.
    """

    files: tuple[str, ...]
    blocks: tuple[str, ...]
    units: tuple[str, ...]
    accounts: tuple[str, ...]
    packages: tuple[str, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """The list that apply keeps, what of it is there, and the units that run or are enabled."""
    begin = quote(f"# BEGIN stook {want.site}")
    there = (
        f"while IFS=$(printf '\\t') read -r kind name word; do case $kind in "
        'file) if [ -e "$name" ] || [ -L "$name" ]; then printf \'file\\t%s\\n\' "$name"; fi ;; '
        f'block) if grep -Fqsx {begin} -- "$name"; then printf \'block\\t%s\\n\' "$name"; fi ;; '
        "account) printf 'account\\t%s\\t%s\\n' "
        '"$name" "$(getent shadow "$name" | cut -d: -f8,9)" ;; '
        f"esac; done <{EVERPUT} && echo end"
    )
    # asked for by name: a list of all takes a busy systemd longer than D-Bus waits
    units = (
        f"names=$(awk -F '\\t' '$1 == \"unit\" {{ print $2 }}' {EVERPUT} | sort -u) || exit\n"
        '[ -z "$names" ] || told=$(printf \'%s\\n\' "$names" | '
        "xargs -d '\\n' systemctl show -p Id -p ActiveState -p UnitFileState --) || exit\n"
        "printf '%s\\n\\nend\\n' \"$told\""
    )
    return {
        "list": Command(show_file(EVERPUT)),
        "there": Command(there),
        "units": Command(units, timeout=20),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Without the list nobody knows what was ever put there."""
    listed = file_text(outputs["list"], EVERPUT)
    if not listed or not listed.endswith("\n"):
        raise Unreadable(f"{EVERPUT} is not there: nothing says what earlier bundles have put here")
    words: dict[tuple[str, str], str] = {}
    for line in listed.splitlines():
        words[_three(line)[:2]] = _three(line)[2]
    put = [thing for thing, word in words.items() if word == "put"]
    there = set(_there(text(outputs["there"], "what of the list is there")))
    running = set(_running(outputs["units"]))
    return Seen(
        files=_beyond(put, "file", want.paths, {name for kind, name in there if kind == "file"}),
        blocks=_beyond(
            put, "block", want.blocks, {name for kind, name in there if kind == "block"}
        ),
        units=_beyond(put, "unit", want.units, running),
        accounts=_beyond(
            put, "account", want.accounts, {name for kind, name in there if kind == "account"}
        ),
        packages=_beyond(put, "package", want.packages),
    )


def _three(line: str) -> tuple[str, str, str]:
    fields = line.split("\t")
    if len(fields) != 3:
        raise Unreadable(f"{EVERPUT}: cannot read {line[:80]!r}")
    return fields[0], fields[1], fields[2]


def _there(printed: str) -> Iterator[tuple[str, str]]:
    """Kind and name of what is there; an account that is closed is not."""
    *lines, end = printed.splitlines() or [""]
    if end != "end":
        raise Unreadable(f"what of the list is there: cannot read {printed[-80:]!r}")
    for line in lines:
        kind, name, *expiry = line.split("\t") if "\t" in line else ("", "")
        if kind == "account":
            # shadow(5): the day on which it expires, and a field that has no use
            if expiry == [""] or expiry == [f"{CLOSED}:"]:
                continue
        elif kind not in ("file", "block") or expiry:
            raise Unreadable(f"what of the list is there: cannot read {line[:80]!r}")
        yield kind, name


def _running(output: Output) -> Iterator[str]:
    """What is not stopped, or will be started at the next boot."""
    *blocks, end = text(output, "systemctl show").strip().split("\n\n")
    if end != "end":
        raise Unreadable(f"systemctl show: cannot read {end[-80:]!r}")
    for block in filter(None, blocks):
        fields = dict(line.partition("=")[::2] for line in block.splitlines())
        if not {"Id", "ActiveState", "UnitFileState"} <= fields.keys():
            raise Unreadable(f"systemctl show: cannot read {block[:80]!r}")
        stopped = fields["ActiveState"] in ("inactive", "failed")
        if not stopped or fields["UnitFileState"].startswith("enabled"):
            yield fields["Id"]


def _beyond(
    put: list[tuple[str, str]], kind: str, wanted: tuple[str, ...], there: set[str] | None = None
) -> tuple[str, ...]:
    names = {name for of, name in put if of == kind} - set(wanted)
    return tuple(sorted(names if there is None else names & there))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A package that nobody asks for any more is no difference: others may have come to need it."""
    return (
        *extra("file", seen.files),
        *extra("block", seen.blocks),
        *extra("unit", seen.units),
        *extra("open account", seen.accounts),
    )
