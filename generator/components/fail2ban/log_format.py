"""What can be wrong with the `format` of a log or a journal of one's own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from generator.claims import LogField
from generator.components.fail2ban import filters
from generator.components.fail2ban.filters import Layout
from generator.components.fail2ban.model import Watched
from generator.language.findings import Finding, Path, Rule

NO_CLIENT = Rule(
    "F02",
    "a log format without exactly one client",
    "Without the client's address nobody can be banned, and with two of them the wrong one; "
    "behind a proxy the address in front is the proxy's own.",
    "write `$client` where the server puts an address that it vouches for, or `$forwarded`",
    source="wp-fail2ban-redux#14",
)
UNQUOTED = Rule(
    "F03",
    "a field of the client's without quotes around it",
    "What a client writes ends where the log's format says so. Without quotes it says where "
    "the field ends, and names another one as the attacker.",
    "put quotes around `$request`, `$referer`, `$agent` and `$forwarded` in the log",
    source="gitea#16446; CVE-2013-2178",
)
FORMAT = Rule(
    "F103",
    "a log format that cannot be read",
    "A filter is made from the format; without the time and the request there is nothing to "
    "look for, and two fields without text between them cannot be told apart.",
    "write the format as the server has it, with fields such as `$time` and `$request`",
)
RULES = (NO_CLIENT, UNQUOTED, FORMAT)

CLIENTS = (LogField.CLIENT, LogField.FORWARDED)
WRITTEN_BY_CLIENTS = (
    LogField.REQUEST,
    LogField.REFERER,
    LogField.AGENT,
    LogField.FORWARDED,
)


def check(watch: Watched, path: Path) -> Iterator[Finding]:
    """Everything about the `format` of a watch; `path` is the watch's."""
    text = watch.format or ""
    if watch.statuses and LogField.STATUS not in filters.FIELD.findall(text):
        yield FORMAT.at((*path, "statuses"), "no line shows its status: it needs `$status`")
    yield from _layout(text, watch, (*path, "format"))


def _layout(text: str, watch: Watched, path: Path) -> Iterator[Finding]:
    try:
        layout = filters.parse(text)
    except ValueError:
        names = [name for name in filters.FIELD.findall(text) if name not in list(LogField)]
        known = ", ".join(f"`${field}`" for field in LogField)
        message = f"`${names[0]}` is no field; there are {known}"
        yield FORMAT.at(path, message, "write the line as it is, with one of these for each value")
        return
    fields = [field for field in layout if isinstance(field, LogField)]
    if sum(fields.count(field) for field in CLIENTS) != 1:
        yield NO_CLIENT.at(path, "it needs `$client` or `$forwarded`, once")
    yield from _once(fields, watch, path)
    yield from _readable(layout, fields, path)


def _once(fields: list[LogField], watch: Watched, path: Path) -> Iterator[Finding]:
    """A message of the journal has its time beside it, and need not be of a request."""
    if not watch.journal and fields.count(LogField.TIME) != 1:
        yield FORMAT.at(path, "it needs `$time`, once")
    if (watch.request or not watch.journal) and fields.count(LogField.REQUEST) != 1:
        yield FORMAT.at(path, "it needs `$request`, once")
    if not (watch.request or watch.statuses) and LogField.REQUEST in fields:
        yield FORMAT.at(path, "it has a `$request`, and the watch no `request` that counts")


def _readable(layout: Layout, fields: list[LogField], path: Path) -> Iterator[Finding]:
    beside = itertools.pairwise(layout)
    if any(isinstance(a, LogField) and isinstance(b, LogField) for a, b in beside):
        yield FORMAT.at(path, "two fields have no text between them")
    for index, piece in enumerate(layout):
        before = layout[index - 1] if index else ""
        after = layout[index + 1] if index + 1 < len(layout) else ""
        if piece in WRITTEN_BY_CLIENTS and not (before[-1:] == after[:1] == '"'):
            yield UNQUOTED.at(path, f"`${piece}` has no quotes around it")
    if fields.count(LogField.USER) > 1:
        yield UNQUOTED.at(path, "`$user` is there twice: the first one can say where both end")
