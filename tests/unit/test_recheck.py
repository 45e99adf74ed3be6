"""What our readers refuse, so that a slip in quoting cannot leave the house."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator import pipeline
from generator.claims import File
from generator.language.findings import attach
from generator.rendering.recheck import read_back, recheck
from generator.rendering.userdata import Rendered, entry
from tests.unit import madeup

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "tests/rules/base.yaml"

BROKEN = [
    ("fstab", b"UUID=1 /a b xfs defaults 0 0\n"),
    ("hosts", b"10.0.0 name\n"),
    ("hosts", b"10.0.0.1 # nobody\n"),
    ("firewalld_zone", b"<zone><short>a & b</short></zone>\n"),
    ("firewalld_zone", b"<service/>\n"),
    ("tsv", b"stook\t\t1\n"),
    ("tsv", b"stook\n"),
    ("json", b"{,}\n"),
    ("cloud_config", b"hostname: x\n"),
    ("sums", b"abc  x\n"),
    ("nginx", b'http { root "/a;\n }\n'),
    ("nginx", b"expires 1d\n}\n"),
    ("vcl", b'vcl 4.1;\nsub a { set b = "c"d"; }\n'),
    ("php_ini", b'memory_limit = "1" "\n'),
    ("php_ini", b"; ours\n[www]\nuser\n"),
    ("nft", b"table inet x {\n}\n"),
    ("ceph_conf", b"[global]\nfsid = a # b\n"),
    ("ceph_conf", b"[global]\nfsid\n"),
    ("fail2ban", b"[x]\nmaxretry = 1\nmaxretry = 2\n"),
    ("generator.platforms.families.deb822", b"Types: deb\nor else\n"),
    ("unit", b"Type=oneshot\n"),
    ("dropin", b"[Service]\nExecStart\n"),
    ("yaml_documents", b"- a\n"),
    ("yaml_documents", b"a: [\n"),
    ("sudoers", b"ops ALL=(ALL) ALL"),
    ("text", b"no newline at the end"),
    ("text", b"a\r\n"),
    ("text", b"\xff\n"),
]


@pytest.mark.parametrize(("form", "content"), BROKEN)
def test_a_broken_file_is_named(form: str, content: bytes) -> None:
    assert read_back(form, content)


TABLE = "table inet x\ndelete table inet x\ntable inet x { chain y { tcp dport 1 accept\n } }\n"


@pytest.mark.parametrize(
    ("was", "instead"),
    [("} }", "}"), ("} }", "} } }"), ("delete", ""), ("delete", "flush ruleset\ndelete")],
)
def test_rules_of_nftables_are_whole_and_leave_others_alone(was: str, instead: str) -> None:
    assert not read_back("nft", TABLE.encode())
    assert read_back("nft", TABLE.replace(was, instead).encode())


def test_a_broken_file_stops_the_build() -> None:
    run = pipeline.run(SPEC)
    assert run.plan and run.rendered
    files = dict(run.rendered.files)
    files["n1"] = (*files["n1"], Rendered("blocks/etc/fstab", (b"nonsense\n",)))
    (finding,) = recheck(run.plan, dataclasses.replace(run.rendered, files=files))
    assert finding.rule == "B110"
    assert "n1/blocks/etc/fstab" in finding.message


def test_what_is_broken_is_told_of_at_the_claim_that_asked_for_it() -> None:
    run = pipeline.run(SPEC)
    assert run.plan and run.rendered
    key = next(f for f in run.plan.claims.of(File, "n1") if "authorized_keys" in f.path)
    files = dict(run.rendered.files)
    files["n1"] = tuple(
        Rendered(f.path, (b"no newline",)) if f.path == f"rootfs{key.path}" else f
        for f in files["n1"]
    )
    (finding,) = recheck(run.plan, dataclasses.replace(run.rendered, files=files))
    assert finding.path == key.spec
    assert len(finding.path) == 3 and finding.path[0] == "admins"


EXAMPLES = [*madeup.EXAMPLES, SPEC, ROOT / "tests/unit/architecture/base.yaml"]


@pytest.mark.parametrize("spec", EXAMPLES, ids=lambda spec: f"{spec.parent.name}-{spec.stem}")
def test_whatever_is_broken_has_a_place_of_its_own(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never that of the whole spec, nor of all its nodes."""
    run = pipeline.run(spec)
    assert run.plan and run.rendered and run.source
    monkeypatch.setattr("generator.rendering.recheck.read_back", lambda *_: "broken")
    found = [f for f in recheck(run.plan, run.rendered) if f.rule == "B110"]
    assert len(found) == sum(map(len, run.rendered.files.values()))
    nowhere = {run.source.span(path, key=key) for path in ((), ("nodes",)) for key in (True, False)}
    for finding in attach(found, run.source):
        assert len(finding.path) > 1 or finding.path in PLACES, (finding.path, finding.message)
        assert finding.span and finding.span not in nowhere, finding.message


# A part of the spec that is one thing: its own files have no further place.
PLACES = {(key,) for key in ("site", "platform", "networks", "time", "gluster", "web", "ceph")}
PLACES |= {("fail2ban",), ("admins",)}


ENDS = [b"a\n", b"a\n\n\n", b"\n", b" a\n", b"", b"\ta\n", b"a", b"\n a\n"]
INNER = [
    b"a\n\nb\n",
    b"a \n  \nb\n",
    b"a\tb\n\tc\n",
    b"---\n...\n",
    b"a\x7f\n",
    "ä\u2028b\n".encode(),
]


@pytest.mark.parametrize("content", [*ENDS, *INNER])
def test_entries_of_user_data_stand_one_after_the_other(content: bytes) -> None:
    text = entry("/a", content, 0o600) + entry("/b", b"b\n", 0o755)
    first, second = yaml.safe_load(text)
    assert first == {"path": "/a", "permissions": "0600", "content": content.decode()}
    assert second == {"path": "/b", "permissions": "0755", "content": "b\n"}


@given(st.text("ab \t\n-:#'\"%@`{}[]&*!|>\\\x85\u2028é", max_size=30))
def test_any_text_is_an_entry(text: str) -> None:
    (item,) = yaml.safe_load(entry("/a", text.encode(), 0o644))
    assert item["content"] == text


def test_what_has_tabs_in_it_is_shown_as_it_is() -> None:
    assert entry("/a", b"x\ty\n", 0o644).endswith(b"  content: |\n    x\ty\n")
