"""What a shell script defines and calls, read off its text, and its parts run alone."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.pace import limit

NODE = Path(__file__).parents[2] / "generator" / "rendering" / "node"
SHELLS = {"dash": ("dash",), "busybox": ("busybox", "sh")}


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


_RESERVED = words("if then else elif fi do done while until for case in esac { } !")
_BUILTIN = words(
    ": . break cd command continue echo eval exec exit export false printf pwd read return set "
    "shift test trap true type umask unset wait"
)
_DEFINED = re.compile(r"^(\w+)\(\) ", re.MULTILINE)
_DECLARED = re.compile(r"^# calls: (.+)$", re.MULTILINE)
_NAMED = re.compile(r'\b(?:(?:each|gone) \S+|in_place "") (\w+)')
_TRAPPED = re.compile(r"\btrap '(\w+)")


@dataclass(frozen=True)
class Text:
    """A part or a script: its own functions, those it declares, and the commands it calls."""

    text: str

    @property
    def defined(self) -> frozenset[str]:
        return frozenset(_DEFINED.findall(self.text))

    @property
    def declared(self) -> frozenset[str]:
        return frozenset(" ".join(_DECLARED.findall(self.text)).split())

    @property
    def calls(self) -> frozenset[str]:
        code = _code(self.text)
        named = {*_NAMED.findall(code), *_TRAPPED.findall(self.text)}
        return frozenset(named | set(_commands(code))) - _BUILTIN


def _code(text: str, at: int = 0) -> str:
    """The text without comments and without what stands in quotes, but with `$(…)` in quotes."""
    out, quote, depth = [], "", []
    while at < len(text):
        char, pair = text[at], text[at : at + 2]
        if quote == "'":
            quote = "" if char == "'" else quote
        elif char == "\\":
            at += 1
        elif text[at : at + 3] == "$((":
            at = text.index("))", at) + 1
        elif pair == "$(":
            depth.append(quote)
            quote, at = "", at + 1
            out.append(" $(")
        elif char == '"':
            quote = "" if quote else '"'
            out.append('"')
        elif quote == '"':
            pass
        elif char == ")" and depth:
            quote = depth.pop()
            out.append(")")
        elif char == "'":
            quote = "'"
            out.append("''")
        elif char == "#" and (at == 0 or text[at - 1] in " \n"):
            at = text.index("\n", at) - 1
        else:
            out.append(char)
        at += 1
    return "".join(out)


def _commands(code: str) -> list[str]:
    """The first word of every simple command."""
    code = re.sub(r"\d*[<>]&[\d-]+", " ", code)
    code = re.sub(r"(?:\bin\b|;;)\s+[^();\n]*\)", " ;; ", code)
    code = _DEFINED.sub("", code)
    found = []
    for piece in re.split(r"[\n;&|()]+", code):
        words = piece.split()
        if words[:1] in (["for"], ["case"]):
            continue
        while words and (words[0] in _RESERVED or re.match(r"\w+=", words[0])):
            words.pop(0)
        if words and re.fullmatch(r"[A-Za-z_][\w.-]*", words[0]):
            found.append(words[0])
    return found


def run(
    shell: str, *parts: str, then: str = "", given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Source parts of `rendering/node` with nothing else, after `given`; then do something.

    The script believes that it is `apply.sh`.
    """
    sourced = "".join(f". {NODE / part}\n" for part in parts)
    script = f"set -eu\nLC_ALL=C\nexport LC_ALL\n{given}\n{sourced}{then}\n"
    command = [*SHELLS[shell], "-c", script, str(NODE / "apply.sh")]
    return subprocess.run(command, capture_output=True, text=True, timeout=limit(30), check=False)
