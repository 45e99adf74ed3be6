"""What the gluster command answers with --xml, and asking it again while the cluster is busy."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

from generator.components.gluster.files.node import gluster

# Two nodes that ask at the same time get one of these, which only mean: again.
BUSY = ("Another transaction is in progress", "Locking failed")
# What it says of an option that it will never take, whoever is there (tried on 10.3 and 11.1).
NEVER = (
    *("does not exist", "is not a valid", "is not valid", "not a valid option", "valid boolean"),
    *("out of range", "invalid number format", "invalid time format", "invalid percent format"),
    *("is not an integer", "is not an absolute path", "smaller than minimum", "is invalid command"),
    *("is deprecated", "validation failed", "should be either", "available options are"),
)
_DOCUMENT = re.compile("<cliOutput>.*</cliOutput>", re.DOTALL)


@dataclass(frozen=True)
class Peer:
    """One line of a pool's peer table: `state` 3 is a member, 6 a rejected one."""

    uuid: str
    names: tuple[str, ...]
    connected: bool
    state: str


@dataclass(frozen=True)
class Answer:
    """What gluster printed: with --xml it exits 0 whatever happens, so `opRet` tells."""

    text: str
    document: ElementTree.Element | None

    def leaves(self, tag: str) -> list[str]:
        """The text of every such element, in order."""
        if self.document is None:
            return []
        return [element.text or "" for element in self.document.iter(tag)]

    def leaf(self, tag: str) -> str:
        """The text of the first such element, or an empty one."""
        return (self.leaves(tag) or [""])[0]

    @property
    def ok(self) -> bool:
        return self.leaf("opRet") == "0"

    @property
    def error(self) -> str:
        """Why not, on one line: there is an error for each node, on lines of their own."""
        message = self.leaf("opErrstr").replace("\n", " ")
        return message or self.leaf("output").split("\n")[0] or self.text.split("\n")[0]

    @property
    def busy(self) -> bool:
        return any(words in self.error for words in BUSY)

    @property
    def final(self) -> bool:
        """Whether an option that was refused will be refused again."""
        return not self.ok and any(words in self.error.lower() for words in NEVER)

    @property
    def peers(self) -> list[Peer]:
        """Of `peer status`."""
        if self.document is None:
            return []
        return [
            Peer(
                uuid=peer.findtext("uuid", ""),
                names=tuple(name.text or "" for name in peer.iter("hostname")),
                connected=peer.findtext("connected") == "1",
                state=peer.findtext("state", ""),
            )
            for peer in self.document.iter("peer")
        ]

    @property
    def bricks(self) -> list[str]:
        """Of `volume info`: NODE:PATH, in the order of its creation."""
        if self.document is None:
            return []
        return [brick.findtext("name", "") for brick in self.document.iter("brick")]

    @property
    def options(self) -> dict[str, str]:
        """Of `volume info`: those that are set."""
        if self.document is None:
            return {}
        return {
            option.findtext("name", ""): option.findtext("value", "")
            for option in self.document.iter("option")
        }

    @property
    def offline(self) -> list[str]:
        """Of `volume status`: NODE:PATH of bricks that are not online.

        Other daemons are in there too, with a host's name for a path.
        """
        if self.document is None:
            return []
        return [
            f"{node.findtext('hostname', '')}:{node.findtext('path', '')}"
            for node in self.document.iter("node")
            if node.findtext("path", "").startswith("/") and node.findtext("status") != "1"
        ]


def parse_answer(text: str) -> Answer:
    """The document in what gluster printed; without glusterd there is none."""
    document = _DOCUMENT.search(text)
    try:
        return Answer(text, ElementTree.fromstring(document.group()) if document else None)
    except ElementTree.ParseError:
        return Answer(text, None)


def ask(*words: str, limit: int = 130, tries: int = 10) -> Answer:
    """Ask gluster, and again while all it says is that the cluster is busy."""
    for left in range(tries, 0, -1):
        answer = parse_answer(gluster(limit, *words, "--xml").text)
        if answer.ok or not answer.busy or left == 1:
            break
        time.sleep(2)
    return answer


def values_of(volume: str, keys: Iterable[str]) -> dict[str, str]:
    """The values of those options that are set, of the whole cluster for `all`."""
    if volume != "all":
        answer = ask("volume", "info", volume)
        return answer.options if answer.ok else {}
    answers = {key: ask("volume", "get", "all", key) for key in keys}
    return {key: answer.leaf("Value") for key, answer in answers.items() if answer.ok}
