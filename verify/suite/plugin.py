"""pytest plugin: one test for every expectation of a site, over the one engine.

`pytest --pyargs verify.suite --stook-bundles bundles/shop --stook-target docker`. testinfra owns
--hosts, --connection, --sudo and --ssh-config, which mean here what they mean there, so ours begin
with --stook. Every pytest run of an environment with Stook loads this module: without one of them
it does nothing, and whatever is large is imported late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from verify.contract import Expectation, Report, Verdict
    from verify.suite.asking import Asking

FIXTURE = "expectation_id"
NAMED = ("component", "level", "severity", "node")
"""What of an expectation is a marker of its test, with the keyword `name`."""

ASKING: pytest.StashKey[Asking] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `stook verify`; their values are looked at by `asking.read`."""
    group = parser.getgroup("stook", "verification of nodes built by Stook")
    add = group.addoption
    add("--stook-bundles", action="append", metavar="DIR", help="folder with a site.json")
    add("--stook-target", metavar="NAME", help="ssh, docker, local, …")
    add("--stook-outside", metavar="HOSTSPEC", help="where to probe from outside")
    add("--stook-node", action="append", metavar="NAME", help="only this node")
    add("--stook-phase", metavar="PHASE", help="how far the deployment is")
    add("--stook-active", action="store_true", help="also what acts on the nodes")
    add("--stook-no-wait", action="store_true", help="ask nothing again")
    add("--stook-only", action="append", metavar="GLOB", help="only ids that match")
    add("--stook-level", action="append", metavar="LEVEL", help="only this level")
    add("--stook-user", metavar="NAME", help="log in as this user")
    add("--stook-today", metavar="DAY", help="day that accepted deviations are held against")
    add(
        "--stook-timeout-multiplier",
        metavar="N",
        help="give each command N times as long, on slow machines",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Whatever is wrong with the options is a usage error, before anything is collected."""
    given = [name for name, value in vars(config.option).items() if name[:6] == "stook_" and value]
    if not given:
        return
    from verify.suite.asking import read
    from verify.suite.tally import Tally

    config.stash[ASKING] = read(config)
    for name in NAMED:
        line = f"{name}(name): the {name} of an expectation: -m \"{name}(name='…')\""
        config.addinivalue_line("markers", line)
    config.pluginmanager.register(Tally(config), "stook-tally")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One case per expectation; a suite without bundles is a mistake, not an empty success."""
    if FIXTURE not in metafunc.fixturenames:
        return
    asking = metafunc.config.stash.get(ASKING, None)
    if asking is None:
        raise pytest.UsageError("verify.suite needs --stook-bundles DIR")
    kinds = getattr(metafunc.function, "stook_kinds", ())
    cases = [
        _case(label, one)
        for label, one in sorted(asking.expectations.items())
        if not kinds or one.kind in kinds
    ]
    metafunc.parametrize(FIXTURE, cases)


def _case(label: str, expectation: Expectation) -> object:
    from verify.report import printable

    marks = [getattr(pytest.mark, name)(name=str(getattr(expectation, name))) for name in NAMED]
    return pytest.param(label, id=printable(label), marks=marks)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What the options leave out is deselected, as by -k."""
    asking = config.stash.get(ASKING, None)
    if asking is None:
        return
    gone = [item for item in items if (label := _label(item)) and asking.leaves_out(label)]
    if gone:
        config.hook.pytest_deselected(items=gone)
        left = {id(item) for item in gone}
        items[:] = [item for item in items if id(item) not in left]


def _label(item: pytest.Item) -> str:
    call = getattr(item, "callspec", None)
    label = call.params.get(FIXTURE) if call else None
    # pytest has a value of its own for a test without cases
    return label if isinstance(label, str) else ""


@pytest.fixture(scope="session")
def stook_reports(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Sequence[Report]:
    """What the engine found: every node of the selected tests is asked once, for all workers."""
    from verify.suite.asking import once

    asking = request.config.stash[ASKING]
    labels = [label for item in request.session.items if (label := _label(item))]
    reports = once(request.config, tmp_path_factory, lambda: asking.run(labels))
    asking.reports[:] = reports
    return reports


@pytest.fixture(scope="session")
def stook_verdicts(
    stook_reports: Sequence[Report], pytestconfig: pytest.Config
) -> dict[str, Verdict]:
    """Every verdict by the label of its test: the id of its expectation, with several sites after
    the name of its own."""
    label = pytestconfig.stash[ASKING].label
    return {label(r.site, verdict.id): verdict for r in stook_reports for verdict in r.verdicts}


@pytest.fixture
def verdict(
    expectation_id: str,
    stook_verdicts: dict[str, Verdict],
    record_property: Callable[[str, object], None],
    pytestconfig: pytest.Config,
) -> Verdict:
    """The verdict of one expectation that was judged.

    Unknown fails here, in the set-up, which pytest reports as an error and not as a failure.
    """
    from verify.contract import Status
    from verify.report import SKIPPED, printable

    expectation = pytestconfig.stash[ASKING].expectations[expectation_id]
    judged = stook_verdicts.get(expectation_id)
    record_property("verdict", str(judged.status) if judged else "not asked")
    for name in ("spec", *NAMED):
        record_property(name, printable(str(getattr(expectation, name))))
    if judged is None:
        pytest.skip("not asked: it acts on the nodes (--stook-active asks it)")
    if judged.status in SKIPPED:
        pytest.skip(printable(f"{judged.status}: {judged.reason}"))
    if judged.status is Status.UNKNOWN:
        commands = [line for command in judged.commands for line in command.splitlines()]
        lines = [f"unknown: {judged.reason}", *commands]
        pytest.fail("\n".join(map(printable, lines)), pytrace=False)
    return judged


@pytest.fixture(scope="session")
def stook_hosts(pytestconfig: pytest.Config) -> Callable[[str], object]:
    """testinfra's host of each label's node, looked up once, by testinfra's own options."""
    import testinfra  # type: ignore[import-untyped]  # it ships no types

    asking = pytestconfig.stash[ASKING]
    return cache(lambda spec: testinfra.get_host(spec, **asking.testinfra()))


@pytest.fixture
def stook_host(
    expectation_id: str, stook_hosts: Callable[[str], object], pytestconfig: pytest.Config
) -> object:
    """testinfra's host of the expectation's node."""
    return stook_hosts(pytestconfig.stash[ASKING].hostspec(expectation_id))
