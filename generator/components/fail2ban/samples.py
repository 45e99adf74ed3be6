r"""Labelled lines for each jail: what must count, under which address, and what must not.

Made from the layout alone, as the filter is; the first is the line that this was asked for with.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.claims import LogField, Watch
from generator.components.fail2ban import filters
from generator.components.fail2ban.filters import Layout

AGENT = "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)"
HEAD = "node1 shop[4242]: "
ATTACKER, OTHER, SIX = "203.0.113.9", "198.51.100.7", "2001:db8::9"


@dataclass(frozen=True, slots=True)
class Sample:
    """A line, and the address that it counts against; "" where it must not count."""

    address: str
    line: str


def of_watch(layout: Layout, watch: Watch) -> tuple[Sample, ...]:
    """Lines for what a component's log is watched for."""
    path, method = watch.path, watch.method
    wanted = (
        f"{method} {path}",
        f"{method} /{path}?x=1",
        f"{method} HTTPS://www.example.com{path}",
        f"{method} http://x/{path}?x=1",
    )
    near = (
        f"GET {path}",
        f"{method} {path}.bak",
        f"{method} /index.php?{path}",
        f"{method} https://www.example.com/x{path}",
        f"{method} /x://h{path}",
    )
    return samples(layout, wanted, near, watch.statuses)


def samples(
    layout: Layout,
    wanted: tuple[str, ...],
    unwanted: tuple[str, ...],
    statuses: tuple[str, ...] = (),
) -> tuple[Sample, ...]:
    """Lines with requests (method and path) that count, and with some that do not.

    Where there are none of the first, any request counts, and so does what is none.
    `statuses` are those that count; any where there are none.
    """
    counts, another = _answers(statuses)
    request = f"{wanted[0] if wanted else 'GET /'} HTTP/1.0"
    attacks = [
        _Line(request),
        _Line(request, client=SIX),
        # a name that looks like an older date
        _Line(request, user="x [01/Jan/2000:00:00:00 +0000] y"),
        _Line(request, referer=rf"\x22 \x22-\x22 \x22{OTHER}\x22"),
        *(_Line(f"{other} HTTP/1.1") for other in wanted[1:]),
    ]
    if not wanted:
        attacks += [_Line("POST /a?b HTTP/2.0"), _Line(r"\x16\x03\x01"), _Line("")]
    if LogField.FORWARDED in layout:
        attacks += [_Line(request, before=f"{OTHER}, "), _Line(request, before=f"unknown, {SIX}, ")]
    harmless = [_Line(request, client="-"), *(_Line(f"{other} HTTP/1.1") for other in unwanted)]
    for other in unwanted[:1]:
        harmless += [
            _Line(f"{other} HTTP/1.1", agent=rf"\x22{request}\x22 200"),
            _Line(f"{other} HTTP/1.1", referer=f"http://www.example.com/ {request}"),
        ]
    others = [_Line(request).written(layout, another)] if another else []
    return (
        *(Sample(line.client, line.written(layout, counts)) for line in attacks),
        *(Sample("", line.written(layout, counts)) for line in harmless),
        *(Sample("", line) for line in others),
    )


def messages(
    layout: Layout, wanted: tuple[str, ...], statuses: tuple[str, ...] = ()
) -> tuple[Sample, ...]:
    """Messages of the journal as fail2ban reads them, without their date."""
    if LogField.REQUEST in layout:
        made = samples(layout, wanted, (), statuses)
    else:
        made = _without_request(layout, statuses)
    return tuple(Sample(one.address, f"{HEAD}{one.line}") for one in made)


def _without_request(layout: Layout, statuses: tuple[str, ...]) -> tuple[Sample, ...]:
    counts, another = _answers(statuses)
    attacks = [_Line(""), _Line("", client=SIX)]
    if LogField.FORWARDED in layout:
        attacks.append(_Line("", before=f"{OTHER}, "))
    whole = _Line("").written(layout, counts)
    harmless = [_Line("", client="-").written(layout, counts), f"x{whole}", f"{whole}x"]
    if another:
        harmless.append(_Line("").written(layout, another))
    return (
        *(Sample(line.client, line.written(layout, counts)) for line in attacks),
        *(Sample("", line) for line in harmless),
    )


def _answers(statuses: tuple[str, ...]) -> tuple[str, str]:
    """A status that counts, 200 where it does, and one that does not ("" where all do)."""
    every = [f"{number}" for number in (200, *range(100, 600))]
    counting = [status for status in every if filters.counts(statuses, status)]
    another = next((status for status in every if status not in counting), "")
    # a redirect is what people get who are right
    return counting[0], "302" if another and "302" not in counting else another


@dataclass(frozen=True, slots=True)
class _Line:
    request: str
    client: str = ATTACKER
    before: str = ""
    user: str = "-"
    referer: str = "-"
    agent: str = AGENT

    def written(self, layout: Layout, status: str) -> str:
        values = {
            LogField.USER: self.user,
            LogField.TIME: "15/May/2016:11:55:14 +0000",
            LogField.REQUEST: self.request,
            LogField.STATUS: status,
            LogField.BYTES: "370",
            LogField.REFERER: self.referer,
            LogField.AGENT: self.agent,
            LogField.CLIENT: self.client,
            LogField.FORWARDED: self.before + self.client,
        }
        return "".join(values[p] if isinstance(p, LogField) else p for p in layout)
