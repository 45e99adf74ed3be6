"""`ceph-seed` against make-believe daemons: what it makes, awaits and leaves to people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit import seeding
from tests.unit.seeding import ACCOUNT

UUID = "d898dc55-2e79-5d60-9995-3ab4576540d8"
KEY = "AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA=="

KNOWN = "".join(
    f"client.bootstrap-{role}\n\tkey: key-of-ceph-bootstrap-{role}\n" for role in ("mgr", "osd")
)
# Answers are files named after the words, joined by `_`; a call with none is a refusal.
CEPH = """#!/bin/sh
while [ $# -gt 0 ]; do case $1 in
    --connect-timeout) shift 2 ;;
    --name | --keyring) shift 2 ;;
    -m) at=" $2"; shift 2 ;;
    *) break ;;
esac; done
set -- "$@$at"
printf '%s\\n' "$*" >>"$ANSWERS/calls"
case $* in
    "auth import"*) cp "$4" "$ANSWERS/import" ;;
    "osd new"*) cp "$6" "$ANSWERS/json" ;;
    "mon getmap"*) echo the map of those that are in >"$4" ;;
esac
name=$(printf '%s' "$*" | tr ' /' '__')
for file in "$ANSWERS/$name" "$ANSWERS/${name%%_-[io]_*}"; do
    [ ! -e "$file" ] || { cat "$file"; exit 0; }
done
cat "$ANSWERS/error" >&2 2>/dev/null || echo 'Error ETIMEDOUT: timed out' >&2
exit 1
"""
MON = """#!/bin/sh
while [ $# -gt 0 ]; do case $1 in
    --mon-data) data=$2 ;;
    --keyring) cp "$2" "$ANSWERS/seed" ;;
    --monmap) cp "$2" "$ANSWERS/monmap" ;;
esac; shift; done
[ ! -e "$ANSWERS/broken" ] || { echo 'no space left' >&2; exit 1; }
echo store >"$data/kv_backend"
"""
OSD = """#!/bin/sh
printf '%s\\n' "$*" >>"$ANSWERS/mkfs"
while [ $# -gt 0 ]; do case $1 in
    --osd-data) data=$2 ;;
    -i) id=$2 ;;
    --osd-uuid) uuid=$2 ;;
esac; shift; done
[ ! -e "$ANSWERS/broken" ] || { echo half >"$data/block"; echo 'no space left' >&2; exit 1; }
echo "$id" >"$data/whoami"; echo "$uuid" >"$data/fsid"; echo ready >"$data/ready"
"""
MONMAP = """#!/bin/sh
for last; do :; done
printf '%s\\n' "${*% *}" >"$last"
"""
TOOLS = {
    "monmaptool": MONMAP,
    "ceph": CEPH,
    "ceph-mon": MON,
    "ceph-osd": OSD,
    "ceph-authtool": f"#!/bin/sh\necho {KEY}\n",
    **ACCOUNT,
}


class Node(seeding.Node):
    """A node whose daemons are made by `ceph-seed`."""

    def seed(self, role: str, name: str) -> tuple[int, str]:
        return self.run("ceph-seed", role, name)


def make_node(folder: Path) -> Node:
    """A node with a monitor, a manager and an OSD to make."""
    made = Node(folder / "root", folder / "answers")
    made.tools(TOOLS)
    made.write(
        "etc/stook/ceph.tsv",
        f"ceph\t1\nme\tm\nformer\tm\nfsid\t{UUID}\nmon\tm\t10.0.0.1\nosds\t2\nbootstrap\tmgr\nbootstrap\tosd\n"
        f"osd\t0\t{UUID}\t/ceph/a\t-\npool\trbd\t3\t2\t64\trbd\treplicated_rule\n"
        "pool\timages\t2\t1\t0\trbd\treplicated_rule\n",
    )
    for name in ("ceph-mon", "ceph-admin", "ceph-bootstrap-mgr", "ceph-bootstrap-osd"):
        made.write(f"etc/stook/secrets/{name}", f"key-of-{name}\n")
    made.write("proc/self/mountinfo", "1 2 8:1 / /ceph/a rw - xfs /dev/sdb rw\n")
    for name in ("ceph/a", "var/lib/ceph/osd", "etc/ceph"):
        (made.root / name).mkdir(parents=True, exist_ok=True)
    return made


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return make_node(tmp_path)


def test_a_monitor_gets_its_store_once(node: Node) -> None:
    assert node.seed("mon", "m") == (0, "the store of mon.m is made\n")
    seed = (node.answers / "seed").read_text()
    assert "[mon.]\n\tkey = key-of-ceph-mon\n" in seed
    assert "[client.admin]\n\tkey = key-of-ceph-admin\n" in seed
    (node.answers / "seed").unlink()
    assert node.seed("mon", "m") == (0, "")
    assert not (node.answers / "seed").exists()


ALONE = f"--create --fsid {UUID} --addv m [v2:10.0.0.1:3300,v1:10.0.0.1:6789]"
THREE = (
    f"--create --fsid {UUID} --addv a [v2:10.0.0.2:3300,v1:10.0.0.2:6789] "
    "--addv m [v2:10.0.0.1:3300,v1:10.0.0.1:6789] --addv z [v2:[fd00::3]:3300,v1:[fd00::3]:6789]"
)
JOINED = "the map of those that are in"


def stands(quorum: str, epoch: int) -> str:
    """What `ceph ping` prints of a monitor, as far as it is looked at."""
    mon = f'"election_epoch": 0,\n "quorum": [{quorum}],\n "monmap": {{\n "epoch": {epoch},\n }}'
    return f'{{\n "health": {{\n }},\n "mon_status": {{\n {mon}\n }}\n}}\n'


NEW, LOST, IN = stands("", 0), stands("", 3), stands("\n 0,\n 2\n ", 3)


@pytest.mark.parametrize(
    ("first", "last", "names", "said", "begins_with"),
    [
        ("", "", "a m z", "mon.a does not answer, and of all monitors it is made first", ""),
        ("", "", "m a z", "", THREE),
        (NEW, "", "a m z", "", THREE),
        (NEW, NEW, "a m z", "", THREE),
        ("", NEW, "a m z", "mon.a does not answer, and of all monitors it is made first", ""),
        ("", IN, "m a z", "", JOINED),
        (IN, NEW, "a m z", "", JOINED),
        (LOST, IN, "a m z", "", JOINED),
        (LOST, "", "m a z", "there is a cluster, without a quorum: a=lost z=silent", ""),
        (LOST, NEW, "a m z", "there is a cluster, without a quorum: a=lost z=new", ""),
        ("", "", "m", "", ALONE),
    ],
)
def test_a_new_monitor_joins_what_is_there_and_none_begins_alone(
    node: Node, first: str, last: str, names: str, said: str, begins_with: str
) -> None:
    homes = {"a": "10.0.0.2", "m": "10.0.0.1", "z": "[fd00::3]"}
    mons = "".join(f"mon\t{name}\t{homes[name]}\n" for name in names.split())
    plan = node.read("etc/stook/ceph.tsv").replace("mon\tm\t10.0.0.1\n", mons)
    node.write("etc/stook/ceph.tsv", plan)
    for name, answer in (("a", first), ("z", last)):
        if answer:
            node.answer(f"ping mon.noname-a v1:{homes[name]}:6789", answer)
    node.answer("mon getmap")
    done = (1, f"waiting: {said}\n") if said else (0, "the store of mon.m is made\n")
    assert node.seed("mon", "m") == done
    map_file = node.answers / "monmap"
    made = map_file.read_text().strip() if map_file.exists() else ""
    # in the order of the spec, whichever that is
    assert sorted(made.split("--addv")) == sorted(begins_with.split("--addv"))


def test_a_monitor_that_gets_no_map_waits_for_it(node: Node) -> None:
    plan = node.read("etc/stook/ceph.tsv").replace("mon\tm", "mon\ta\t10.0.0.2\nmon\tm")
    node.write("etc/stook/ceph.tsv", plan)
    node.answer("ping mon.noname-a v1:10.0.0.2:6789", IN)
    said = "waiting: the monitors do not give their map: Error ETIMEDOUT: timed out\n"
    assert node.seed("mon", "m") == (1, said)
    assert not (node.root / "var/lib/ceph/mon/ceph-m").exists()


def test_a_store_that_was_not_finished_is_made_again(node: Node) -> None:
    (node.answers / "broken").touch()
    assert node.seed("mon", "m") == (1, "waiting: ceph-mon --mkfs: no space left\n")
    assert not (node.root / "var/lib/ceph/mon/ceph-m").exists()
    (node.answers / "broken").unlink()
    assert node.seed("mon", "m")[0] == 0


@pytest.mark.parametrize(
    ("role", "name", "secret"),
    [
        ("mon", "m", "ceph-mon"),
        ("mgr", "m", "ceph-bootstrap-mgr"),
        ("osd", "0", "ceph-bootstrap-osd"),
        ("rgw", "rgw.m", "ceph-bootstrap-rgw"),
        ("admin", "m", "ceph-admin"),
    ],
)
def test_a_missing_secret_is_named(node: Node, role: str, name: str, secret: str) -> None:
    (node.root / "etc/stook/secrets" / secret).unlink(missing_ok=True)
    assert node.seed(role, name) == (1, f"waiting: the secret {secret} is not on this node\n")


def test_a_manager_gets_its_key_from_the_monitors(node: Node) -> None:
    code, said = node.seed("mgr", "m")
    assert (code, said) == (
        1,
        "waiting: the monitors do not give mgr.m its key: Error ETIMEDOUT: timed out\n",
    )
    words = "auth get-or-create mgr.m mon allow profile mgr osd allow * mds allow *"
    node.answer(words, "[mgr.m]\n\tkey = k\n")
    assert node.seed("mgr", "m")[0] == 0
    assert node.read("var/lib/ceph/mgr/ceph-m/keyring") == "[mgr.m]\n\tkey = k\n"
    asked = len(node.calls())
    assert node.seed("mgr", "m") == (0, "")
    assert len(node.calls()) == asked


def test_a_gateway_is_a_client_among_cephs_daemons(node: Node) -> None:
    node.write("etc/stook/secrets/ceph-bootstrap-rgw", "key\n")
    words = "auth get-or-create client.rgw.m mon allow rw osd allow rwx"
    node.answer(words, "[client.rgw.m]\n\tkey = k\n")
    assert node.seed("rgw", "rgw.m")[0] == 0
    assert node.read("var/lib/ceph/radosgw/ceph-rgw.m/keyring") == "[client.rgw.m]\n\tkey = k\n"


def test_keys_that_the_monitors_made_up_give_way_to_the_secrets(node: Node) -> None:
    """One that is right stays; the keys of daemons and people are not looked at."""
    known = "osd.0\n\tkey: key-of-ceph-bootstrap-mgr\nclient.bootstrap-mgr\n\tkey: made-up\n"
    right = "client.bootstrap-osd\n\tkey: key-of-ceph-bootstrap-osd\n\tcaps: [mon] allow x\n"
    node.answer("auth ls", known + right)
    assert "waiting: the monitors do not take in keys" in node.seed("admin", "m")[1]
    node.answer("auth import")
    code, said = node.seed("admin", "m")
    assert code == 1 and said.startswith("daemons get their keys by the site's secrets\n")
    imported = (node.answers / "import").read_text()
    assert imported == (
        "[client.bootstrap-mgr]\n\tkey = key-of-ceph-bootstrap-mgr\n"
        '\tcaps mon = "profile bootstrap-mgr"\n'
    )
    node.answer("auth ls", known.replace("made-up", "key-of-ceph-bootstrap-mgr") + right)
    (node.answers / "calls").unlink()
    node.seed("admin", "m")
    assert not [call for call in node.calls() if call.startswith("auth import")]


def ready(node: Node) -> str:
    """All that the monitors know where pools are made and clients come: what `auth ls` shows."""
    plan = node.read("etc/stook/ceph.tsv").split("pool\t")[0]
    node.write(
        "etc/stook/ceph.tsv",
        f"{plan}client\tbackup\t/etc/ceph/ceph.client.backup.key\n"
        'cap\tbackup\tmon\tprofile rbd\ncap\tbackup\tosd\tallow rw pool="a b", allow r pool=%s\n',
    )
    node.write("etc/ceph/ceph.client.backup.key", f"{KEY}\n")
    node.answer("auth import")
    return KNOWN


CLIENT = f"""client.backup
\tkey: {KEY}
\tcaps: [mon] profile rbd
\tcaps: [osd] allow rw pool="a b", allow r pool=%s
"""


def test_a_client_gets_its_key_and_rights_once(node: Node) -> None:
    known = ready(node)
    node.answer("auth ls", known)
    code, said = node.seed("admin", "m")
    assert code == 0 and said.endswith("clients have their keys and rights\n")
    assert (node.answers / "import").read_text() == (
        f'[client.backup]\n\tkey = {KEY}\n\tcaps mon = "profile rbd"\n'
        '\tcaps osd = "allow rw pool=\\"a b\\", allow r pool=%s"\n'
    )
    node.answer("auth ls", known + CLIENT)
    (node.answers / "calls").unlink()
    assert node.seed("admin", "m") == (0, "the pools are as planned\n")
    assert not node.calls("auth import")


@pytest.mark.parametrize(
    "changed",
    [
        CLIENT.replace(KEY, "another"),
        CLIENT.replace("profile rbd", "allow *"),
        f"{CLIENT}\tcaps: [mds] allow\n",
        CLIENT.splitlines()[0] + "\n",
    ],
)
def test_a_client_that_somebody_has_changed_is_as_planned_again(node: Node, changed: str) -> None:
    node.answer("auth ls", ready(node) + changed + "client.other\n\tkey: k\n")
    assert "clients have their keys and rights" in node.seed("admin", "m")[1]
    assert "[client.other]" not in (node.answers / "import").read_text()


def test_a_client_whose_owner_wrote_no_key_waits_after_all_else(node: Node) -> None:
    node.answer("auth ls", ready(node))
    node.write("etc/ceph/ceph.client.backup.key", 'x"\n[client.admin]\n')
    file = f"{node.root}/etc/ceph/ceph.client.backup.key"
    assert node.seed("admin", "m")[1].endswith(f"waiting: {file} does not hold a key\n")
    assert not node.calls("auth import")


def test_an_osd_is_made_once_on_its_disk(node: Node) -> None:
    node.answer(f"osd new {UUID} 0", "0\n")
    assert node.seed("osd", "0") == (0, "osd.0 is made on /ceph/a\n")
    assert str((node.root / "var/lib/ceph/osd/ceph-0").readlink()) == "/ceph/a/osd"
    assert f"key = {KEY}" in node.read("ceph/a/osd/keyring")
    assert node.seed("osd", "0") == (0, "")
    assert len((node.answers / "mkfs").read_text().splitlines()) == 1


def test_an_osd_waits_for_its_disk_and_for_the_monitors(node: Node) -> None:
    node.write("proc/self/mountinfo", "1 2 8:1 / / rw - ext4 /dev/sda rw\n")
    assert node.seed("osd", "0") == (1, "waiting: /ceph/a is not mounted\n")
    assert not list((node.root / "ceph/a").iterdir())
    node.write("proc/self/mountinfo", "1 2 8:1 / /ceph/a rw - xfs /dev/sdb rw\n")
    assert "waiting: the monitors do not take osd.0 in" in node.seed("osd", "0")[1]


def test_an_osd_that_was_half_made_goes_on_with_the_same_key(node: Node) -> None:
    node.answer(f"osd new {UUID} 0", "0\n")
    (node.answers / "broken").touch()
    assert node.seed("osd", "0") == (1, "waiting: ceph-osd --mkfs: no space left\n")
    assert node.read("ceph/a/osd/new-key") == f"{KEY}\n"
    (node.answers / "broken").unlink()
    (node.answers / "bin/ceph-authtool").write_text("#!/bin/sh\necho another\n")
    assert node.seed("osd", "0")[0] == 0
    assert f"key = {KEY}" in node.read("ceph/a/osd/keyring")
    assert not (node.root / "ceph/a/osd/block").exists()
    assert not (node.root / "ceph/a/osd/new-key").exists()


def test_an_osd_whose_disk_was_wiped_is_left_to_a_person(node: Node) -> None:
    node.answer("error", "Error EEXIST: entity osd.0 exists but key does not match\n")
    code, said = node.seed("osd", "0")
    assert code == 3 and "ceph osd purge 0 --yes-i-really-mean-it" in said
    assert not (node.answers / "mkfs").exists()


@pytest.mark.parametrize(
    ("refusal", "advice"),
    [
        ("Error EEXIST: uuid x already in use for different id 1", "by another number"),
        ("Error EINVAL: id 0 already in use and does not match uuid x", "an id of its own"),
    ],
)
def test_an_osd_that_the_cluster_knows_otherwise_is_left_to_a_person(
    node: Node, refusal: str, advice: str
) -> None:
    (node.answers / "error").write_text(f"{refusal}\n")
    code, said = node.seed("osd", "0")
    assert code == 3 and advice in said


def test_a_pool_with_one_copy_is_made_when_that_is_meant(node: Node) -> None:
    plan = [line for line in node.read("etc/stook/ceph.tsv").splitlines() if "pool\t" not in line]
    node.write(
        "etc/stook/ceph.tsv", "\n".join([*plan, "pool\tone\t1\t1\t8\trbd\treplicated_rule", ""])
    )
    node.answer("auth ls", KNOWN)
    node.answer("osd stat", "2 osds: 2 up (since 3s), 2 in (since 9s); epoch: e9\n")
    (node.answers / "error").write_text("Error ENOENT: unrecognized pool 'one'\n")
    made = "osd pool create one 8 8 replicated replicated_rule --size=2 --autoscale-mode=off"
    node.seed("admin", "m")
    assert node.calls()[-1] == made
    # 16.2 takes no such word when it makes a pool
    node.answer(made)
    node.seed("admin", "m")
    assert node.calls()[-1] == "osd pool set one size 1 --yes-i-really-mean-it"


def test_an_osd_that_the_spec_has_renumbered_is_left_alone(node: Node) -> None:
    node.answer(f"osd new {UUID} 0", "0\n")
    node.seed("osd", "0")
    plan = node.read("etc/stook/ceph.tsv").replace("osd\t0", "osd\t3")
    node.write("etc/stook/ceph.tsv", plan)
    code, said = node.seed("osd", "3")
    assert code == 3 and "/ceph/a holds osd.0, and the spec now calls it osd.3" in said


def test_pools_are_made_and_only_what_differs_is_set(node: Node) -> None:
    node.answer("auth ls", KNOWN)
    there = {"size": 3, "min_size": 1, "pg_autoscale_mode": "off", "pg_num": 128}
    for key, value in (there | {"crush_rule": "replicated_rule"}).items():
        node.answer(f"osd pool get rbd {key}", f"{key}: {value}\n")
    node.answer("osd pool application get rbd", '{\n    "rbd": {}\n}\n')
    node.answer("osd pool set rbd min_size 2")
    (node.answers / "error").write_text("Error ENOENT: unrecognized pool 'images'\n")
    node.answer("osd stat", "2 osds: 1 up (since 3s), 2 in (since 9s); epoch: e9\n")
    code, said = node.seed("admin", "m")
    assert code == 1 and "pool images is made when all OSDs are up: 1 of 2 are" in said
    node.answer("osd stat", "2 osds: 2 up (since 3s), 2 in (since 9s); epoch: e9\n")
    (node.answers / "calls").unlink()
    code, again = node.seed("admin", "m")
    said += again
    assert code == 1 and "pool images cannot be made" in said
    assert "pool rbd: min_size is set to 2" in said
    changes = [call for call in node.calls() if " get " not in call]
    # more placement groups than planned are left: they are only ever added
    assert changes == [
        "auth ls",
        "osd pool set rbd min_size 2",
        "osd stat",
        "osd pool create images replicated replicated_rule --size=2 --autoscale-mode=on",
    ]
    assert "key = key-of-ceph-admin" in node.read("etc/ceph/ceph.client.admin.keyring")


def test_a_pool_of_a_class_gets_its_rule_first(node: Node) -> None:
    plan = [line for line in node.read("etc/stook/ceph.tsv").splitlines() if "pool\t" not in line]
    rule, pool = "rule\treplicated_ssd\thost\tssd", "pool\tfast\t3\t2\t8\trbd\treplicated_ssd"
    node.write("etc/stook/ceph.tsv", "\n".join([*plan, rule, pool, ""]))
    node.answer("auth ls", KNOWN)
    (node.answers / "error").write_text("Error EINVAL: device class ssd does not exist\n")
    assert "the CRUSH rule replicated_ssd cannot be made" in node.seed("admin", "m")[1]
    node.answer("osd crush rule create-replicated replicated_ssd default host ssd")
    there = {"size": 3, "min_size": 2, "pg_autoscale_mode": "off", "pg_num": 8}
    for key, value in (there | {"crush_rule": "replicated_rule"}).items():
        node.answer(f"osd pool get fast {key}", f"{key}: {value}\n")
    node.answer("osd pool application get fast", '{\n    "rbd": {}\n}\n')
    node.answer("osd pool set fast crush_rule replicated_ssd")
    code, said = node.seed("admin", "m")
    assert code == 0 and "pool fast: crush_rule is set to replicated_ssd" in said


def coded(node: Node, overwrites: str) -> None:
    """A plan with an erasure-coded pool, which the monitors do not have."""
    plan = [line for line in node.read("etc/stook/ceph.tsv").splitlines() if "pool\t" not in line]
    pool = f"coded\tarchive\t4\t2\t5\t16\tbackup\thost\thdd\t{overwrites}"
    node.write("etc/stook/ceph.tsv", "\n".join([*plan, pool, ""]))
    node.answer("auth ls", KNOWN)
    node.answer("osd stat", "2 osds: 2 up (since 3s), 2 in (since 9s); epoch: e9\n")
    (node.answers / "error").write_text("Error ENOENT: unrecognized pool 'archive'\n")


PROFILE = (
    "osd erasure-code-profile set archive k=4 m=2 crush-failure-domain=host crush-device-class=hdd"
)
CODED = "osd pool create archive 16 16 erasure archive --autoscale-mode=off"


def test_a_coded_pool_is_made_of_its_profile_once(node: Node) -> None:
    coded(node, "true")
    assert "the profile of pool archive cannot be made" in node.seed("admin", "m")[1]
    node.answer(PROFILE)
    node.seed("admin", "m")
    assert node.calls()[-1] == CODED
    node.answer(CODED)
    there = {"size": 6, "min_size": 4, "allow_ec_overwrites": "false", "pg_num": 16}
    for key, value in (there | {"pg_autoscale_mode": "off"}).items():
        node.answer(f"osd pool get archive {key}", f"{key}: {value}\n")
    node.answer("osd pool application get archive", '{\n    "backup": {}\n}\n')
    node.answer("osd pool set archive min_size 5")
    node.answer("osd pool set archive allow_ec_overwrites true")
    (node.answers / "calls").unlink()
    assert node.seed("admin", "m")[0] == 0
    assert [call for call in node.calls() if " get " not in call] == [
        "auth ls",
        "osd pool set archive min_size 5",
        "osd pool set archive allow_ec_overwrites true",
    ]


def test_a_coded_pool_of_whole_objects_needs_no_overwrites(node: Node) -> None:
    coded(node, "-")
    node.answer(PROFILE)
    node.answer(CODED)
    for key, value in {"min_size": 5, "pg_autoscale_mode": "off", "pg_num": 16}.items():
        node.answer(f"osd pool get archive {key}", f"{key}: {value}\n")
    node.answer("osd pool application get archive", '{\n    "backup": {}\n}\n')
    assert node.seed("admin", "m")[0] == 0
    assert not [call for call in node.calls() if "overwrites" in call]


def test_an_osd_is_of_its_class_before_it_first_starts(node: Node) -> None:
    """Else it would be what it takes its device for, and its groups would move."""
    plan = node.read("etc/stook/ceph.tsv").replace("/ceph/a\t-", "/ceph/a\tssd")
    node.write("etc/stook/ceph.tsv", plan)
    node.answer(f"osd new {UUID} 0", "0\n")
    assert node.seed("osd", "0")[0] == 0
    assert (node.answers / "json").read_text() == (
        f'{{"cephx_secret": "{KEY}", "crush_device_class": "ssd"}}'
    )


def test_pools_are_made_by_one_node_only(node: Node) -> None:
    plan = node.read("etc/stook/ceph.tsv").replace("former\tm", "former\tother")
    node.write("etc/stook/ceph.tsv", plan)
    assert node.seed("admin", "m")[0] == 0
    assert not node.calls()


def test_a_file_system_is_made_after_its_pools_and_once(node: Node) -> None:
    plan = [line for line in node.read("etc/stook/ceph.tsv").splitlines() if "pool\t" not in line]
    further = ["fs\tfiles\tnames\tdata", "data\tfiles\tfilms", ""]
    node.write("etc/stook/ceph.tsv", "\n".join([*plan, *further]))
    node.answer("auth ls", KNOWN)
    assert node.seed("admin", "m")[0] == 1  # no answer is no reason to make one
    assert not [call for call in node.calls() if call.startswith("fs new")]
    (node.answers / "error").write_text("Error ENOENT: filesystem 'files' not found\n")
    code, said = node.seed("admin", "m")
    assert code == 1 and "file system files cannot be made" in said
    node.answer("fs new files names data")
    code, said = node.seed("admin", "m")
    assert code == 1 and "file system files cannot have pool films" in said
    node.answer("fs add_data_pool files films")
    assert node.seed("admin", "m") == (0, "file system files is made\nthe pools are as planned\n")
    node.answer("fs get files", "{}")
    (node.answers / "calls").unlink()
    assert node.seed("admin", "m") == (0, "the pools are as planned\n")
    assert node.calls() == ["auth ls", "fs get files", "fs add_data_pool files films"]
