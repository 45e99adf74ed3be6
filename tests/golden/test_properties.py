"""For any valid spec: every file reads back to what was planned, and no value escapes.

The readers here are not the ones that the generator checks itself with.
"""

from __future__ import annotations

import configparser
import hashlib
import json
import re
import xml.dom.minidom
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.claims import File, Mount, Port
from generator.language import source
from generator.language.decode import decode, digest
from generator.language.findings import errors
from generator.planning.plan import SitePlan, plan
from generator.planning.resolve import parts, resolve
from generator.rendering.recheck import recheck
from generator.rendering.render import RenderedSite, render
from tests.examples import examples

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L"
NASTY = st.text(
    st.one_of(
        st.sampled_from(list("'\"\\$`#%{}[]<>&;|*?!~@: =,-")),
        st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["C", "Zl", "Zp"]),
    ),
    min_size=1,
    max_size=40,
)
LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
PART = st.from_regex(r"[A-Za-z0-9._:+@-]([A-Za-z0-9._:+@ -]{0,8}[A-Za-z0-9_:+@-])?", fullmatch=True)
PLACE = PART.filter(lambda part: part not in (".", ".."))
DEVICE = PLACE.map(lambda part: f"/dev/x{part.replace(' ', '-')}")


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """Specs that are valid by construction, with text that wants to be quoted everywhere."""
    names = draw(st.lists(LABEL, min_size=3, max_size=6, unique=True))
    disk, directory = draw(LABEL), draw(PLACE)
    spec: dict[str, Any] = {
        "stook": 1,
        "site": draw(LABEL),
        "identity": str(draw(st.uuids(version=4))),
        "platform": draw(st.sampled_from(["debian-12", "debian-13"])),
        "provider": draw(st.sampled_from(["nocloud", "gce", "vsphere"])),
        "networks": {draw(LABEL): ["10.77.0.0/24"]},
        "nodes": {
            name: {"address": f"10.77.0.{index + 10}", "zone": draw(NASTY)}
            for index, name in enumerate(names)
        },
        "admins": {
            draw(st.from_regex(r"[a-z][a-z0-9_-]{3,8}", fullmatch=True).map(lambda n: f"x{n}")): {
                "ssh_keys": [f"{KEY} {draw(NASTY)}"],
                "from": draw(st.sampled_from([[], ["198.51.100.0/24"], ["10.77.0.10"]])),
            }
        },
        "time": {"servers": ["192.0.2.1"]},
        "disks": {disk: draw(disks(names)) | {"mount": f"/b{directory}/{directory}"}},
    }
    if draw(st.booleans()):
        spec["gluster"] = {
            "nodes": names[:3],
            "volumes": {"wp": draw(volumes(disk, names[:3], directory))},
        }
    if draw(st.booleans()):
        shared = names[:3] if "gluster" in spec else names[:1]
        spec["web"] = {"nodes": shared} | draw(webs(f"/m{directory}/{directory}"))
        spec["fail2ban"] = {"nodes": shared, "jails": draw(JAILS)}
    return spec


@st.composite
def disks(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    """A device for all nodes, or one for each; and the UUIDs of disks that have one already."""
    device = draw(st.one_of(DEVICE, st.fixed_dictionaries(dict.fromkeys(names, DEVICE))))
    had = draw(st.lists(st.sampled_from(names), unique=True))
    own = draw(st.lists(st.uuids(version=4).map(str), min_size=len(had), max_size=len(had)))
    return {"device": device, "uuid": dict(zip(had, own, strict=True)) or None}


DATABASE_NAME = st.from_regex(r"[A-Za-z0-9_$-]{1,20}", fullmatch=True)
JAILS = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True),
    st.fixed_dictionaries(
        {
            "watch": st.sampled_from(["wordpress-xmlrpc", "wordpress-login", "sshd"]),
            "maxretry": st.integers(5, 1000),
            "findtime": st.sampled_from([600, "2m", "1h"]),
            "bantime": st.sampled_from([3600, "12h", "3w"]),
        },
        optional={
            "ignore": st.just(["198.51.100.0/24", "2001:db8:1::/48"]),
            "ipv6_prefix": st.sampled_from([64, 128]),
            "increment": st.sampled_from([False, {"maxtime": "5w"}]),
        },
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def webs(draw: st.DrawFn, root: str) -> dict[str, Any]:
    edges: list[dict[str, Any]] = [
        {"mode": "direct"},
        {"mode": "proxied", "networks": ["10.1.0.0/24", "2001:db8:2::/64"], "tls": "terminated"},
        {"mode": "proxied", "networks": ["10.1.0.0/24"]},
    ]
    edge = draw(st.sampled_from(edges))
    return {
        "edge": edge,
        "wordpress": {
            "root": root,
            "url": "https://www.example.com" if "tls" in edge else "http://www.example.com",
        },
        "database": {
            "host": draw(st.sampled_from(["db.example.internal", "192.0.2.9", "2001:db8::9"])),
            "name": draw(DATABASE_NAME),
            "user": draw(DATABASE_NAME),
            "password": {"secret": draw(LABEL)},
            "tls": draw(st.sampled_from(["on", "off"])),
        },
    }


@st.composite
def bricks(draw: st.DrawFn, disk: str, names: list[str]) -> Any:
    """One brick on each node, or two for the sets of a distributed volume; alike, or not."""
    directories = st.lists(st.sampled_from(["gv", "a.b", "deep/er"]), min_size=2, unique=True)
    if draw(st.booleans()):
        return f"{disk}/gv"
    count = draw(st.sampled_from([1, 2]))
    own = {name: [f"{disk}/{one}" for one in draw(directories)][:count] for name in names}
    return draw(st.sampled_from([own, {name: one[0] for name, one in own.items()}]))


@st.composite
def volumes(draw: st.DrawFn, disk: str, names: list[str], directory: str) -> dict[str, Any]:
    shape = draw(
        st.sampled_from(
            [{"replica": 3}, {"replica": 2, "arbiter": 1}, {"disperse": 3, "redundancy": 1}]
        )
    )
    value = draw(st.from_regex(r"[A-Za-z0-9 '\"$;&|<>-]{1,12}", fullmatch=True))
    return shape | {
        "brick": draw(bricks(disk, names)),
        "mount": {"path": f"/m{directory}"},
        "options": {"user.note": value},
    }


def made(spec: Mapping[str, Any]) -> tuple[SitePlan, RenderedSite]:
    unshared = json.loads(json.dumps(spec))  # YAML would write what two places share as an alias
    text = yaml.safe_dump(unshared, allow_unicode=True, sort_keys=False)
    read = source.parse("site.yaml", text.encode())
    assert not read.findings, (read.findings, text)
    decoded, found = decode(read)
    assert decoded, found
    site, found = resolve(decoded, digest(read))
    assert not errors(found), found
    planned, conflicts = plan(site, parts(site)[0])
    assert not errors(conflicts), conflicts
    rendered = render(planned)
    assert not [f for f in recheck(planned, rendered) if f.rule != "H09"]
    return planned, rendered


@settings(max_examples=examples(60))
@given(specs())
def test_every_file_reads_back_to_the_planned_value(spec: dict[str, Any]) -> None:
    planned, rendered = made(spec)
    for node in planned.site.nodes.values():
        files = {file.path: file.content for file in rendered.files[node.name]}
        _user_data(files)
        _digests(files)
        _fstab(files.get("blocks/etc/fstab", b""), planned.claims.of(Mount, node.name))
        _hosts(files["blocks/etc/hosts"], planned)
        _plan(files["plan.tsv"], planned, node.name)
        _disks(files["plan.tsv"], spec, node.name)
        _people(files, spec)
        _zones(files, planned, node.name)
        if spec["platform"] == "debian-12" and node.name in spec.get("web", {}).get("nodes", ()):
            _web(files, spec["web"])
            _jails(files, spec["fail2ban"]["jails"])
        _manifest(files, node.name)


def _user_data(files: Mapping[str, bytes]) -> None:
    found = yaml.safe_load(files["user-data"])
    assert set(found) == {
        "hostname",
        "manage_etc_hosts",
        "preserve_hostname",
        "write_files",
        "runcmd",
    }
    written = {item["path"]: item["content"].encode() for item in found["write_files"]}
    root = "/var/lib/stook/bundle/"
    on_node = {
        root + path: content
        for path, content in files.items()
        if path.startswith(("rootfs/", "blocks/")) or path in ("apply", "plan.tsv", "SHA256SUMS")
    }
    assert written == on_node


def _digests(files: Mapping[str, bytes]) -> None:
    for line in files["SHA256SUMS"].decode().splitlines():
        digest_, path = line.split("  ", 1)
        assert hashlib.sha256(files[path]).hexdigest() == digest_


def _octal(field: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), field)


def _fstab(content: bytes, mounts: tuple[Mount, ...]) -> None:
    rows = [line.split(" ") for line in content.decode().splitlines()]
    assert [[_octal(f) for f in row[:3]] for row in rows] == [
        [m.source, m.path, m.fstype] for m in mounts
    ]
    assert all(row[4:] == ["0", "0"] for row in rows)


def _hosts(content: bytes, planned: SitePlan) -> None:
    rows = [line.split("#")[0].split() for line in content.decode().splitlines()]
    assert rows == [[n.address, n.name, *n.aliases] for n in planned.site.nodes.values()]


def _plan(content: bytes, planned: SitePlan, node: str) -> None:
    rows = [line.split("\t") for line in content.decode().split("\n")[:-1]]
    assert rows[0] == ["stook", "1"]
    assert [r[1] for r in rows if r[0] == "file"] == [f.path for f in planned.claims.of(File, node)]
    assert [r[1] for r in rows if r[0] == "node"] == [node]


def _disks(content: bytes, spec: Mapping[str, Any], node: str) -> None:
    rows = [line.split("\t") for line in content.decode().split("\n")[:-1]]
    wanted = [
        (device if isinstance(device := disk["device"], str) else device[node], disk["mount"])
        for disk in spec["disks"].values()
    ]
    (row,) = (row for row in rows if row[0] == "disk")
    assert [(row[1], row[4])] == wanted
    (given,) = (disk["uuid"] or {} for disk in spec["disks"].values())
    assert row[3] == given.get(node, row[3])


def _people(files: Mapping[str, bytes], spec: Mapping[str, Any]) -> None:
    for name, admin in spec["admins"].items():
        rules = files[f"rootfs/etc/sudoers.d/stook-{name}"].decode().splitlines()
        assert [r for r in rules if not r.startswith("#")] == [
            f"{name} ALL=(ALL:ALL) NOPASSWD: ALL"
        ]
        keys = files[f"rootfs/etc/ssh/authorized_keys.d/{name}"].decode().split("\n")
        head = {"[]": "", "['10.77.0.10']": 'from="10.77.0.10/32" '}
        given = head.get(str(admin["from"]), 'from="198.51.100.0/24" ')
        wanted = [given + key for key in admin["ssh_keys"] if given]
        assert [k for k in keys if k and not k.startswith("#")] == wanted


def _zones(files: Mapping[str, bytes], planned: SitePlan, node: str) -> None:
    if "rootfs/etc/nftables.conf" in files:
        assert not any("firewalld" in path for path in files)
        _table(files["rootfs/etc/nftables.conf"].decode(), planned, node)
        return
    for zone in ("peers", "world"):
        content = files[f"rootfs/etc/firewalld/zones/{zone}.xml"]
        (root,) = xml.dom.minidom.parseString(content).childNodes
        assert root.nodeName == "zone"


def _table(text: str, planned: SitePlan, node: str) -> None:
    """Whoever comes, from wherever: a packet is let in where a claimed port says so."""
    peers = [a for one in planned.site.nodes.values() for a in one.addresses.values()]
    for who in (*peers, "198.51.100.7", "192.0.2.77", "10.77.0.99", "2001:db8::7"):
        for port in (*planned.claims.of(Port, node), None):
            protocol, number = (port.protocol, port.first) if port else ("tcp", 64999)
            allowed = any(
                _reaches(one, who, protocol, number) for one in planned.claims.of(Port, node)
            )
            assert _lets_in(text, who, protocol, number) == allowed, (who, protocol, number)


def _reaches(port: Port, source: str, protocol: str, number: int) -> bool:
    local = set(port.addresses) <= {"127.0.0.1", "[::1]"}
    who = not port.allowed_from or any(
        ip_address(source) in ip_network(one) for one in port.allowed_from
    )
    return who and not local and port.protocol == protocol and port.first <= number <= port.last


def _lets_in(text: str, source: str, protocol: str, number: int) -> bool:
    """The verdict on the first packet of a connection, by walking the rules as the kernel does."""
    bodies = dict(re.findall(r"chain (\w+) \{\n(.*?)\t\}", text, re.DOTALL))
    chain: list[str] = bodies["input"].splitlines()
    while chain:
        words = chain.pop(0).replace(",", "").split()
        if words[:1] == ["type"] or words[:1] in (["ct"], ["iifname"], ["icmp"], ["icmpv6"]):
            continue
        if words[:2] in (["ip", "saddr"], ["ip6", "saddr"]):
            end = words.index("}") + 1 if words[2] == "{" else 3
            nets = [ip_network(word) for word in words[2:end] if word not in "{}"]
            assert {net.version for net in nets} == {4 if words[0] == "ip" else 6}
            if not any(ip_address(source) in net for net in nets):
                continue
            words = words[end:]
        if words[:2] in (["tcp", "dport"], ["udp", "dport"]):
            first, _, last = words[2].partition("-")
            if words[0] != protocol or not int(first) <= number <= int(last or first):
                continue
            words = words[3:]
        if words[0] == "goto":
            chain = bodies[words[1]].splitlines()
        else:
            assert words == ["accept"]
            return True
    return False


def _web(files: Mapping[str, bytes], web: Mapping[str, Any]) -> None:
    found = files["rootfs/etc/stook/wordpress.php"].decode()
    defined = {
        name: re.sub(r"\\([\\'])", r"\1", value)
        for name, value in re.findall(r"^define\('(\w+)', '((?:[^\\']|\\.)*)'\);$", found, re.M)
    }
    assert defined["DB_NAME"] == web["database"]["name"]
    assert defined["DB_USER"] == web["database"]["user"]
    assert defined["WP_HOME"] == web["wordpress"]["url"]
    served = files["rootfs/etc/nginx/nginx.conf"].decode()
    (root,) = re.findall(r'^ +root "((?:[^\\"]|\\.)*)";$', served, re.M)
    assert root == web["wordpress"]["root"]


def _jails(files: Mapping[str, bytes], jails: Mapping[str, Any]) -> None:
    for name, jail in jails.items():
        read = configparser.RawConfigParser()
        last = "local" if name == "sshd" else "conf"
        read.read_string(files[f"rootfs/etc/fail2ban/jail.d/01-{name}.{last}"].decode())
        assert read.sections() == [name]
        assert int(read[name]["maxretry"]) == jail["maxretry"]
        assert int(read[name]["bantime"]) in (3600, 12 * 3600, 3 * 604800)


def _manifest(files: Mapping[str, bytes], node: str) -> None:
    found = json.loads(files["manifest.json"])
    ids = [item["id"] for item in found["expectations"]]
    assert len(ids) == len(set(ids))
    assert all(name.startswith(f"{node}/") for name in ids)
    own = set(ids)
    for item in found["expectations"]:
        assert all(need in own for need in item["needs"] if need.startswith(f"{node}/"))


@settings(max_examples=examples(20))
@given(specs())
def test_layout_and_order_of_a_spec_do_not_matter(spec: dict[str, Any]) -> None:
    _, first = made(spec)
    reordered = dict(reversed(spec.items()))
    _, second = made(reordered)
    assert first == second
