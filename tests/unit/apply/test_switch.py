"""From one packet filter to the other: what comes is loaded before what goes is stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.apply.part import Part
from tests.unit.shell import SHELLS

FIREWALLD = "unit\tfirewalld.service\tstart\treload\t/etc/firewalld/firewalld.conf\n"
NFTABLES = "unit\tnftables.service\tstart\treload\t/etc/nftables.conf\n"
# A kernel whose tables are files, and units that are files while they run.
KERNEL = """
K=$R/kernel U=$R/running
nft() {
    echo "nft $*" >>"$R/calls"
    case $1 in
        list) cat "$K/$4" 2>/dev/null ;;
        delete) rm "$K/$4" ;;
        -f)
            name=$(sed -n '1s/table inet \\([a-z_]*\\) {/\\1/p' "$2")
            [ -n "$name" ] && cp "$2" "$K/$name"
            ;;
    esac
}
systemctl() {
    echo "systemctl $*" >>"$R/calls"
    case $1 in
        is-enabled) echo enabled ;;
        show) [ "$4" = fail2ban.service ] || echo fail2ban.service ;;
        stop) rm -f "$U/$2" "$U/fail2ban.service" ;;
        start) : >"$U/$2" ;;
    esac
}
enabled() { systemctl is-enabled "$1"; }
is_active() { [ -e "$U/$1" ]; }
sleep() { :; }
"""


@pytest.fixture(params=SHELLS)
def part(request: pytest.FixtureRequest, tmp_path: Path) -> Part:
    made = Part(request.param, tmp_path)
    for name in ("kernel", "running"):
        (tmp_path / "root" / name).mkdir()
    made.write("root/etc/nftables.conf", "table inet stook {\n\tchain input { drop }\n}\n")
    return made


def tables(part: Part) -> set[str]:
    return {path.name for path in (part.folder / "root/kernel").iterdir()}


def running(part: Part) -> set[str]:
    return {path.name for path in (part.folder / "root/running").iterdir()}


def test_the_table_is_there_before_firewalld_goes(part: Part) -> None:
    part.write("root/running/fail2ban.service", "")
    part.write("root/running/firewalld.service", "")
    part.write("root/kernel/firewalld", "")
    with (part.folder / "bundle/plan.tsv").open("a") as plan:
        plan.write(NFTABLES)
    assert part.do("switch", "hand_over", KERNEL)[0] == 0
    assert tables(part) == {"firewalld", "stook"}
    assert (part.folder / "work/stopped").read_text() == "firewalld.service\nfail2ban.service\n"
    assert running(part) == set()
    assert not (part.folder / "work/disabled").exists()
    assert part.do("switch", "end_hand_over", KERNEL)[0] == 0
    assert running(part) == {"fail2ban.service"}
    assert (part.folder / "work/disabled").read_text() == "firewalld.service\n"


def test_a_table_that_cannot_be_loaded_leaves_firewalld(part: Part) -> None:
    part.write("root/running/firewalld.service", "")
    part.write("root/etc/nftables.conf", "nonsense\n")
    with (part.folder / "bundle/plan.tsv").open("a") as plan:
        plan.write(NFTABLES)
    code, said = part.do("switch", "hand_over", KERNEL)
    assert (code, "firewalld goes on" in said) == (1, True)
    assert not (part.folder / "work/stopped").exists()


def test_the_rules_stay_until_firewalld_has_its_own(part: Part) -> None:
    part.write("root/running/nftables.service", "")
    part.write("root/kernel/stook", "table inet stook {\n\tchain input { drop }\n}\n")
    with (part.folder / "bundle/plan.tsv").open("a") as plan:
        plan.write(FIREWALLD)
    assert part.do("switch", "hand_over", KERNEL)[0] == 0
    assert tables(part) == {"stook", "stook_handover"}
    (part.folder / "root/kernel/stook").unlink()
    code, said = part.do("switch", "end_hand_over", KERNEL)
    assert (code, "incomplete no packet filter" in said) == (0, True)
    assert tables(part) == {"stook_handover"}
    part.write("root/kernel/firewalld", "")
    assert part.do("switch", "end_hand_over", KERNEL)[0] == 0
    assert tables(part) == {"firewalld"}


@pytest.mark.parametrize("unit", [FIREWALLD, NFTABLES])
def test_without_another_one_nothing_is_done(part: Part, unit: str) -> None:
    name = unit.split("\t")[1]
    part.write(f"root/running/{name}", "")
    with (part.folder / "bundle/plan.tsv").open("a") as plan:
        plan.write(unit)
    assert part.do("switch", "hand_over; end_hand_over", KERNEL) == (0, "")
    assert tables(part) == set()


def test_on_the_way_back_nftables_stops_while_its_unit_is_ours(part: Part) -> None:
    part.write("work/gave_way", "firewalld.service\n")
    part.write("root/running/nftables.service", "")
    part.write("root/kernel/stook", "table inet stook {\n\tchain input { drop }\n}\n")
    assert part.do("switch", "keep_meanwhile", KERNEL)[0] == 0
    assert (tables(part), running(part)) == ({"stook", "stook_handover"}, set())


def test_on_the_way_back_the_rules_of_before_are_loaded(part: Part) -> None:
    part.write("work/gave_way", "nftables.service\n")
    part.write("work/last", NFTABLES)
    assert part.do("switch", "load_former", KERNEL)[0] == 0
    assert tables(part) == {"stook"}


def test_what_a_killed_run_has_kept_is_dropped_by_the_next(part: Part) -> None:
    for name in ("stook", "stook_handover"):
        part.write(f"root/kernel/{name}", f"table inet {name} {{\n}}\n")
    assert part.do("switch", "hand_over; end_hand_over", KERNEL)[0] == 0
    assert tables(part) == {"stook"}
