"""A strict reader of the text format that node_exporter's textfile collector takes.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/, "Text-based format".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
HELP = re.compile(rf"# HELP ({NAME}) ((?:[^\\]|\\\\|\\n)*)")
TYPE = re.compile(rf"# TYPE ({NAME}) gauge")
SAMPLE = re.compile(rf"({NAME})\{{(.*)\}} (-?[0-9]+(?:\.[0-9]+)?)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)')
MEANT = {r"\\": "\\", r"\"": '"', r"\n": "\n"}

Labels = frozenset[tuple[str, str]]


@dataclass
class Family:
    """A metric with the value of each of its series."""

    meaning: str
    series: dict[Labels, float] = field(default_factory=dict)

    def value(self, **labels: str) -> float:
        """The value of the one series that has these labels, among others."""
        (found,) = (v for key, v in self.series.items() if labels.items() <= dict(key).items())
        return found


def read(text: str) -> dict[str, Family]:
    """Every metric by its name; AssertionError where the format does not allow what stands there.

    Timestamps are refused, as node_exporter refuses them.
    """
    assert text.endswith("\n") and "\r" not in text
    families: dict[str, Family] = {}
    lines = iter(text.removesuffix("\n").split("\n"))
    for line in lines:
        if heading := HELP.fullmatch(line):
            name = heading[1]
            assert name not in families, f"{name} comes twice"
            families[name] = Family(heading[2])
            typed = TYPE.fullmatch(next(lines))
            assert typed and typed[1] == name, line
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample and sample[1] == name, line
        labels = list(_labels(sample[2]))
        assert len(dict(labels)) == len(labels), line
        key = frozenset(labels)
        assert key not in families[name].series, f"a series twice: {line}"
        families[name].series[key] = float(sample[3])
    return families


def _labels(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        found = LABEL.match(text, at)
        assert found, text[at:]
        yield found[1], re.sub(r'\\[\\"n]', lambda escape: MEANT[escape[0]], found[2])
        at = found.end()
        assert not (found[3] and at == len(text)), "ends in a comma"
