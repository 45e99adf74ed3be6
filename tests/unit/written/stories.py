"""Every script once or more on a make-believe node, so that it writes all that it ever would."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from generator.rendering import node as parts
from generator.rendering.scripts import script
from tests.unit import test_ceph_device, test_ceph_seed, test_wordpress_put
from tests.unit.node import GROUP, Node
from tests.unit.test_ceph_device import UUID as DEVICE
from tests.unit.test_ceph_seed import UUID

Roots = dict[str, str]
NODE = str(parts.__file__)
KEYS = "/home/eve/.ssh/authorized_keys"
MGR = "auth get-or-create mgr.m mon allow profile mgr osd allow * mds allow *"


def seed(folder: Path) -> Roots:
    """A monitor, a manager, an OSD and the keyring of an admin."""
    node = test_ceph_seed.make_node(folder)
    seed_all(node)
    return {str(node.root): "", str(node.answers): "-"}


def seed_all(node: test_ceph_seed.Node) -> str:
    """All that is said of it."""
    node.answer(MGR, "[mgr.m]\n\tkey = k\n")
    node.answer(f"osd new {UUID} 0", "0\n")
    roles = (("mon", "m"), ("mgr", "m"), ("osd", "0"), ("admin", "m"))
    return "".join(node.seed(*one)[1] for one in roles)


def device(folder: Path) -> Roots:
    """An OSD with a device for itself."""
    node = test_ceph_device.make_node(folder)
    code, said = node.seed()
    assert code == 0 and DEVICE, said
    return {str(node.root): "", str(node.answers): "-"}


def apply(folder: Path) -> Roots:
    """A bundle with a bit of everything, a smaller one, and one that fails and is taken back."""
    node = Node(folder)
    (node.notes / "passwd").write_text("eve:x:1001:1001::/home/eve:/bin/bash\n")
    node.plan += ["package\tchrony", f"user\tops\t/bin/bash\t{GROUP}", "mountpoint\t/bricks/a"]
    node.plan += ["secret\t/etc/stook/secrets/pw\tpw\t0600\troot\troot"]
    node.write("/var/lib/stook/secrets/pw", "geheim\n")
    node.file("/etc/stook/a", "a\n")
    node.block("/etc/hosts", "10.77.0.11\tnode-gfs1\n", "node-gfs1")
    node.file("/etc/systemd/system/stook-apply.service", "[Service]\n", form="unit")
    node.plan += ["unit\tx.service\tstart\trestart\t/etc/stook/a"]
    assert node.apply().returncode == 0
    have_put(node, KEYS)
    shutil.rmtree(node.bundle / "rootfs")
    node.plan = []
    node.file("/etc/stook/b", "b\n")
    assert node.apply().returncode == 0
    node.file("/etc/stook/c", "c\n")
    node.plan.append("unit\ty.service\tstart\trestart\t/etc/stook/c")
    (node.notes / "broken/y.service").touch()
    assert node.apply().returncode == 1
    return {str(node.root): "", str(node.notes): "-"}


def have_put(node: Node, path: str) -> None:
    """A file that an earlier release has put into a home, where this one puts none."""
    node.write(path, "ssh-ed25519 AAAA eve\n")
    state = node.root / "var/lib/stook"
    lines = (state / "applied.tsv").read_text().splitlines()[:-1]
    text = "\n".join([*lines, f"file\t{path}\t0600\troot\troot\t-", ""])
    digest = hashlib.sha256(text.encode()).hexdigest()
    (state / "applied.tsv").write_text(f"{text}digest\t{digest}\n")
    with (state / "everput").open("a") as file:
        file.write(f"file\t{path}\tput\n")


def fetch(folder: Path) -> Roots:
    """A bundle that is served from a file."""
    state = folder / "state"
    state.mkdir()
    shutil.copy(Path(NODE).parent / "fetch", state)
    subprocess.run(["tar", "-czf", f"{folder}/b.tgz", "-C", NODE.rpartition("/")[0], "apply"])
    subprocess.run(["sh", "-c", f"gzip -dc {folder}/b.tgz | sha256sum >{folder}/sum"])
    digest = (folder / "sum").read_text().split()[0]
    given = f'{{"url": "file://{folder}/b.tgz", "sha256": "{digest}"}}'
    (state / "fetch.json").write_text(given)
    for _ in range(2):
        subprocess.run([sys.executable, "-I", str(state / "fetch")], check=True)
    return {str(state): "/var/lib/stook", str(folder): "-"}


def deny(folder: Path) -> Roots:
    """An address that is banned, and one that no longer is."""
    text = (Path(NODE).parents[2] / "components/fail2ban/files/fail2ban-deny").read_text()
    script = folder / "fail2ban-deny"
    script.write_text(text.replace("/run/stook", f"{folder}/run/stook"))
    deny = folder / "etc/stook/fail2ban/deny.conf"
    deny.parent.mkdir(parents=True)
    (folder / "run").mkdir()
    for verb, *address in (["start"], ["ban", "192.0.2.1"], ["unban", "192.0.2.1"], ["flush"]):
        words = ["sh", str(script), verb, str(deny), "jail", "", *address]
        subprocess.run(words, check=True)
    return {str(folder): ""}


def wordpress(folder: Path) -> Roots:
    """A new WordPress, and one that takes the place of another's."""
    node = test_wordpress_put.Node(folder)
    assert node.put().returncode == 0
    (node.root / "wp-config.php").write_text("<?php // theirs")
    (node.root / ".stook-wordpress").unlink()
    (node.root / ".stook-wordpress").touch()
    assert node.put().returncode == 0
    return {
        str(node.root): "/var/www/html",
        str(node.list.parent): "/var/lib/stook",
        str(folder): "-",
    }


def keep(folder: Path) -> Roots:
    """The one thing that it changes by itself: what a failed `volume create` has left."""
    (folder / "bricks/a/gv/.glusterfs").mkdir(parents=True)
    take = "from generator.components.gluster.files.node import unmark; import sys"
    words = f"{take}; assert unmark(sys.argv[1])"
    subprocess.run([sys.executable, "-B", "-c", words, f"{folder}/bricks/a/gv"], check=True)
    return {str(folder): ""}


def gluster(name: str) -> Callable[[Path], Roots]:
    """A script that waits once for a glusterd that is not there."""

    def run(folder: Path) -> Roots:
        (folder / name).write_bytes(script("generator.components.gluster", "files", f"{name}.py"))
        plan = folder / "plan"
        plan.write_text("gluster\t1\nme\tn1\nformer\tn1\npeer\tn1\n")
        for tool in ("gluster", "systemctl"):
            (folder / "bin").mkdir(exist_ok=True)
            (folder / "bin" / tool).write_text("#!/bin/sh\nexit 1\n")
            (folder / "bin" / tool).chmod(0o755)
        given = {"LOOKS": "1", "PAUSE": "0", "PLAN": str(plan)}
        environment = {f"STOOK_GLUSTER_{key}": value for key, value in given.items()}
        environment["PATH"] = f"{folder / 'bin'}:{os.environ['PATH']}"
        command = [sys.executable, "-I", "-B", str(folder / name)]
        done = subprocess.run(command, env=os.environ | environment, capture_output=True)
        assert done.returncode == 1, done.stderr
        return {str(folder): ""}

    return run


STORIES: dict[str, Callable[[Path], Roots]] = {
    "apply": apply,
    "ceph-device": device,
    "ceph-seed": seed,
    "fail2ban-deny": deny,
    "fetch": fetch,
    "gluster-form": gluster("form"),
    "gluster-keep": keep,
    "gluster-restart": gluster("restart"),
    "wordpress-put": wordpress,
}
