"""YAML: mappings, one document or several."""

from __future__ import annotations

import yaml

from generator.formats import Format
from generator.formats.text import decoded

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # a PyYAML built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]


def read(content: bytes) -> None:
    """Every document is a mapping. Raises ValueError."""
    try:
        documents = list(yaml.load_all(decoded(content), Loader=Loader))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
    for one in documents:
        if one is not None and not isinstance(one, dict):
            raise ValueError(f"a mapping was meant, {type(one).__name__} was written")


FORMAT = Format(read)
