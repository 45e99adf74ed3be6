r"""Labelled lines for each jail: what must count, under which address, and what must not.

Made from the layout alone, as the filter is; the first is the line that this was asked for with.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.claims import LogField, Watch
from generator.components.fail2ban.filters import Layout

AGENT = "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)"
ATTACKER, OTHER, SIX = "203.0.113.9", "198.51.100.7", "2001:db8::9"


@dataclass(frozen=True, slots=True)
class Sample:
    """A line, and the address that it counts against; "" where it must not count."""

    address: str
    line: str


def of_watch(layout: Layout, watch: Watch) -> tuple[Sample, ...]:
    """Lines for what a component's log is watched for."""
    path, method = watch.path, watch.method
    wanted = (f"{method} {path}", f"{method} /{path}?x=1")
    near = (f"GET {path}", f"{method} {path}.bak", f"{method} /index.php?{path}")
    return samples(layout, wanted, near)


def samples(
    layout: Layout, wanted: tuple[str, ...], unwanted: tuple[str, ...]
) -> tuple[Sample, ...]:
    """Lines with requests (method and path) that count, and with some that do not."""
    request = f"{wanted[0]} HTTP/1.0"
    attacks = [
        _Line(request),
        _Line(request, client=SIX),
        # a name that looks like an older date
        _Line(request, user="x [01/Jan/2000:00:00:00 +0000] y"),
        _Line(request, referer=rf"\x22 \x22-\x22 \x22{OTHER}\x22"),
        *(_Line(f"{other} HTTP/1.1") for other in wanted[1:]),
    ]
    if LogField.FORWARDED in layout:
        attacks += [_Line(request, before=f"{OTHER}, "), _Line(request, before=f"unknown, {SIX}, ")]
    harmless = [_Line(request, client="-"), *(_Line(f"{other} HTTP/1.1") for other in unwanted)]
    for other in unwanted[:1]:
        harmless += [
            _Line(f"{other} HTTP/1.1", agent=rf"\x22{request}\x22 200"),
            _Line(f"{other} HTTP/1.1", referer=f"http://www.example.com/ {request}"),
        ]
    return (
        *(Sample(line.client, line.written(layout)) for line in attacks),
        *(Sample("", line.written(layout)) for line in harmless),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    request: str
    client: str = ATTACKER
    before: str = ""
    user: str = "-"
    referer: str = "-"
    agent: str = AGENT

    def written(self, layout: Layout) -> str:
        values = {
            LogField.USER: self.user,
            LogField.TIME: "15/May/2016:11:55:14 +0000",
            LogField.REQUEST: self.request,
            LogField.STATUS: "200",
            LogField.BYTES: "370",
            LogField.REFERER: self.referer,
            LogField.AGENT: self.agent,
            LogField.CLIENT: self.client,
            LogField.FORWARDED: self.before + self.client,
        }
        return "".join(values[p] if isinstance(p, LogField) else p for p in layout)
