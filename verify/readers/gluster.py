"""What the gluster command says with `--xml`.

Its exit code is 0 even on failure, so `opRet` is what counts. Without glusterd there is no XML.
"""

from __future__ import annotations

from xml.etree import ElementTree

from verify.contract import Command, Output, Unreadable
from verify.readers import shell
from verify.readers.answers import first_line, text

BUSY = ("Another transaction is in progress", "Locking failed")
"""What gluster says when another command holds the cluster's lock: ask again."""

NO_VOLUME = 30806
NOT_STARTED = 30800


class Refused(Exception):  # noqa: N818 - gluster understood the question and said no
    """An answer with `opRet` other than 0."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


def locked(*words: str, timeout: int) -> Command:
    """A question that takes the cluster's lock: asked on one node, again while it is taken."""
    return Command(shell.gluster(*words), "cluster", timeout, retry_on=BUSY)


def read(output: Output, asked: str) -> ElementTree.Element:
    """The root of the answer. Raises `Refused` when gluster says no, `Unreadable` for no answer."""
    printed = text(output, asked)
    try:
        root = ElementTree.fromstring(printed)
    except ElementTree.ParseError:
        raise Unreadable(f"{asked}: not XML ({first_line(output)})") from None
    if root.tag != "cliOutput" or root.find("opRet") is None:
        raise Unreadable(f"{asked}: not an answer of gluster ({first_line(output)})")
    if field(root, "opRet") != "0":
        raise Refused(number(root, "opErrno"), field(root, "opErrstr") or "it gave no reason")
    return root


def answer(output: Output, asked: str) -> ElementTree.Element:
    """As `read`, where a refusal answers nothing either."""
    try:
        return read(output, asked)
    except Refused as refusal:
        raise Unreadable(f"{asked}: {refusal}") from None


def field(element: ElementTree.Element, path: str) -> str:
    """The text of a child; raises `Unreadable` when it is not there."""
    child = element.find(path)
    if child is None:
        raise Unreadable(f"gluster: no <{path}> in <{element.tag}>")
    return (child.text or "").strip()


def number(element: ElementTree.Element, path: str) -> int:
    """The whole number in a child; raises `Unreadable` when it is none."""
    value = field(element, path)
    if not value.lstrip("-").isdigit():
        raise Unreadable(f"gluster: <{path}> is {value!r}, not a number")
    return int(value)
