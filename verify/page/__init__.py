"""What all pages have in common: the frame with its policy, the style, how text becomes markup.

A page needs nothing else and runs nothing: its own policy forbids scripts, pictures, forms and
whatever would be loaded from elsewhere. All that is put in is escaped.
Source: https://www.w3.org/TR/CSP3/, "style-src" by hash.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from verify.report import printable

HERE = Path(__file__).parent


def written(folder: Path, template: str, style: str = "", **values: object) -> str:
    """A page, from a template of a folder that extends `frame.html.j2`.

    `style` follows what all pages share.
    """
    text = _shared_style() + style
    page = environment(folder).get_template(template)
    return page.render(values, style=Markup(text), digest=_digest(text))


@cache
def environment(folder: Path) -> Environment:
    """Where the templates of a folder are filled: strictly, and each value is escaped."""
    return Environment(
        loader=FileSystemLoader([folder, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # of all that is put in, wherever it comes from; escaping follows
        finalize=lambda value: value if isinstance(value, Markup) else lines(str(value)),
    )


def lines(text: str) -> str:
    """A text without control characters; lines stay lines."""
    return text if text.isprintable() else "\n".join(map(printable, text.split("\n")))


@cache
def _shared_style() -> str:
    return (HERE / "style.css").read_text("utf-8")


@cache
def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
