"""pytest plugin: one test for every expectation of a site, over the one engine.

`pytest --pyargs verify.suite --stook-bundles bundles/shop --stook-target docker`. testinfra owns
--hosts, --connection, --sudo and --ssh-config, so ours begin with --stook. Every pytest run of an
environment with Stook loads this module: without --stook-bundles it does nothing, and whatever is
large is imported late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from verify.bundles import Bundle
    from verify.contract import Expectation, Report, Verdict

FIXTURE = "expectation_id"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `stook verify` that a test run needs."""
    group = parser.getgroup("stook", "verification of nodes built by Stook")
    group.addoption(
        "--stook-bundles",
        action="append",
        type=Path,
        metavar="DIR",
        help="folder with a site.json; repeatable",
    )
    group.addoption("--stook-target", default="ssh", metavar="NAME", help="ssh, docker, local, …")
    group.addoption("--stook-outside", default="local", metavar="HOSTSPEC")
    group.addoption("--stook-phase", default="steady", metavar="PHASE")
    group.addoption("--stook-active", action="store_true", help="also what acts on the nodes")
    group.addoption("--stook-user", default="", metavar="NAME", help="log in as this user")
    group.addoption(
        "--stook-timeout-multiplier",
        type=int,
        default=1,
        metavar="N",
        help="give each command N times as long, on slow machines",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One case per expectation; a suite without bundles is a mistake, not an empty success."""
    if FIXTURE not in metafunc.fixturenames:
        return
    expectations = [e for site in _sites(metafunc.config) for e in _expectations(site)]
    kinds = getattr(metafunc.function, "stook_kinds", ())
    chosen = [e.id for e in expectations if not kinds or e.kind in kinds]
    metafunc.parametrize(FIXTURE, chosen, ids=str)


def _sites(config: pytest.Config) -> list[Bundle]:
    from verify.bundles import load
    from verify.plain import ContractError
    from verify.targets import misnamed

    wrong = misnamed(config.getoption("--stook-target"), config.getoption("--stook-outside"))
    if wrong:
        raise pytest.UsageError(wrong)
    folders = config.getoption("--stook-bundles")
    if not folders:
        raise pytest.UsageError("verify.suite needs --stook-bundles DIR")
    try:
        return [load(folder) for folder in folders]
    except ContractError as error:
        raise pytest.UsageError(str(error)) from None


def _expectations(site: Bundle) -> list[Expectation]:
    return [e for manifest in site.manifests.values() for e in manifest.expectations]


@pytest.fixture(scope="session")
def stook_reports(pytestconfig: pytest.Config) -> list[Report]:
    """What the engine found: every node is asked once for the whole session."""
    from verify.contract import Phase
    from verify.engine import run
    from verify.selection import Options
    from verify.targets import target, this_node

    option = pytestconfig.getoption
    name = option("--stook-target")
    nodes = (this_node(),) if name == "local" else ()
    options = Options(
        Phase(option("--stook-phase")),
        option("--stook-active"),
        nodes,
        timeout_multiplier=option("--stook-timeout-multiplier"),
    )
    return [
        run(site, target(name, site, option("--stook-outside"), option("--stook-user")), options)
        for site in _sites(pytestconfig)
    ]


@pytest.fixture(scope="session")
def stook_verdicts(stook_reports: list[Report]) -> dict[str, Verdict]:
    """Every verdict by the id of its expectation."""
    return {verdict.id: verdict for report in stook_reports for verdict in report.verdicts}


@pytest.fixture
def verdict(expectation_id: str, stook_verdicts: dict[str, Verdict]) -> Verdict:
    """The verdict of one expectation that was judged.

    Unknown fails here, in the set-up, which pytest reports as an error and not as a failure.
    """
    from verify.contract import Status
    from verify.report import SKIPPED, printable

    judged = stook_verdicts.get(expectation_id)
    if judged is None:
        pytest.skip("not asked: it acts on the nodes (--stook-active) or belongs to another node")
    if judged.status in SKIPPED:
        pytest.skip(printable(f"{judged.status}: {judged.reason}"))
    if judged.status is Status.UNKNOWN:
        commands = [line for command in judged.commands for line in command.splitlines()]
        lines = [f"unknown: {judged.reason}", *commands]
        pytest.fail("\n".join(map(printable, lines)), pytrace=False)
    return judged


@pytest.fixture(scope="session")
def stook_hosts(pytestconfig: pytest.Config) -> Callable[[str], object]:
    """testinfra's host of each node, where testinfra has such a connection; looked up once."""
    import testinfra  # type: ignore[import-untyped]  # it ships no types

    sites = _sites(pytestconfig)
    return cache(lambda node: testinfra.get_host(_hostspec(node, sites, pytestconfig)))


@pytest.fixture
def stook_host(expectation_id: str, stook_hosts: Callable[[str], object]) -> object:
    """testinfra's host of the expectation's node."""
    return stook_hosts(expectation_id.split("/", 1)[0])


def _hostspec(node: str, sites: Iterable[Bundle], config: pytest.Config) -> str:
    from verify.targets import of_site

    name = config.getoption("--stook-target")
    if name == "docker":
        homes = (site for site in sites if node in site.manifests)
        containers = [
            container
            for home in homes
            for container in of_site(home.site.site, home.folder, f"stook.node={node}")
        ]
        return f"docker://{containers[0] if containers else node}"
    user = config.getoption("--stook-user")
    return "local://" if name == "local" else f"{name}://{f'{user}@' if user else ''}{node}"
