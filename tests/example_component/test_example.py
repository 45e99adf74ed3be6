"""An example of a component goes all the way, and nothing of the product knows of it.

`docs/how-to/add-a-component.md` shows its files and walks the same way.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from generator import pipeline
from generator.components import TABLE, Entry
from generator.pipeline import Run
from tests.example_component import sysctl, sysctl_conf
from tests.example_component.layout import dotted
from tests.example_component.node import Machine
from tests.reading import from_yaml
from tests.unit.node import Node
from verify import bundles, engine
from verify.contract import Output, Unreadable
from verify.kinds import KINDS
from verify.lab import faults
from verify.selection import Options

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SPEC = HERE / "example.yaml"
COMPONENTS = (*TABLE, Entry("tests.example_component", "sysctl", "X"))
MINE = {**KINDS, "sysctl": sysctl.__name__}


def checked(spec: Path) -> Run:
    return pipeline.run(spec, table=COMPONENTS)


def edited(folder: Path, **settings: object) -> Run:
    data = from_yaml(SPEC.read_text())
    data["sysctl"]["settings"] |= settings
    (folder / "site.yaml").write_text(yaml.safe_dump(data))
    return checked(folder)


def test_check_and_plan_know_it() -> None:
    run = checked(SPEC)
    assert not run.findings and run.plan
    ids = {one.id for one in run.plan.expectations["n1"]}
    assert {"n1/sysctl/vm.swappiness", "n1/sysctl/net.core.somaxconn"} <= ids
    assert {"n1/package/procps", "n1/service/systemd-sysctl.service"} <= ids


def test_without_it_in_the_table_its_key_is_unknown() -> None:
    (finding,) = pipeline.run(SPEC).findings
    assert (finding.rule, finding.path) == ("S101", ("sysctl",))


def test_its_rule_is_told_at_its_place_and_listed(tmp_path: Path) -> None:
    twice = {"net/core/somaxconn": 128}
    (finding,) = edited(tmp_path, **twice).findings
    assert finding.rule == "X101" and finding.span and finding.related
    assert not edited(tmp_path, **{"net.core.netdev_max_backlog": 128}).findings
    assert "X101" in pipeline.rules(COMPONENTS) and "X101" not in pipeline.rules()


def test_a_selector_of_nobody_and_a_platform_without_it_are_findings(tmp_path: Path) -> None:
    data = from_yaml(SPEC.read_text())
    for change, rule in (({"sysctl": data["sysctl"] | {"nodes": "n2"}}, "N106"),):
        (tmp_path / "site.yaml").write_text(yaml.safe_dump(data | change))
        assert [f.rule for f in checked(tmp_path).findings] == [rule]
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(data | {"platform": "debian-13"}))
    lacking = {f.message for f in checked(tmp_path).findings if f.rule == "P102"}
    assert "debian-13 has no `paths.sysctl`, which sysctl needs" in lacking


def test_what_its_format_refuses_is_a_finding_at_the_key(tmp_path: Path) -> None:
    (finding,) = edited(tmp_path, **{"vm.swap piness": 10}).findings
    assert finding.rule == "B110" and finding.path == ("sysctl", "settings")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """The node with the bundle applied, and the site's folder as `build` writes it."""
    run = checked(SPEC)
    pipeline.build(run, tmp_path / "plain")
    assert run.rendered and not run.failed
    made = Machine(Node(tmp_path))
    done = made.apply(file for file in run.rendered.files["n1"] if file.committed)
    assert done.returncode == 0, done.stderr
    return made


def verified(machine: Machine) -> dict[str, str]:
    """What becomes of its checks."""
    bundle = bundles.load(machine.made.path / "plain")
    options = Options(only=("*/sysctl/*",), wait=False, kinds=MINE)
    report = engine.run(bundle, machine, options)
    return {one.id: f"{one.status} {one.reason}".strip() for one in report.verdicts}


def test_apply_puts_it_there_and_verify_sees_it(machine: Machine) -> None:
    file = machine.made.read("/etc/sysctl.d/60-stook.conf")
    assert sysctl_conf.read(file.encode()) == {"vm.swappiness": "10", "net.core.somaxconn": "4096"}
    assert "systemctl start systemd-sysctl.service" in machine.made.calls
    assert set(verified(machine).values()) == {"pass"}


def test_its_fault_turns_exactly_its_check_red(machine: Machine) -> None:
    fault = faults.find("sysctl-changed", HERE / "faults")
    before = verified(machine)
    faults.inject(machine, fault)
    expected = {key: str(status) for key, status in fault.expected(before).items()}
    assert verified(machine) == before | expected
    faults.undo(machine, fault)
    assert verified(machine) == before


def test_the_kind_reads_lists_and_takes_no_answer_for_none() -> None:
    want = sysctl.Want("net.ipv4.tcp_rmem", "4096 131072 6291456")
    seen = sysctl.parse(want, {"value": Output(0, "4096\t131072\t6291456\n")})
    assert not sysctl.judge(want, seen)
    with pytest.raises(Unreadable):
        sysctl.parse(want, {"value": Output(255, "", "unknown key")})


def test_names_are_those_of_the_kernel() -> None:
    assert dotted("net/ipv4/conf/eth0.1/forwarding") == "net.ipv4.conf.eth0/1.forwarding"
    assert dotted("net.ipv4.conf.eth0/1.forwarding") == "net.ipv4.conf.eth0/1.forwarding"


HARNESS = ("node.py", "test_example.py")
# What the settings of a container are called in Docker's interface.
DOCKERS = ROOT / "verify/lab/nodes.py"


def test_no_file_of_the_product_names_it() -> None:
    for room in ("generator", "verify"):
        files = (path for path in (ROOT / room).rglob("*") if path.is_file())
        for path in (path for path in files if path.suffix != ".pyc" and path != DOCKERS):
            # the command and its folder of that name are the system's
            names = re.findall(rb"example_component|X101|[\"']sysctl[\"']", path.read_bytes())
            assert not names, path


def test_the_how_to_shows_every_file_of_it() -> None:
    page = (ROOT / "docs/how-to/add-a-component.md").read_text()
    for path in HERE.rglob("*"):
        name = path.relative_to(ROOT)
        if path.suffix in (".py", ".yaml", ".j2") and path.name not in HARNESS:
            assert f'--8<-- "{name}"' in page, name
