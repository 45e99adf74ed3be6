"""The contract's values as JSON files, and those of a stored bundle read again.

Needs nothing but the standard library, as the contract itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from verify.contract import CONTRACT, Manifest, Report, Site
from verify.forms import Label
from verify.plain import ContractError, read, typed

# The last one is read for one release, so that bundles can be built again after an upgrade.
READABLE = frozenset({CONTRACT - 1, CONTRACT})
NEW = frozenset({"accepted", "external", "os", "secrets"})
"""What a manifest and a site.json of contract 1 do not have."""


def dump(value: Manifest | Site | Report) -> bytes:
    """The one JSON form of a contract value: sorted keys, and a line for each item.

    One expectation, file or verdict per line reads well in a diff, and costs a fifth of what
    indenting everything does.
    """
    lines = [
        f"{compact(name)}: {_items(getattr(value, name))}"
        for name in sorted(f.name for f in fields(value))
    ]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    # half of a pair of UTF-16, which a node may print: JSON has an escape for it, UTF-8 has nothing
    return text.encode("utf-8", "backslashreplace")


def _items(value: Any) -> str:
    if isinstance(value, Mapping) and value:
        rows = (f" {compact(str(key))}: {compact(value[key])}" for key in sorted(value))
        return "{\n" + ",\n".join(rows) + "\n}"
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(f" {compact(item)}" for item in value) + "\n]"
    return compact(value)


def compact(value: Any) -> str:
    """One line of JSON with sorted keys; what a node printed is in it as it came."""
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {name: getattr(value, name) for name in _names(value.__class__)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


@cache
def _names(form: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(form))


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_plain)


def resolve(want: Any, lists: Mapping[str, Any]) -> Any:
    """Replace every `{"$list": NAME}` in a want by the shared list of that name in site.json."""
    if isinstance(want, Mapping):
        if set(want) == {"$list"}:
            name = want["$list"]
            if not isinstance(name, str) or name not in lists:
                raise ContractError(f"site.json has no list '{name}': build the bundle again")
            return lists[name]
        return {key: resolve(value, lists) for key, value in want.items()}
    if isinstance(want, list | tuple):
        return [resolve(value, lists) for value in want]
    return want


def load_manifest(path: Path) -> Manifest:
    """Read a `manifest.json`. Raises `ContractError` when it is absent, broken or too new."""
    data = _load(path, Manifest)
    if data["contract"] == 1:
        identity, _, version = str(data["platform"]).rpartition("-")
        data["os"] = {"id": identity, "version": version}
    manifest = read(Manifest, data, str(path))
    _check_ids(manifest, path)
    return manifest


def _check_ids(manifest: Manifest, path: Path) -> None:
    """Verdicts go by id: one that is there twice, or in two nodes, would hide another."""
    seen: set[str] = set()
    for one in manifest.expectations:
        name = f"{path}: {one.id[:60]!r}"
        if one.id.count("/") < 2:
            raise ContractError(f"{name} is no id of a check: NODE/KIND/SUBJECT")
        if one.node != manifest.node:
            raise ContractError(f"{name} is a check of {one.node[:60]}; build the bundle again")
        if one.id in seen:
            raise ContractError(f"{name} is the id of two checks; build the bundle again")
        seen.add(one.id)


def load_site(path: Path) -> Site:
    """Read a `site.json`. Raises `ContractError` when it is absent, broken or too new."""
    data = _load(path, Site)
    if data["contract"] == 1 and isinstance(data["facts"], dict):
        data["accepted"] = data["facts"].get("accept", ())
        data["external"] = list(_external(data["facts"]))
    site = read(Site, data, str(path))
    for name in site.nodes:
        typed(Label, name, f"{path}: a name of a node")
    for where, form, text in _texts(site, str(path)):
        try:
            form(text)
        except ValueError:
            raise ContractError(f"{where}: {text[:60]!r}; build the bundle again") from None
    return site


def load_reports(path: Path) -> tuple[Report, ...]:
    """The sites of a report that `stook verify --format json` has written, as they were.

    Raises `ContractError` when it is absent, broken or of another contract.
    """
    return read_reports(_bytes(path, "is this a report?"), str(path))


def read_reports(content: bytes, where: str) -> tuple[Report, ...]:
    """The same of bytes that came from somewhere."""
    data = _decoded(content, where, "write it again")
    version, sites = data.get("contract"), data.get("sites")
    if version != CONTRACT or type(version) is not int:
        raise ContractError(f"{where}: contract {version!r}, this version reads {CONTRACT}")
    if not isinstance(sites, list):
        raise ContractError(f"{where} has no sites; is this a report?")
    return tuple(read(Report, one, f"{where}.sites[{i}]") for i, one in enumerate(sites))


def _texts(site: Site, path: str) -> Iterator[tuple[str, Callable[[str], object], str]]:
    """Texts that something has to be read from: where each is, how it is read, and the text."""
    for name, node in site.nodes.items():
        where = f"{path}.nodes.{name}.addresses"
        addresses = typed(Mapping[str, str], node.get("addresses"), where)
        yield from ((f"{where} has no address", ip_address, text) for text in addresses.values())
        if not addresses:
            raise ContractError(f"{where} is empty; build the bundle again")
    facts = f"{path}.facts.admitted"
    admitted = typed(tuple[str, ...], site.facts.get("admitted", ()), facts)
    listed = {f"{path}.networks.{name}": texts for name, texts in site.networks.items()}
    for where, texts in (listed | {facts: admitted}).items():
        yield from ((f"{where} has no network", ip_network, text) for text in texts)
    for item in site.accepted:
        yield f"{path}.accepted has no day", date.fromisoformat, item.until


def _external(facts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """External services as contract 1 had them, among the facts."""
    if hosts := facts.get("time_servers"):
        yield {"name": "time", "service": "ntp", "hosts": hosts, "port": 123}
    web = facts.get("web")
    if isinstance(web, Mapping) and isinstance(web.get("database"), Mapping):
        settings = dict(web["database"])
        settings["tls"] = "on" if settings.get("tls") in (True, "on") else "off"
        service = {"hosts": [settings.pop("host", None)], "port": settings.pop("port", None)}
        yield {"name": "web.database", "service": "mysql", "settings": settings} | service


def _load(path: Path, form: type[Manifest] | type[Site]) -> dict[str, Any]:
    content = _bytes(path, "is this a built site folder?")
    data = _decoded(content, str(path), "build the bundle again")
    version = data.get("contract")
    if type(version) is not int or version not in READABLE:
        raise ContractError(
            f"{path}: contract {version!r}, this version reads {sorted(READABLE)}; "
            "verify with the release that built the bundle, or build it again"
        )
    wanted = {f.name for f in fields(form)} - (NEW if version == 1 else set())
    if set(data) != wanted:
        differing = ", ".join(sorted(set(data) ^ wanted))
        raise ContractError(
            f"{path}: not as contract {version} has it ({differing}); build it again"
        )
    return data


def _bytes(path: Path, absent: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ContractError(f"{path}: {error.strerror}; {absent}") from None


def _decoded(content: bytes, where: str, broken: str) -> dict[str, Any]:
    """An object of JSON; anything else has no keys."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ContractError(f"{where}: not JSON ({error}); {broken}") from None
    return data if isinstance(data, dict) else {}
