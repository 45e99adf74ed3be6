"""Writes the reference pages from the code they describe; none of them is committed."""

from __future__ import annotations

import importlib
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from generator.platforms import Platform

ROOT = Path(__file__).parents[1]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    pages = {
        "reference/spec.md": _spec,
        "reference/commands.md": _commands,
        "reference/findings.md": _findings,
        "reference/kinds.md": _kinds,
        "reference/faults.md": _faults,
        "reference/platforms.md": _platforms,
        "adr/index.md": _decisions,
    }
    for path, page in pages.items():
        files.append(File.generated(config, path, content="\n".join(page()) + "\n"))
    return files


def _spec() -> Iterator[str]:
    from generator.language.schema import schema

    found = schema()
    yield "# The spec: `site.yaml`\n"
    yield "One YAML file. Text is text: only `null`, `true`, `false` and plain decimal integers"
    yield "are anything else. A range `[A:B]` in a node's name, a selector or an address stands"
    yield "for several; the n-th name takes the n-th value. `stook schema` prints the JSON"
    yield "Schema.\n"
    yield "## Top level\n"
    yield from _keys(found, found)
    for name, part in sorted(found["$defs"].items()):
        yield f"\n## {name}\n"
        yield str(part.get("description", "")).split("\n\n")[0] + "\n"
        yield from _keys(part, found)


def _keys(part: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    yield "| key | type | meaning |\n|---|---|---|"
    needed = set(part.get("required", ()))
    for key, item in part.get("properties", {}).items():
        star = " (needed)" if key in needed else ""
        meaning = str(item.get("description", "")).split("\n\n")[0].replace("\n", " ")
        yield f"| `{key}`{star} | {_type(item)} | {meaning}{_default(item)} |"


def _type(item: dict[str, Any]) -> str:
    if "$ref" in item:
        name = item["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in item:
        return " or ".join(_type(o) for o in item["anyOf"] if o.get("type") != "null")
    if "enum" in item:
        return ", ".join(f"`{value}`" for value in item["enum"])
    if "const" in item:
        return f"`{item['const']}`"
    if item.get("type") == "array":
        return f"list of {_type(item.get('items', {}))}"
    if item.get("type") == "object":
        return f"mapping to {_type(item.get('additionalProperties', {}))}"
    if isinstance(item.get("type"), list):
        return "text"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    return words.get(str(item.get("type")), "value")


def _default(item: dict[str, Any]) -> str:
    value = item.get("default")
    return "" if value in (None, "", [], {}) else f" Default: `{value}`."


def _commands() -> Iterator[str]:
    from generator.commands.cli import main

    yield "# Commands\n"
    context = click.Context(main, info_name="stook")
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        yield from _command(command, f"stook {name}", 2)


def _command(command: click.Command, name: str, level: int) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    yield f"\n{'#' * level} {name}\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found:
                yield from _command(found, f"{name} {below}", level + 1)


def _findings() -> Iterator[str]:
    from generator.pipeline import rules

    yield "# Findings\n"
    yield "Every finding has one of these ids; `stook explain ID` says the same. An error stops"
    yield "the build; a finding can be accepted with a reason and a last day (`accept:`).\n"
    for rule in rules().values():
        yield f"\n## {rule.id}: {rule.title}\n\n*{rule.severity.value}.* {rule.why}\n"
        yield f"**Way out:** {rule.fix}.\n"
        if rule.source:
            yield f"Source: {rule.source}\n"


def _kinds() -> Iterator[str]:
    from verify.kinds import KINDS

    yield "# Kinds of checks\n"
    yield "An expectation's id is `NODE/KIND/SUBJECT`. Each kind is one module: what is wanted,"
    yield "the commands that are asked, how their output is read, and what it is judged by.\n"
    for name in sorted(KINDS):
        module = importlib.import_module(f"verify.kinds.{name}")
        yield f"\n## {name}\n\n{(module.__doc__ or '').strip()}\n"
        yield (module.Want.__doc__ or "").strip() + "\n"
        hints = typing.get_type_hints(module.Want)
        yield "Wanted: " + ", ".join(f"`{field}`" for field in hints) + ".\n"


def _faults() -> Iterator[str]:
    yield "# Faults, and what they turn red\n"
    yield "Each fault is injected into the healthy reference site that it is made for by a test;"
    yield "exactly the ids named here must turn red, exactly the blocked ones must be blocked, and"
    yield "after it is undone everything must be green again.\n"
    for path in sorted((ROOT / "verify/lab/faults").glob("*.yaml")):
        fault = yaml.safe_load(path.read_text("utf-8"))
        site = fault.get("site", "ha-wordpress")
        yield f"\n## {path.stem}\n\n{fault['title']} (`bundles/{site}`)\n"
        for word in ("red", "blocked"):
            for item in fault.get(word) or ():
                yield f"* {word}: `{item}`"


def _platforms() -> Iterator[str]:
    from generator import platforms

    yield "# Platforms\n"
    for name in platforms.names():
        found = platforms.load(name)
        yield f"\n## {name}\n\n`ID={found.os.id}`, `VERSION_ID={found.os.version}`\n"
        yield f"Firewall, where the spec names none: {found.firewall}\n"
        for title, rows in _tables(found):
            yield f"\n**{title}**\n"
            for key, value in rows.items():
                shown = ", ".join(value) if isinstance(value, list) else value
                yield f"* {key}: {shown}"
        yield "\n**Versions that facts were checked with**\n"
        yield from (f"* {key}: {value}" for key, value in found.versions.items())
        yield "\n**Listeners it brings**\n"
        for item in found.listeners:
            yield f"* {item.protocol} {item.first}: {item.source}"
        yield "\n**Quirks**\n"
        yield from (f"* {key}: {value}" for key, value in found.quirks.items())


def _tables(found: Platform) -> Iterator[tuple[str, Mapping[str, str | list[str]]]]:
    yield "Packages", found.packages
    yield "Units", found.units
    yield "Places", found.paths
    yield "Accounts", found.users
    yield "Groups", found.groups


def _decisions() -> Iterator[str]:
    yield "# Decisions\n"
    for path in sorted((ROOT / "docs/adr").glob("0*.md")):
        title = path.read_text("utf-8").splitlines()[0].removeprefix("# ")
        yield f"* [{title}]({path.name})"
