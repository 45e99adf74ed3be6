"""What is said of a public key that is not taken names the cause."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from generator.pipeline import run

BASE = Path(__file__).parents[1] / "rules/base.yaml"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L"
CERTIFICATE = f"ssh-ed25519-cert-v01@openssh.com {KEY.split()[1]} ops"


def rsa(bits: int) -> str:
    number = b"\0" + b"\xff" * (bits // 8)
    data = b"".join(len(one).to_bytes(4, "big") + one for one in (b"ssh-rsa", b"\1\0\1", number))
    return f"ssh-rsa {base64.b64encode(data).decode()} ops"


@pytest.mark.parametrize(
    ("line", "message", "way"),
    [
        (f'"{KEY} ops\\n"', "has a line break, or a blank before it", ""),
        (f'"{CERTIFICATE}"', "is a certificate", ""),
        (f"'from=\"10.0.0.0/8\" {KEY} ops'", "has options before it", ""),
        (f"'no-pty,command=\"a b\" {KEY} ops'", "has options before it", ""),
        (f'"{rsa(1024)}"', "is of less than 2048 bits", "ssh-keygen -t ed25519"),
        (f'"{rsa(2048)}"', "", ""),
        (f"\"{KEY} my from='x' key\"", "", ""),
    ],
)
def test_the_cause_is_named(line: str, message: str, way: str, tmp_path: Path) -> None:
    text = BASE.read_text()
    (tmp_path / "site.yaml").write_text(text.replace(f"[{KEY} ops]", f"[{line}]"))
    said = [f for f in run(tmp_path / "site.yaml").findings if "ssh_keys" in f.path]
    assert [message in f.message and way in f.help for f in said] == [True] * bool(message)
