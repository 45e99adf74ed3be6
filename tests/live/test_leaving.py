"""What leaves the spec leaves a real node and comes back: an admin, a service, its repository."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.site import ROOT, apply, bad, build, run, running, settled, until, verify
from verify.contract import Output
from verify.lab import delivery
from verify.lab.site import Lab

pytestmark = pytest.mark.live
PLAIN = ROOT / "bundles/plain-trixie/site.yaml"
NODE, SERVICE = "node1", "prometheus-node-exporter"
EVE = """  eve:
    ssh_keys: [{key}]
    from: [198.51.100.0/24, 127.0.0.1/32]
"""

# A package with one unit, in a repository that apt reads from a folder.
OWN = "stook-own"
PACKAGE = f"""set -e
rm -rf /srv/own /tmp/own; mkdir -p /srv/own /tmp/own/DEBIAN /tmp/own/lib/systemd/system
cat >/tmp/own/DEBIAN/control <<'END'
Package: {OWN}
Version: 1.0
Architecture: all
Maintainer: ops <ops@example.com>
Description: waits
END
cat >/tmp/own/lib/systemd/system/{OWN}.service <<'END'
[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
END
dpkg-deb --build --root-owner-group /tmp/own /srv/own/own.deb >/dev/null
cd /srv/own
{{
    cat /tmp/own/DEBIAN/control
    echo Filename: ./own.deb
    echo Size: $(stat -c %s own.deb)
    echo SHA256: $(sha256sum own.deb | cut -d ' ' -f 1)
}} >Packages
"""
SOURCE = f"""  own:
    packages: [{OWN}]
    units: [{OWN}.service]
repositories:
  own: {{uri: "file:/srv/own", suites: [./], trusted: true, priority: 600}}
"""


def spec(eve: str) -> str:
    """The plain site with one more admin, or with neither her nor its service."""
    text = PLAIN.read_text("utf-8")
    if not eve:
        return text[: text.index("services:")]
    return text.replace("\naccess:", EVE.format(key=eve) + "\naccess:", 1)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("key") / "key"
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "eve", "-f", str(made)]
    subprocess.run(words, check=True)
    return made


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("leaving")
    build(folder, spec(public(key)))
    with running(folder) as made:
        made.container(NODE).put_archive("/root", delivery.private("key", key.read_text("utf-8")))
        yield made


def public(key: Path) -> str:
    return key.with_suffix(".pub").read_text("utf-8").strip()


def log_in(lab: Lab, command: str) -> Output:
    options = "-i /root/key -o BatchMode=yes -o StrictHostKeyChecking=no -o ConnectTimeout=10"
    return lab.exec(NODE, f"ssh {options} eve@127.0.0.1 {command}", 40)


def test_who_is_there_gets_in(lab: Lab) -> None:
    assert not bad(settled("--node", NODE, folder=lab.folder))
    assert log_in(lab, "sudo -n id -u").out.strip() == "0"


def test_an_admin_and_a_service_leave(lab: Lab, key: Path) -> None:
    uid = run(lab, NODE, "id -u eve")
    run(
        lab,
        NODE,
        "mkdir -p /var/spool/cron/crontabs && echo '* * * * * id' >/var/spool/cron/crontabs/eve",
    )
    options = "-f -i /root/key -o BatchMode=yes -o StrictHostKeyChecking=no"
    run(lab, NODE, f"ssh {options} eve@127.0.0.1 'exec sleep 1234' >/dev/null 2>&1 </dev/null")
    until(lambda: "1234" in run(lab, NODE, "pgrep -a -u eve sleep || :"), 20, "she is logged in")

    build(lab.folder, spec(""))
    red = bad(verify("--node", NODE, folder=lab.folder)).keys()
    assert {f"{NODE}/accounts/all", f"{NODE}/sudoers/all", f"{NODE}/leftovers/beyond"} <= red, red

    said = apply(lab, NODE).out
    assert "close the account eve" in said, said
    assert log_in(lab, "id").code == 255
    until(
        lambda: "1234" not in run(lab, NODE, "pgrep -a -u eve sleep || :"), 20, "her session ended"
    )
    assert run(lab, NODE, "getent shadow eve | cut -d : -f 8").strip() == "1"
    run(lab, NODE, "test -d /home/eve && ! test -e /var/spool/cron/crontabs/eve")
    run(lab, NODE, f"! systemctl is-active -q {SERVICE} && dpkg -s {SERVICE} >/dev/null")
    assert not bad(settled("--node", NODE, folder=lab.folder))

    # and back
    build(lab.folder, spec(public(key)))
    said = apply(lab, NODE).out
    assert "open the account eve again" in said, said
    assert run(lab, NODE, "id -u eve") == uid
    assert log_in(lab, "sudo -n id -u").out.strip() == "0"
    assert not bad(settled("--node", NODE, folder=lab.folder))


def test_a_boot_puts_the_names_back_that_cloud_init_has_taken(lab: Lab) -> None:
    begins, taken = "# BEGIN stook", f"127.0.1.1 {NODE}"
    start = "systemctl start stook-apply.service"
    run(lab, NODE, f"{start} && ! systemctl is-active -q stook-apply.service")
    words = f"sed '/^{begins}/,/^# END stook/d' /etc/hosts >/tmp/hosts; echo '{taken}' >>/tmp/hosts"
    run(lab, NODE, f"{words}; cat /tmp/hosts >/etc/hosts; {start}")
    until(lambda: begins in run(lab, NODE, "cat /etc/hosts"), 60, "the names are back")
    assert f"\n{taken}" not in run(lab, NODE, "cat /etc/hosts")
    assert not bad(settled("--node", NODE, folder=lab.folder))


def test_a_service_leaves_with_the_repository_that_brought_it(lab: Lab, key: Path) -> None:
    run(lab, NODE, PACKAGE)
    build(lab.folder, spec(public(key)) + SOURCE)
    done = apply(lab, NODE)
    assert done.code == 0, done.out
    assert run(lab, NODE, f"systemctl is-active {OWN}").strip() == "active"
    assert not bad(settled("--node", NODE, folder=lab.folder))

    build(lab.folder, spec(public(key)))
    red = bad(verify("--node", NODE, folder=lab.folder)).keys()
    assert {f"{NODE}/repositories/beyond", f"{NODE}/leftovers/beyond"} <= red, red
    done = apply(lab, NODE)
    assert done.code == 0, done.out
    run(lab, NODE, f"! systemctl is-active -q {OWN} && ! systemctl is-enabled -q {OWN}")
    # its package stays, and nothing offers it any more
    policy = run(lab, NODE, f"apt-cache policy {OWN}")
    assert "Installed: 1.0" in policy and "/srv/own" not in policy, policy
    run(lab, NODE, "! grep -rs /srv/own /etc/apt")
    assert not bad(settled("--node", NODE, folder=lab.folder))
