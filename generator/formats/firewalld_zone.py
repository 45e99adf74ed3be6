"""firewalld.zone(5)."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from generator.formats import Format
from generator.formats.firewalld_conf import VALIDATOR


def read(content: bytes) -> None:
    """XML with a zone in it. Raises ValueError."""
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    if root.tag != "zone":
        raise ValueError(f"a zone was meant, <{root.tag}> was written")


FORMAT = Format(read, VALIDATOR)
