"""The lab itself, with user-data made by hand: what it makes works, and nothing is left of it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import yaml

from tests.live.site import until
from tests.pace import pace
from verify.contract import Expectation, ExternalService, Manifest, OperatingSystem, Site
from verify.lab import disks, host, network, topology
from verify.lab.errors import LabError
from verify.lab.site import Lab
from verify.serialization import dump
from verify.targets import of_site

pytestmark = pytest.mark.live

NODES = {"n1": "10.79.0.11", "n2": "10.79.0.12"}
UUID = "0c9a6b7f-6c1b-4b0e-9d57-6f1c0f5e2d1{}"
PACKAGES = ("chrony", "firewalld", "netbase", "nftables", "openssh-server", "python3-systemd")
DATABASE = {"name": "shop_x", "user": "wp", "password": "db-password", "tls": "on"}
EXTERNAL = (
    ExternalService("time", "ntp", ("ntp.example.internal",), 123),
    ExternalService("web.database", "mysql", ("db.example.internal",), 3307, DATABASE),
)
SECRET = "/var/lib/stook/secrets/db-password"
DISK = {"name": "data", "device": "/dev/xvdf", "fstype": "xfs", "mount": "/data"}
APPLY = """
mkfs.xfs -q -m uuid={uuid} /dev/xvdf
mkdir /data
echo "UUID={uuid} /data xfs defaults,nofail 0 0" >> /etc/fstab
mount /data
echo "server ntp.example.internal iburst" > /etc/chrony/sources.d/lab.sources
sed -i "/^pool/d" /etc/chrony/chrony.conf
systemctl restart chrony
"""


def write(folder: Path) -> None:
    nodes = {
        name: {"platform": "debian-12", "zone": "a", "addresses": {"internal": address}}
        for name, address in NODES.items()
    }
    networks = {"internal": ("10.79.0.0/24",)}
    site = Site("labtest", "d", networks, nodes, {}, {}, (), external=EXTERNAL)
    (folder / "site.json").write_bytes(dump(site))
    for name in NODES:
        _write_node(folder / name, name, UUID.format(name[1]))


def _write_node(folder: Path, name: str, uuid: str) -> None:
    folder.mkdir()
    packages = (*PACKAGES, "iputils-ping", "mariadb-client", "xfsprogs")
    disk = DISK | {"uuid": uuid}
    wanted = {"name": "db-password", "form": "text"}
    asked = (Expectation(f"{name}/secret/x", "web", wanted, "web"),)
    debian = OperatingSystem("debian", "12", "bookworm")
    manifest = Manifest(
        "labtest", name, "debian-12", "d", "b", {}, packages, (disk,), asked, debian
    )
    (folder / "manifest.json").write_bytes(dump(manifest))
    (folder / "meta-data").write_text(f"instance-id: {name}\n")
    runcmd = [["sh", "-ec", APPLY.format(uuid=uuid)]]
    data = {"hostname": name, "manage_etc_hosts": False, "runcmd": runcmd}
    (folder / "user-data").write_text("#cloud-config\n" + yaml.safe_dump(data))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("labtest")
    write(folder)
    made = Lab(folder, print, pace=pace())
    made.down()
    try:
        booted = made.up(wait=90, secretless=["n2"])
        assert {name: boot.errors for name, boot in booted.items()} == {"n1": (), "n2": ()}
        yield made
    finally:
        made.down()
    assert nothing_left(made)


def nothing_left(lab: Lab) -> bool:
    ours = f"{network.LABEL}={lab.topology.name}"
    return (
        lab.client.containers.list(all=True, filters={"label": ours}) == []
        and not Path(network.NAMESPACES, lab.topology.title).exists()
        and disks.attached(lab.topology.state) == ()
        and not lab.topology.state.exists()
    )


def ask(lab: Lab, name: str, command: str) -> str:
    seen = lab.exec(name, command)
    assert seen.code == 0, seen
    return seen.out.strip()


def test_a_node_is_what_its_user_data_says(lab: Lab) -> None:
    assert ask(lab, "n1", "hostname") == "n1"
    assert ask(lab, "n1", "findmnt -no SOURCE,FSTYPE /data") == "/dev/xvdf xfs"
    assert ask(lab, "n1", "systemctl is-system-running") == "running"


def test_a_node_listens_only_where_its_own_daemons_do(lab: Lab) -> None:
    listening = ask(lab, "n1", "ss -Hlntup")
    assert all("users:" in line for line in listening.splitlines()), listening


def test_a_node_has_no_disk_but_its_own(lab: Lab) -> None:
    mounts = ask(lab, "n1", "findmnt --real -no TARGET,FSTYPE | grep -v -w -e overlay -e fuse")
    assert [line.split()[-1] for line in mounts.splitlines()] == ["xfs"], mounts


def test_hosts_can_be_replaced_and_outlive_a_reboot(lab: Lab) -> None:
    ask(lab, "n2", "cp /etc/hosts /etc/hosts.new; echo 192.0.2.9 away >> /etc/hosts.new")
    ask(lab, "n2", "mv /etc/hosts.new /etc/hosts")
    lab.reboot("n2")
    lab.wait_booted(["n2"], 60)
    assert ask(lab, "n2", "getent hosts away").split() == ["192.0.2.9", "away"]
    assert ask(lab, "n2", "findmnt -no FSTYPE /data") == "xfs"
    assert ask(lab, "n2", "hostname") == "n2"


def test_time_comes_from_the_server_of_the_spec(lab: Lab) -> None:
    tracking = ask(lab, "n1", "chronyc -n waitsync 20 0 0 1 > /dev/null; chronyc -n -c tracking")
    assert tracking.split(",")[1:3] == ["203.0.113.53", "9"]


def test_the_clock_of_the_host_is_out_of_reach(lab: Lab) -> None:
    assert lab.exec("n1", "date -s @0").code == 1


def test_nodes_see_each_other_inside_and_are_seen_from_outside(lab: Lab) -> None:
    ask(lab, "n1", "bash -c 'exec 3<> /dev/tcp/10.79.0.12/22'")
    assert lab.outside("nc -z -w 2 203.0.113.11 22").code == 0
    assert lab.outside("nc -z -w 2 2001:db8::b 22").code == 0
    assert lab.outside("nc -z -w 2 10.79.0.11 22").code == 0
    assert lab.outside("nc -z -w 2 10.79.0.11 9").code == 1


@pytest.mark.parametrize("name", ["n1", "outside"])
def test_nothing_reaches_beyond_the_lab(lab: Lab, name: str) -> None:
    assert ask(lab, name, "ip route show default; ip -6 route show default") == ""


def test_a_command_that_hangs_has_no_code(lab: Lab) -> None:
    assert lab.exec("n1", "sleep 30", timeout=1).code is None


def test_a_killed_node_comes_back_with_its_disk(lab: Lab) -> None:
    ask(lab, "n2", "echo kept > /data/file; sync")
    for verb in ("kill", "cut"):
        lab.act("n2", verb)
        states = {one.name: one.state for one in lab.status()}
        assert states["n2"] == "exited"
        lab.start("n2")
        lab.wait_booted(["n2"], 60)
        assert ask(lab, "n2", "cat /data/file") == "kept"


def login(lab: Lab, words: str, statement: str = "SELECT CURRENT_USER()") -> tuple[int | None, str]:
    """What the database says to a node that takes the delivered secret for its password."""
    client = f"MYSQL_PWD=$(cat {SECRET}) mariadb -N -h db.example.internal -P 3307 -u wp {words}"
    seen = lab.exec("n1", f'{client} shop_x -e "{statement}"')
    return seen.code, seen.out.strip() or seen.err.strip()


def test_the_database_takes_the_secret_that_a_node_was_given(lab: Lab) -> None:
    assert login(lab, "--ssl") == (0, "wp@%")
    assert ask(lab, "n1", f"stat -c '%a %U' {SECRET} $(dirname {SECRET})") == "600 root\n700 root"
    for wrong in ("--ssl -pwrong", "--skip-ssl"):
        assert "Access denied for user 'wp'" in login(lab, wrong)[1]


def test_the_database_outlives_a_reboot(lab: Lab) -> None:
    assert login(lab, "--ssl", "CREATE TABLE kept (x int)")[0] == 0
    for verb in ("kill", "cut"):
        lab.act("database", verb)
        assert "Can't connect" in login(lab, "--ssl --connect-timeout 2")[1]
        lab.start("database")
        lab.wait_booted(["database"], 60)
        assert login(lab, "--ssl", "SHOW TABLES") == (0, "kept")


def test_a_secret_comes_later_to_a_node_that_was_left_without(lab: Lab) -> None:
    assert lab.exec("n2", "ls /var/lib/stook/secrets").code != 0
    lab.give_secrets("n2")
    assert ask(lab, "n2", f"cat {SECRET}") == ask(lab, "n1", f"cat {SECRET}")
    assert ask(lab, "n2", f"stat -c %a {SECRET}") == "600"


def answers(lab: Lab, source: str) -> bool:
    """Whether a visitor's address is there; IPv6 first waits to hear that nobody else has it."""
    return lab.exec("n1", f"ping -c 1 -W 2 {source}").code == 0


def reaches(lab: Lab, source: str, target: str) -> bool:
    """Whether a connection from one of the visitors' addresses is answered."""
    return lab.outside(f"nc -z -w 2 -s {source} {target} 22").code == 0


def test_visitors_have_addresses_of_their_own_also_after_a_reboot(lab: Lab) -> None:
    lab.reboot("outside")
    for source in (*topology.ATTACKER, *topology.INNOCENT):
        until(partial(answers, lab, source), 10, f"{source} answers")
        # by the node's own address, which is reached through its leg: the answer finds its way
        target = "2001:db8::b" if ":" in source else "10.79.0.11"
        until(partial(reaches, lab, source, target), 10, f"{source} reaches {target}")
        assert f"src {source}" not in ask(lab, "outside", f"ip route get {target}")


def test_ports_of_the_system_are_for_root(lab: Lab) -> None:
    assert ask(lab, "n1", "cat /proc/sys/net/ipv4/ip_unprivileged_port_start") == "1024"


def test_a_lab_that_is_up_is_not_made_again(lab: Lab) -> None:
    with pytest.raises(LabError, match="up already"):
        Lab(lab.folder).up()
    assert all(standing.state == "running" for standing in lab.status())


def test_nothing_of_a_lab_is_in_the_namespace_of_its_machine(lab: Lab) -> None:
    shown = subprocess.run(["ip", "-o", "address"], capture_output=True, text=True).stdout
    for one in lab.status():
        for addresses in one.addresses.values():
            assert not [address for address in addresses if f" {address}/" in shown]


def test_two_labs_of_one_site_are_in_nobodys_way(lab: Lab, tmp_path: Path) -> None:
    """The same names, addresses, disks and UUIDs; a folder of its own is all that differs."""
    write(tmp_path)
    second = Lab(tmp_path, print, pace=pace())
    try:
        booted = second.up(wait=90)
        assert {name: boot.errors for name, boot in booted.items()} == {"n1": (), "n2": ()}
        for one, said in ((lab, "first"), (second, "second")):
            ask(one, "n1", f"echo {said} > /data/whose")
        assert ask(lab, "n1", "cat /data/whose") == "first"
        kept = [ask(one, "n2", "blkid -s UUID -o value /dev/xvdf") for one in (lab, second)]
        assert kept[0] == kept[1]
        second.kill("n2")
        assert lab.outside("nc -z -w 2 10.79.0.12 22").code == 0
        assert second.outside("nc -z -w 2 10.79.0.12 22").code == 1
        for one, running in ((lab, 1), (second, 0)):
            found = of_site("labtest", one.topology.folder, "stook.node=n2")
            assert len(found) == running, "another lab's node is never taken for one that is off"
    finally:
        second.down()
    assert nothing_left(second)
    assert all(standing.state == "running" for standing in lab.status())


def test_what_a_stopped_engine_leaves_behind_is_in_nobodys_way(tmp_path: Path) -> None:
    write(tmp_path)
    first = Lab(tmp_path, print, pace=pace())
    try:
        first.up(wait=90)
        for standing in first.status():
            first.kill(standing.name)
        booted = Lab(tmp_path, print, pace=pace()).up(wait=90)
        assert {name: boot.errors for name, boot in booted.items()} == {"n1": (), "n2": ()}
    finally:
        first.down()
    assert nothing_left(first)


def test_the_machine_can_hold_a_lab() -> None:
    assert host.obstacle() is None
