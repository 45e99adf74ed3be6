"""A file of controls as YAML: `catalogue: NAME`, `controls: {ID: {about: …, checks: [GLOB, …]}}`.

All texts are plain: `5.10` is an id and no number. Every mistake has its place, and all are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from verify.contract import Control
from verify.controls import Catalogue, Link
from verify.history.folder import content_of
from verify.kinds import KINDS
from verify.plain import ContractError

LARGEST = 1 << 20
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9().:_/-]{0,63}")
LONGEST_TEXT, MOST_MISTAKES = 200, 10
FOLDER = Path(__file__).parent
SUFFIX = ".yaml"


def shipped() -> dict[str, Path]:
    """The catalogues that come with Stook, by the name that they are called for with."""
    return {path.stem: path for path in sorted(FOLDER.glob(f"*{SUFFIX}"))}


def load(paths: Sequence[Path]) -> Catalogue:
    """The controls of some files, whose ids differ. Raises `ContractError` for all mistakes."""
    readers = [_Reader(shipped().get(str(path), path)) for path in paths]
    parts = [reader.catalogue() for reader in readers]
    controls = tuple(one for part in parts for one in part.controls)
    mistakes = [mistake for reader in readers for mistake in reader.mistakes]
    ids = [control.id for control in controls]
    twice = sorted({name for name in ids if ids.count(name) > 1}) if not mistakes else []
    mistakes += [f"control {name} is in two of the files" for name in twice]
    if mistakes:
        more = len(mistakes) - MOST_MISTAKES
        rest = [f"and {more} more"] if more > 0 else []
        raise ContractError("\n".join([*mistakes[:MOST_MISTAKES], *rest]))
    return Catalogue(controls, tuple(link for part in parts for link in part.links))


class _Reader:
    """One file, and what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mistakes: list[str] = []

    def catalogue(self) -> Catalogue:
        """What of it can be read."""
        node = self._parsed()
        if node is None:
            return Catalogue()
        top = self._keys(node, ("catalogue", "controls"), "the file")
        name = self._text(top["catalogue"]) if "catalogue" in top else ""
        if "controls" not in top:
            self._wrong(node, "has no `controls`: write `controls: {AC-17: {checks: [sshd]}}`")
            return Catalogue()
        entries = [*self._entries(top["controls"], "`controls`")]
        controls = (self._control(key, value, name) for key, value in entries)
        links = (link for key, value in entries for link in self._links(key.value, value))
        return Catalogue(tuple(controls), tuple(links))

    def _parsed(self) -> yaml.Node | None:
        try:
            text = content_of(self.path, LARGEST, "a file of controls").decode("utf-8")
            node = yaml.compose(text, Loader=yaml.BaseLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
            way = "; quote what begins with `*`" if "alias" in str(error) else ""
            self.mistakes.append(f"{self.path}{place}: no YAML: {error.problem}{way}")
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            self.mistakes.append(f"{self.path}: no YAML: {str(error).splitlines()[0]}")
        else:
            if node is None:
                self.mistakes.append(f"{self.path} is empty")
            return node
        return None

    def _control(self, key: yaml.ScalarNode, value: yaml.Node, catalogue: str) -> Control:
        if not ID.fullmatch(key.value):
            self._wrong(key, f"{key.value[:60]!r} is no id of a control: letters, digits, ().:_/-")
        parts = self._keys(value, ("about", "checks"), key.value[:60])
        if "checks" not in parts:
            self._wrong(key, f"{key.value[:60]} has no `checks`: name kinds, or globs of ids")
        about = self._text(parts["about"]) if "about" in parts else ""
        return Control(key.value, catalogue, about)

    def _links(self, control: str, value: yaml.Node) -> Iterator[Link]:
        checks = dict(self._pairs(value)).get("checks")
        if checks is None:
            return
        if not isinstance(checks, yaml.SequenceNode):
            self._wrong(checks, "`checks` is not a list of kinds and globs of ids")
            return
        for node in checks.value:
            glob = self._text(node)
            if not glob:
                self._wrong(node, "is no glob")
            elif "/" not in glob and not any(fnmatchcase(kind, glob) for kind in KINDS):
                near = get_close_matches(glob, KINDS, 1)
                way = f"did you mean `{near[0]}`?" if near else "a glob of ids has a `/`"
                self._wrong(node, f"`{glob}` is no kind of check: {way}")
            yield Link(control, glob, self._place(node))

    def _keys(self, node: yaml.Node, known: Sequence[str], what: str) -> dict[str, yaml.Node]:
        values = {}
        for key, value in self._entries(node, what):
            if key.value in known:
                values[key.value] = value
            else:
                self._wrong(key, f"{key.value[:60]!r} is no key of {what}: {', '.join(known)}")
        return values

    def _entries(self, node: yaml.Node, what: str) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, f"{what} is not a mapping")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._wrong(key, "a key is a text")
            elif key.value in seen:
                self._wrong(key, f"{key.value[:60]!r} is there twice")
            else:
                seen.add(key.value)
                yield key, value

    def _pairs(self, node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
        """The same without what was told already."""
        if isinstance(node, yaml.MappingNode):
            yield from ((k.value, v) for k, v in node.value if isinstance(k, yaml.ScalarNode))

    def _text(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self._wrong(node, "is not a text")
            return ""
        text = str(node.value)
        if len(text) > LONGEST_TEXT or not text.isprintable():
            self._wrong(node, f"is not one line of {LONGEST_TEXT} characters at most")
        return text

    def _place(self, node: yaml.Node) -> str:
        return f"{self.path}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"

    def _wrong(self, node: yaml.Node, text: str) -> None:
        self.mistakes.append(f"{self._place(node)}: {text}")
