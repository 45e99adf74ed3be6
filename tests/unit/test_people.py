"""Each person's keys, and where they are taken from."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.claims import Port, User
from generator.pipeline import Run, run
from verify.probes import authorized_keys

BASE = Path(__file__).parents[1] / "rules/base.yaml"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L"


def site(folder: Path, *admins: str) -> Run:
    """The rules' base with other admins."""
    lines = BASE.read_text().splitlines()
    place = lines.index("admins:")
    path = folder / "site.yaml"
    path.write_text("\n".join([*lines[: place + 1], *admins, *lines[place + 2 :], ""]))
    return run(path)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("", KEY),
        (", from: []", None),
        (", from: [10.0.0.0/8]", f'from="10.0.0.0/8" {KEY}'),
        (", from: ['2001:DB8::/32', 192.0.2.7]", f'from="2001:db8::/32,192.0.2.7/32" {KEY}'),
    ],
)
def test_a_key_has_its_own_persons_networks(given: str, line: str | None, tmp_path: Path) -> None:
    """Another one's networks, which the firewall opens too, are not in the line."""
    admins = (
        f"  a: {{ssh_keys: [{KEY} a]{given}}}",
        f"  b: {{ssh_keys: [{KEY} b], from: [10.9.0.0/16]}}",
    )
    this = site(tmp_path, *admins)
    assert this.plan and this.rendered
    user = next(one for one in this.plan.claims.of(User, "n1") if one.name == "a")
    assert user.keys == ((f"{line} a",) if line else ())
    (ssh,) = (port for port in this.plan.claims.of(Port, "n1") if port.first == 22)
    assert "10.9.0.0/16" in ssh.allowed_from or not given
    files = {file.path: file.content.decode() for file in this.rendered.files["n1"]}
    written = files["rootfs/etc/ssh/authorized_keys.d/a"].splitlines()
    assert written[1:] == list(user.keys)
    (tmp_path / "keys").write_text("\n".join(written))
    want = next(e for e in this.plan.expectations["n1"] if e.id == "n1/accounts/all").want
    assert tuple(authorized_keys.keys(str(tmp_path / "keys"))) == tuple(want["admins"]["a"])
    assert ("login\ta\t" in files["plan.tsv"]) == bool(line)


def test_an_admin_who_has_the_name_of_the_images_account(tmp_path: Path) -> None:
    """Nothing of what the image gave it is left, and it is nobody's guest."""
    this = site(tmp_path, f"  debian: {{ssh_keys: [{KEY}], sudo: false, from: [10.9.0.0/16]}}")
    assert this.plan and this.rendered
    (plan,) = (f.content.decode() for f in this.rendered.files["n1"] if f.path == "plan.tsv")
    assert "absent\t/etc/sudoers.d/90-cloud-init-users\n" in plan
    assert "\nleave\tdebian\tadm," in plan and "close\t" not in plan
    want = next(e for e in this.plan.expectations["n1"] if e.id == "n1/accounts/all").want
    assert not want.get("guests") and not want.get("members")
