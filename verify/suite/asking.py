"""What a test run asks and how: read off pytest's options once, before anything is collected."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pytest

from verify.bundles import Bundle, load
from verify.contract import Expectation, Level, Phase, Report
from verify.engine import run
from verify.plain import ContractError
from verify.plain import read as read_plain
from verify.report import printable
from verify.selection import Options, left_out
from verify.serialization import dump
from verify.targets import misnamed, of_site, target, this_node

Word = TypeVar("Word", Level, Phase)


@dataclass(frozen=True)
class Way:
    """How the nodes are reached; `sudo` is for testinfra's own hosts, the engine always is root."""

    target: str
    outside: str
    user: str = ""
    config: Path | None = None
    identity: Path | None = None
    inventory: str = ""
    sudo: bool = False


@dataclass(frozen=True)
class Asking:
    """The sites and all that was asked for. `expectations` go by the label of their tests."""

    sites: tuple[Bundle, ...]
    options: Options
    way: Way
    today: date
    expectations: Mapping[str, Expectation]
    reports: list[Report] = field(default_factory=list)

    def label(self, site: str, id: str) -> str:
        """The id; where there are several sites, that of the site before it."""
        return f"{site}:{id}" if len(self.sites) > 1 else id

    def leaves_out(self, label: str) -> bool:
        """Whether the options select others."""
        return bool(left_out(self.expectations[label], self.options))

    def run(self, labels: Iterable[str]) -> list[Report]:
        """Ask the nodes that these tests are about, and no other."""
        wanted = set(labels)
        return [
            self._asked(site, nodes)
            for site in self.sites
            if (nodes := [node for node in site.manifests if self._about(site, node) & wanted])
        ]

    def _about(self, site: Bundle, node: str) -> set[str]:
        return {self.label(site.site.site, e.id) for e in site.manifests[node].expectations}

    def _asked(self, site: Bundle, nodes: Sequence[str]) -> Report:
        way = self.way
        to = target(
            way.target,
            site,
            way.outside,
            way.user,
            way.config,
            nodes[0] if way.target == "local" else "",
            identity=way.identity,
            inventory=way.inventory,
        )
        some = nodes if len(nodes) < len(site.manifests) else ()
        return run(site, to, replace(self.options, nodes=tuple(some)), today=self.today)

    def hostspec(self, label: str) -> str:
        """As testinfra has it, of the node of a test."""
        name, node = self.way.target, self.expectations[label].node
        if name == "local":
            return "local://"
        if name == "docker":
            (home,) = (site for site in self.sites if label in self._about(site, node))
            ids = of_site(home.site.site, home.folder, f"stook.node={node}")
            return f"docker://{ids[0] if ids else node}"
        return f"{name}://{f'{self.way.user}@' if self.way.user else ''}{node}"

    def testinfra(self) -> dict[str, Any]:
        """What its hosts are made with besides."""
        given = {
            "ssh_config": self.way.config and str(self.way.config),
            "ssh_identity_file": self.way.identity and str(self.way.identity),
            "ansible_inventory": self.way.inventory,
            "sudo": self.way.sudo,
        }
        return {name: value for name, value in given.items() if value}


def read(config: pytest.Config) -> Asking:
    """Raises `pytest.UsageError` for an option that cannot be, and a bundle that is none."""
    try:
        return _read(config)
    except (ContractError, ValueError) as error:
        raise pytest.UsageError(printable(str(error))) from None


def _read(config: pytest.Config) -> Asking:
    option: Callable[[str], Any] = lambda name: config.getoption(name)  # noqa: E731
    folders = option("--stook-bundles")
    if not folders:
        raise ValueError("options of Stook need --stook-bundles DIR")
    sites = tuple(load(Path(folder)) for folder in folders)
    hosts, connection, user = _hosts(config.getoption("hosts", None) or "")
    way = Way(
        _one("target", option("--stook-target"), connection, _of_testinfra(config, "connection"))
        or "ssh",
        option("--stook-outside") or "local",
        _one("user", option("--stook-user"), user) or "",
        _file(config, "ssh_config"),
        _file(config, "ssh_identity_file"),
        _of_testinfra(config, "ansible_inventory") or "",
        bool(_of_testinfra(config, "sudo")),
    )
    if wrong := misnamed(way.target, way.outside):
        raise ValueError(wrong)
    if _of_testinfra(config, "sudo_user") not in (None, "", "root"):
        raise ValueError("--sudo-user: the checks are asked as root")
    options = Options(
        phase=_word("phase", Phase, option("--stook-phase") or Phase.STEADY),
        active=option("--stook-active"),
        nodes=_nodes(sites, way.target, (*(option("--stook-node") or ()), *hosts)),
        only=tuple(option("--stook-only") or ()),
        levels=tuple(_word("level", Level, name) for name in option("--stook-level") or ()),
        wait=not option("--stook-no-wait"),
        timeout_multiplier=_times(option("--stook-timeout-multiplier")),
    )
    return Asking(sites, options, way, _day(option("--stook-today")), _expectations(sites))


def _of_testinfra(config: pytest.Config, name: str) -> Any:
    """An option of its own; None where its plugin is not loaded."""
    return config.getoption(name, None)


def _expectations(sites: Sequence[Bundle]) -> dict[str, Expectation]:
    names = [site.site.site for site in sites]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise ValueError(f"two of --stook-bundles are of the site {twice}")
    return {
        f"{site.site.site}:{one.id}" if len(sites) > 1 else one.id: one
        for site in sites
        for manifest in site.manifests.values()
        for one in manifest.expectations
    }


def _hosts(text: str) -> tuple[list[str], str, str]:
    """Nodes, connection and user of --hosts: [CONNECTION://][USER@]NODE, separated by commas."""
    nodes, connections, users = [], set(), set()
    for spec in filter(None, text.split(",")):
        connection, _, rest = spec.rpartition("://")
        user, _, node = rest.rpartition("@")
        nodes += [node] if node else []
        connections.add(connection)
        users.add(user)
    if len(connections) > 1 or len(users) > 1:
        raise ValueError(f"--hosts {text}: a run has one connection and one user")
    return nodes, "".join(connections), "".join(users)


def _one(what: str, *given: str | None) -> str | None:
    """What several options say alike."""
    said = list(dict.fromkeys(filter(None, given)))
    if len(said) > 1:
        raise ValueError(f"two of the options name a {what}: {' and '.join(said)}")
    return said[0] if said else None


def _file(config: pytest.Config, name: str) -> Path | None:
    text = _of_testinfra(config, name)
    if not text:
        return None
    path = Path(text).expanduser()
    if not path.is_file():
        raise ValueError(f"--{name.replace('_', '-')}: there is no file {text}")
    return path


def _nodes(sites: Sequence[Bundle], target: str, given: Sequence[str]) -> tuple[str, ...]:
    nodes = tuple(dict.fromkeys(given))
    if target == "local":
        if len(nodes) > 1:
            raise ValueError("--stook-target local reaches one node: give one --stook-node")
        nodes = nodes or (this_node(),)
    known = {node for site in sites for node in site.manifests}
    if unknown := [node for node in nodes if node not in known]:
        names = ", ".join(sorted(known))
        raise ValueError(f"no node {unknown[0]} in the bundles; they have {names}")
    return nodes


def _word(what: str, form: type[Word], text: str) -> Word:
    if text not in list(form):
        raise ValueError(f"--stook-{what} {text}: one of {', '.join(form)}")
    return form(text)


def _times(text: str | None) -> int:
    text = text or os.environ.get("STOOK_TIMEOUT_MULTIPLIER") or "1"
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"--stook-timeout-multiplier {text}: a whole number from 1")
    return int(text)


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise ValueError(f"--stook-today {text}: a day such as 2027-03-31") from None


def once(
    config: pytest.Config, temporary: pytest.TempPathFactory, ask: Callable[[], list[Report]]
) -> list[Report]:
    """What was asked, by one of xdist's workers for all of them."""
    worker: Mapping[str, Any] | None = getattr(config, "workerinput", None)
    if worker is None:
        return ask()
    place = temporary.getbasetemp().parent / f"stook-{worker['testrunuid']}.json"
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if place.exists():
            texts = json.loads(place.read_text("utf-8"))
            return [read_plain(Report, json.loads(text), "report") for text in texts]
        reports = ask()
        new = place.with_suffix(".new")
        new.write_text(json.dumps([dump(report).decode() for report in reports]), "utf-8")
        new.replace(place)
        return reports
