"""What our readers refuse, so that a slip in quoting cannot leave the house."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml

from generator import pipeline
from generator.recheck import read_back, recheck
from generator.userdata import Rendered, entry

SPEC = Path(__file__).parents[1] / "rules/base.yaml"

BROKEN = {
    "blocks/etc/fstab": b"UUID=1 /a b xfs defaults 0 0\n",
    "blocks/etc/hosts": b"10.0.0 name\n",
    "rootfs/etc/firewalld/zones/peers.xml": b"<zone><short>a & b</short></zone>\n",
    "plan.tsv": b"stook\t\t1\n",
    "manifest.json": b"{,}\n",
    "user-data": b"hostname: x\n",
    "SHA256SUMS": b"abc  x\n",
    "rootfs/etc/nginx/nginx.conf": b'http { root "/a;\n }\n',
    "rootfs/etc/nginx/stook-php.conf": b"expires 1d\n}\n",
    "rootfs/etc/varnish/default.vcl": b'vcl 4.1;\nsub a { set b = "c"d"; }\n',
    "rootfs/etc/php/8.2/fpm/conf.d/99-stook.ini": b'memory_limit = "1" "\n',
    "rootfs/etc/php/8.2/fpm/pool.d/www.conf": b"; ours\n[www]\nuser\n",
    "rootfs/etc/nftables.conf": b"table inet x {\n}\n",
    "rootfs/etc/motd": b"no newline at the end",
}


@pytest.mark.parametrize("path", BROKEN)
def test_a_broken_file_is_named(path: str) -> None:
    assert read_back(path, BROKEN[path], 0o644)


TABLE = "table inet x\ndelete table inet x\ntable inet x { chain y { tcp dport 1 accept\n } }\n"


@pytest.mark.parametrize(
    ("was", "instead"),
    [("} }", "}"), ("} }", "} } }"), ("delete", ""), ("delete", "flush ruleset\ndelete")],
)
def test_rules_of_nftables_are_whole_and_leave_others_alone(was: str, instead: str) -> None:
    assert not read_back("rootfs/etc/nftables.conf", TABLE.encode(), 0o755)
    assert read_back("rootfs/etc/nftables.conf", TABLE.replace(was, instead).encode(), 0o755)


def test_a_broken_file_stops_the_build() -> None:
    run = pipeline.run(SPEC)
    assert run.plan and run.rendered
    files = dict(run.rendered.files)
    files["n1"] = (*files["n1"], Rendered("blocks/etc/fstab", (b"nonsense\n",)))
    (finding,) = recheck(run.plan, dataclasses.replace(run.rendered, files=files))
    assert finding.rule == "B110"
    assert "n1/blocks/etc/fstab" in finding.message


@pytest.mark.parametrize("content", [b"a\n", b"a\n\n\n", b"\n", b" a\n", b""])
def test_entries_of_user_data_stand_one_after_the_other(content: bytes) -> None:
    text = entry("/a", content, 0o600) + entry("/b", b"b\n", 0o755)
    assert [item["content"] for item in yaml.safe_load(text)] == [content.decode(), "b\n"]
