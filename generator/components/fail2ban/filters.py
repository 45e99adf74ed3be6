r"""From the layout of a log to the expressions that read it; nothing else knows the lines.

A server that logs writes a quote inside a field as `\x22`, so a field ends at the next quote and
no pattern here can leave the field that it stands for. Of a forwarded list only the last element
is our own proxy's word; all before it is the client's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from generator.claims import LogField, Watch
from generator.formats.fail2ban import ended, regex

Layout = tuple[str | LogField, ...]

_UNQUOTED = '[^"]*'
_FIELDS = {
    # a name in basic authentication may hold blanks and brackets, and anybody can send one
    LogField.USER: _UNQUOTED,
    LogField.BYTES: r"(?:\d+|-)",
    LogField.REFERER: _UNQUOTED,
    LogField.AGENT: _UNQUOTED,
    LogField.CLIENT: "{host}",
    LogField.FORWARDED: '(?:[^"]*, ?)?{host}',
}
_DATE = "%d/%b/%Y:%H:%M:%S %z"
_DATE_SHAPE = r"\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}"
_VERSION = r" HTTP/[0-9.]+"
_STATUS = r"\d{3}"
_ABSOLUTE = r'(?:[A-Za-z][A-Za-z0-9+.-]*://[^/" ]*)?'


# A whole word: `$time_local` is another daemon's name for a field, and no `$time` with text behind.
FIELD = re.compile(r"\$([^\W\d]\w*)")

# What fail2ban puts before a message of the journal (1.0.2, server/filtersystemd.py): host, and a
# name with the number of the process. The kernel says the number, the unit's own process the name.
_HEAD = r"\S+ \S+\[\d+\]: "


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as fail2ban has it in effect: `<ADDR>` is the place of the address.

    `datepattern` is empty where the journal is read: its own clock counts there.
    """

    failregex: str
    datepattern: str


def watched(watch: Watch) -> str:
    """The expression for method and path of a request, with or without a query.

    A target with scheme and host is one of the same path (RFC 9112, 3.2.2); the web server refuses
    it, and it counts.
    """
    path = regex(watch.path.lstrip("/"))
    return rf'{regex(watch.method)} {_ABSOLUTE}/+{path}(?:\?[^" ]*)?'


def statuses(wanted: Iterable[str]) -> str:
    """The expression for these statuses, `200` or `4xx`; for any where there are none."""
    every = "|".join(one.replace("x", r"\d") for one in wanted)
    return f"(?:{every})" if every else _STATUS


def counts(wanted: Iterable[str], status: str) -> bool:
    """Whether a status is one of those, `200` or `4xx`; any is where there are none."""
    return re.fullmatch(statuses(wanted), status) is not None


def build(layout: Layout, request: str, answered: Iterable[str] = ()) -> Filter:
    """The filter for requests of one kind, or for any (""), answered by one of some statuses.

    fail2ban cuts the date out before it matches, and what is around it stays.
    """
    status = statuses(answered)
    regex = "".join(_piece(part, request, "<ADDR>", "", status=status) for part in layout)
    place = layout.index(LogField.TIME)
    # a percent sign begins a part of a date there
    around = [_piece(part, request, r"\S+", "").replace("%", "%%") for part in layout]
    before, after = "".join(around[:place]), "".join(around[place + 1 : place + 2])
    return Filter(f"^{regex}$", ended(f"^{before}({_DATE}){after}"))


def of_messages(layout: Layout, request: str, answered: Iterable[str] = ()) -> Filter:
    """The filter for messages in the journal; a time that stands in one is not cut out."""
    status = statuses(answered)
    pieces = (_piece(part, request, "<ADDR>", _DATE_SHAPE, status=status) for part in layout)
    return Filter(f"^{_HEAD}{''.join(pieces)}$", "")


def line_pattern(layout: Layout) -> str:
    """Python's expression for any line of a log, with groups `time` and `client`."""
    date, host = f"(?P<time>{_DATE_SHAPE})", r'(?P<client>[^" ,]+)'
    return f"^{''.join(_piece(part, _UNQUOTED, host, date, '') for part in layout)}$"


def _piece(
    part: str | LogField,
    request: str,
    host: str,
    date: str,
    version: str = _VERSION,
    status: str = _STATUS,
) -> str:
    if part is LogField.TIME:
        return date
    if part is LogField.STATUS:
        return status
    if part is LogField.REQUEST:
        # what is no request at all is answered, too
        return f"(?:{request}){version}" if request else _UNQUOTED
    if isinstance(part, LogField):
        return _FIELDS[part].replace("{host}", host)
    return regex(part)


def parse(text: str) -> Layout:
    """The layout that a spec's `format` writes out. Raises ValueError on an unknown field."""
    parts: list[str | LogField] = []
    for index, piece in enumerate(FIELD.split(text)):
        if index % 2:
            parts.append(LogField(piece))
        elif piece:
            parts.append(piece)
    return tuple(parts)
