"""The engine over nodes that answer from a table."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from tests.unit.verify_site import Answer, Clockwork, Fake, FakeTarget, expect, package, site
from verify.bundles import Bundle
from verify.contract import Difference, Level, Output, Phase, Report, Status, Verdict
from verify.engine import commands, run
from verify.kinds import KINDS, Environment, load
from verify.readers.shell import SOCKETS, STAMP
from verify.reports import FORMATS, load_format
from verify.selection import Options, make
from verify.trip import LARGEST

OK = Output(0, "installed ok 1.0\n")
GONE = Output(1, "", "dpkg-query: no packages found matching x\n")
BUSY = Output(
    0,
    "<cliOutput><opRet>-1</opRet><opErrno>30800</opErrno>"
    "<opErrstr>Locking failed on n2</opErrstr></cliOutput>",
)
STEADY = Options()


def dpkg(name: str) -> str:
    """The command that the package kind asks with."""
    kind = load("package")
    return kind.commands(kind.Want(name))["package"].text


def verify(
    bundle: Bundle,
    places: dict[str, Fake],
    options: Options = STEADY,
    work: Clockwork | None = None,
) -> tuple[Report, dict[str, Verdict]]:
    """A run, and its verdicts by id."""
    report = run(bundle, FakeTarget(places), options, (work or Clockwork()).clock())
    return report, {verdict.id: verdict for verdict in report.verdicts}


def test_each_command_is_asked_once_in_one_trip() -> None:
    listener = {"protocol": "tcp", "first": 22, "last": 22, "addresses": ["*"], "process": "sshd"}
    bundle = site(
        expect("n1/listener/22-tcp", listener),
        expect("n1/listener/again", listener),
        expect("n1/listeners/beyond", {"allowed": []}),
        package("n1", "a"),
    )
    node = Fake({dpkg("a"): OK, SOCKETS: Output(0, "")})
    verify(bundle, {"n1": node})
    assert len(node.asked) == 1
    assert sorted(node.asked[0]) == sorted({SOCKETS, dpkg("a"), STAMP})


def test_on_a_slow_machine_every_command_has_its_limit_so_many_times() -> None:
    node, slow = Fake({dpkg("a"): OK}), Fake({dpkg("a"): OK})
    verify(site(package("n1", "a")), {"n1": node})
    verify(site(package("n1", "a")), {"n1": slow}, Options(timeout_multiplier=8))
    assert slow.limits == {text: 8 * limit for text, limit in node.limits.items()}


def test_every_verdict_carries_its_evidence() -> None:
    _, found = verify(site(package("n1", "a")), {"n1": Fake({dpkg("a"): OK})})
    verdict = found["n1/package/a"]
    assert verdict.status is Status.PASS
    assert verdict.observed == {"state": "installed", "flag": "ok", "version": "1.0"}
    assert verdict.commands == (dpkg("a"),)


@pytest.mark.parametrize(
    ("output", "status"),
    [
        (OK, Status.PASS),
        (GONE, Status.FAIL),
        (Output(None, ""), Status.UNKNOWN),
        (Output(127, "", "sh: dpkg-query: not found"), Status.UNKNOWN),
        (Output(0, "?\n"), Status.UNKNOWN),
    ],
)
def test_what_an_answer_comes_to(output: Output, status: Status) -> None:
    _, found = verify(site(package("n1", "a")), {"n1": Fake({dpkg("a"): output})})
    assert found["n1/package/a"].status is status


def test_an_unreachable_node_is_unknown_and_the_others_are_judged() -> None:
    bundle = site(package("n1", "a"), package("n2", "a"), package("n2", "b"))
    report, found = verify(bundle, {"n1": Fake({dpkg("a"): OK})})
    assert found["n1/package/a"].status is Status.PASS
    reasons = {found[f"n2/package/{name}"].reason for name in "ab"}
    assert reasons == {"n2 cannot be asked: No route to host"}
    assert report.stamps["n2"] is None


def test_what_needs_a_failure_is_blocked_however_it_looks() -> None:
    bundle = site(
        package("n1", "a", needs=("n1/package/b",)),
        package("n1", "b", needs=("n1/package/c",)),
        package("n1", "c"),
    )
    _, found = verify(bundle, {"n1": Fake({dpkg("a"): OK, dpkg("b"): OK, dpkg("c"): GONE})})
    assert [found[f"n1/package/{name}"].status for name in "abc"] == ["blocked", "blocked", "fail"]
    reasons = {found[f"n1/package/{name}"].reason for name in "ab"}
    assert reasons == {"needs n1/package/c (fail)"}


def test_what_needs_something_unknown_says_why_that_is() -> None:
    bundle = site(
        package("n2", "a", needs=("n2/package/b",)),
        package("n2", "b", needs=("n2/package/c",)),
        package("n2", "c"),
    )
    _, found = verify(bundle, {})
    assert [found[f"n2/package/{name}"].status for name in "abc"] == [
        "blocked",
        "blocked",
        "unknown",
    ]
    assert {one.reason for one in found.values()} == {"n2 cannot be asked: No route to host"}


def test_a_need_that_was_not_asked_for_blocks_nothing() -> None:
    bundle = site(package("n1", "a", needs=("n1/package/c",)), package("n1", "c"))
    options = Options(only=("*/a",))
    report, found = verify(bundle, {"n1": Fake({dpkg("a"): OK})}, options)
    assert {key: v.status for key, v in found.items()} == {"n1/package/a": Status.PASS}
    assert report.not_checked == ("1 checks that do not match */a",)


def test_a_need_that_no_bundle_has_is_unknown() -> None:
    bundle = site(package("n1", "a", needs=("n1/package/never",)))
    _, found = verify(bundle, {"n1": Fake({dpkg("a"): OK})})
    assert found["n1/package/a"].status is Status.UNKNOWN


def test_what_is_due_later_is_pending_and_not_asked() -> None:
    bundle = site(package("n1", "a"), package("n1", "late", phase=Phase.STEADY))
    node = Fake({dpkg("a"): OK})
    _, found = verify(bundle, {"n1": node}, Options(phase=Phase.BOOTED))
    assert found["n1/package/late"].status is Status.PENDING
    assert found["n1/package/late"].reason == "due when steady"
    assert dpkg("late") not in node.asked[0]


def test_within_asks_again_alone_until_it_passes() -> None:
    def later(times: int) -> Output:
        return OK if times > 3 else GONE

    bundle = site(package("n1", "slow", within=60), package("n1", "a"))
    node, work = Fake({dpkg("slow"): later, dpkg("a"): OK}), Clockwork()
    _, found = verify(bundle, {"n1": node}, work=work)
    assert found["n1/package/slow"].status is Status.PASS
    assert node.asked[1:] == [[dpkg("slow")]] * 3
    assert 0 < work.time < 10


def test_within_is_over_some_time() -> None:
    bundle = site(
        package("n1", "never", within=20), package("n1", "b", needs=("n1/package/never",))
    )
    work = Clockwork()
    _, found = verify(bundle, {"n1": Fake({dpkg("never"): GONE, dpkg("b"): OK})}, work=work)
    assert found["n1/package/never"].status is Status.FAIL
    assert found["n1/package/b"].status is Status.BLOCKED
    assert 20 <= work.time < 30


def test_nothing_waits_for_what_cannot_come_right() -> None:
    bundle = site(package("n1", "a", within=600, needs=("n1/package/b",)), package("n1", "b"))
    work = Clockwork()
    verify(bundle, {"n1": Fake({dpkg("a"): GONE, dpkg("b"): GONE})}, work=work)
    assert work.time == 0


def status_of(*nodes: str) -> list[str]:
    """The ids of a cluster-wide check on these nodes."""
    return [f"{node}/gluster_heal/wp" for node in nodes]


def heal(count: int) -> Output:
    """A healthy answer for one brick."""
    return Output(
        0,
        "<cliOutput><healInfo><bricks><brick><name>n1:/b</name><status>Connected</status>"
        f"<totalNumberOfEntries>{count}</totalNumberOfEntries>"
        f"<numberOfEntriesInSplitBrain>0</numberOfEntriesInSplitBrain></brick></bricks></healInfo>"
        "<opRet>0</opRet><opErrno>0</opErrno><opErrstr/></cliOutput>",
    )


def cluster(
    answer: Answer, *reachable: str
) -> tuple[dict[str, Verdict], dict[str, Fake], Clockwork]:
    """A run of one cluster-wide check that three nodes need."""
    want = {"volume": "wp", "bricks": ["n1:/b"]}
    bundle = site(*(expect(key, want) for key in status_of("n1", "n2", "n3")))
    kind = load("gluster_heal")
    text = kind.commands(kind.Want("wp", ()))["heal"].text
    nodes, work = {name: Fake({text: answer}) for name in reachable}, Clockwork()
    _, found = verify(bundle, nodes, work=work)
    return found, nodes, work


def test_the_cluster_is_asked_on_one_node_for_all() -> None:
    found, nodes, _ = cluster(heal(0), "n1", "n2", "n3")
    assert {verdict.status for verdict in found.values()} == {Status.PASS}
    assert [len(nodes[name].asked) for name in ("n1", "n2", "n3")] == [2, 1, 1]


def test_the_cluster_is_asked_on_the_first_node_that_answers() -> None:
    found, nodes, _ = cluster(heal(0), "n2", "n3")
    assert found["n2/gluster_heal/wp"].status is Status.PASS
    assert [len(nodes[name].asked) for name in ("n2", "n3")] == [2, 1]


def test_a_busy_cluster_is_asked_again() -> None:
    found, _, work = cluster(lambda times: heal(0) if times > 2 else BUSY, "n1", "n2", "n3")
    assert {verdict.status for verdict in found.values()} == {Status.PASS}
    assert work.time == 1.5


def test_a_cluster_that_stays_busy_is_unknown_in_the_end() -> None:
    found, _, work = cluster(BUSY, "n1")
    assert found["n1/gluster_heal/wp"].status is Status.UNKNOWN
    assert "Locking failed" in found["n1/gluster_heal/wp"].reason
    assert work.time < 30


def test_what_acts_needs_active_and_runs_step_by_step() -> None:
    key = "n1/shared_directory/wp"
    bundle = site(expect(key, {"path": "/srv", "nodes": ["n1", "n2"]}, level=Level.BEHAVIOUR))
    report, found = verify(bundle, {"n1": Fake({}), "n2": Fake({})})
    assert not found
    assert report.not_checked == ("1 checks that act on the nodes (--active asks them)",)
    nodes = {"n1": Fake({}), "n2": Fake({})}
    _, found = verify(bundle, nodes, Options(active=True))
    assert found[key].status is Status.UNKNOWN
    steps = [commands for commands in nodes["n2"].asked if STAMP not in commands]
    assert [[text.split()[0] for text in texts] for texts in steps] == [["umask"], ["cat"], ["rm"]]


def probe(port: int, expected: str) -> tuple[str, dict[str, object]]:
    """An expectation from outside and what it wants."""
    want = {"address": "10.0.0.1", "port": port, "source": "outside", "expect": expected}
    return f"n1/reachability/{port}-tcp-from-outside", want


def outside(source: str, answer: str) -> tuple[Report, Verdict]:
    """A probe of a closed port by a machine that has this source address."""
    key, want = probe(24007, "filtered")
    expectation = expect(key, want)
    asked = make(expectation, {}, STEADY).commands["probe"].text
    routes = {
        f"ip -o route get 10.0.0.{i}": Output(0, f"x dev e src {source} uid 0\n") for i in (1, 2, 3)
    }
    there = Fake({asked: Output(0, answer), **routes})
    report, found = verify(site(expectation), {"n1": Fake({}), "outside": there})
    return report, found[key]


def test_a_probe_from_an_address_of_the_site_means_nothing() -> None:
    _, verdict = outside("10.0.0.254", "OK\n")
    assert verdict.status is Status.UNKNOWN
    assert verdict.reason.startswith("10.0.0.254 is an address that the spec lets in")


def test_a_filtered_port_that_nothing_proves_reachable_is_said() -> None:
    report, verdict = outside("203.0.113.50", "ETIMEDOUT\n")
    assert verdict.status is Status.PASS
    assert [line for line in report.not_checked if line.startswith("whether 10.0.0.1 can")]


def test_a_refused_connection_is_no_filter() -> None:
    report, verdict = outside("203.0.113.50", "ECONNREFUSED\n")
    assert verdict.status is Status.FAIL
    assert report.not_checked == ()


def test_what_the_environment_adds_is_no_find() -> None:
    bundle = site(expect("n1/listeners/beyond", {"allowed": []}))
    sockets = {SOCKETS: Output(0, "udp UNCONN 0 0 127.0.0.11:33463 0.0.0.0:*\n")}
    _, plain = verify(bundle, {"n1": Fake(dict(sockets))})
    _, expected = verify(bundle, {"n1": Fake(dict(sockets), Environment(("127.0.0.11",)))})
    assert plain["n1/listeners/beyond"].status is Status.FAIL
    assert expected["n1/listeners/beyond"].status is Status.PASS


def test_a_kind_of_ones_own_is_asked() -> None:
    bundle = site(expect("n1/mine/x", {"release": "2"}, phase=Phase.BAKED), package("n1", "a"))
    node = {"n1": Fake({"cat /etc/release": Output(0, "1\n"), dpkg("a"): OK})}
    _, found = verify(bundle, node)
    assert "no kind 'mine'" in found["n1/mine/x"].reason
    known = Options(kinds={**KINDS, "mine": "tests.unit.own_kind"})
    _, found = verify(bundle, node, known)
    assert found["n1/mine/x"].differences == (Difference("release", "2", "1"),)
    assert found["n1/package/a"].status is Status.PASS
    assert "cat /etc/release" in commands(bundle, known)["n1"]


def test_lists_of_the_site_are_resolved() -> None:
    bundle = site(
        expect("n1/hosts/demo", {"entries": {"$list": "h"}}), lists={"h": [["10.0.0.1", "n1"]]}
    )
    asked = {"getent --no-addrconfig ahosts n1": Output(0, "10.0.0.1 STREAM n1\n")}
    _, found = verify(bundle, {"n1": Fake({**asked})})
    assert found["n1/hosts/demo"].status is Status.PASS


@pytest.mark.parametrize(
    ("key", "want"),
    [
        ("n1/telepathy/x", {}),
        ("n1/package/x", {"name": "x", "colour": "red"}),
        ("n1/package/x", {}),
        ("n1/package/x", {"name": {"$list": "never"}}),
    ],
)
def test_what_this_version_cannot_read_is_unknown(key: str, want: dict[str, object]) -> None:
    _, found = verify(site(expect(key, want)), {"n1": Fake({})})
    assert found[key].status is Status.UNKNOWN
    assert found[key].reason


def test_the_stamp_is_in_the_report() -> None:
    stamp = {"stook": 1, "bundle": "other"}
    bundle = site(package("n1", "a"))
    report, _ = verify(bundle, {"n1": Fake({STAMP: Output(0, json.dumps(stamp)), dpkg("a"): OK})})
    assert report.stamps["n1"] == stamp
    assert report.bundles["n1"] == bundle.manifests["n1"].bundle_digest


@pytest.mark.parametrize(
    "answer", ["[" * 50_000, '{"bundle":' * 50_000, '{"bundle": [["\\ud800"]]}']
)
def test_a_hostile_stamp_ends_no_run(answer: str) -> None:
    node = Fake({STAMP: Output(0, answer), dpkg("a"): OK})
    report, found = verify(site(package("n1", "a")), {"n1": node})
    assert found["n1/package/a"].status is Status.PASS
    assert all(load_format(name).write([report]) for name in FORMATS)


@pytest.mark.parametrize(
    "answer",
    [
        "[" * 100_000,
        '{"accounts":' + "[" * 5000 + "]" * 5000 + "}",
        '{"accounts": [["root", 0, 0, true, "locked", "", ["\\ud800"]]], "groups": {}}',
    ],
)
def test_one_answer_that_nobody_can_read_is_one_unknown(answer: str) -> None:
    ask = load("accounts").commands(load("accounts").Want({}))["accounts"].text
    bundle = site(package("n1", "a"), expect("n1/accounts/all", {"admins": {}}))
    node = Fake({ask: Output(0, answer), dpkg("a"): OK})
    report, found = verify(bundle, {"n1": node})
    assert found["n1/package/a"].status is Status.PASS
    assert found["n1/accounts/all"].status is not Status.PASS
    assert all(load_format(name).write([report, report]).encode() for name in FORMATS)


@pytest.mark.parametrize("error", [RecursionError, TypeError, StopIteration, MemoryError, OSError])
@pytest.mark.parametrize("step", ["parse", "judge"])
def test_whatever_a_kind_raises_is_its_own_unknown(
    step: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise error("why" * 500)

    monkeypatch.setattr(load("package"), step, broken)
    _, found = verify(site(package("n1", "a")), {"n1": Fake({dpkg("a"): OK})})
    assert found["n1/package/a"].status is Status.UNKNOWN
    assert found["n1/package/a"].reason.startswith(f"cannot be read: {error.__name__}: why")
    assert len(found["n1/package/a"].reason) < 300


def test_an_answer_longer_than_any_is_unknown_and_takes_no_memory() -> None:
    endless = Output(0, "[{}]," * (2 * LARGEST // 5))
    node = Fake({"cat -- /proc/sys/long": endless, dpkg("a"): OK})
    long = expect("n1/kernel_setting/long", {"name": "long", "value": "1"}, phase=Phase.BAKED)
    tracemalloc.start()
    _, found = verify(site(long, package("n1", "a")), {"n1": node})
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found["n1/package/a"].status is Status.PASS
    assert found[long.id].status is Status.UNKNOWN
    assert "answer cut" in found[long.id].reason
    assert held < LARGEST


def test_only_the_nodes_asked_for_are_asked() -> None:
    bundle = site(package("n1", "a"), package("n2", "a"))
    nodes = {"n1": Fake({dpkg("a"): OK}), "n2": Fake({dpkg("a"): OK})}
    report, found = verify(bundle, nodes, Options(nodes=("n2",)))
    assert list(found) == ["n2/package/a"]
    assert nodes["n1"].asked == []
    assert report.not_checked == ("1 checks that belong to other nodes than n2",)


def test_commands_are_all_that_a_run_asks() -> None:
    bundle = site(package("n1", "a"), package("n1", "late", phase=Phase.REBOOTED))
    assert commands(bundle, STEADY)["n1"] == [STAMP, dpkg("a")]
