"""Settings of PHP, and of its pools."""

from __future__ import annotations

from generator.formats import Format, Unwritable


def quote(value: str) -> str:
    """A value of php.ini(5) in double quotes; `$` and backslashes mean something in there."""
    if any(character in value for character in '"$\\') or not value.isprintable():
        raise Unwritable(f"{value!r} cannot stand in php.ini")
    return f'"{value}"'


def read(content: bytes) -> None:
    """Settings of PHP, and of its pools: one `name = value` a line. Raises ValueError."""
    import configparser

    parser = configparser.ConfigParser(interpolation=None, delimiters="=", strict=True)
    text = content.decode("utf-8")
    try:
        parser.read_string(text if "\n[" in text else f"[php]\n{text}")
    except configparser.Error as error:
        raise ValueError(str(error)) from None
    for section in parser.values():
        for name, value in section.items():
            if value.count('"') not in (0, 2) or "\n" in value:
                raise ValueError(f"{name} has the value {value!r}")


FORMAT = Format(read, quote=quote)
