"""The command as people and scripts see it: exit codes, formats, and never a traceback."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.commands.cli import main
from generator.rendering import compare

ROOT = Path(__file__).parents[2]
BUNDLES = ROOT / "bundles"
PLAIN = ROOT / "bundles/plain-trixie"
SITE = BUNDLES / "ha-wordpress"
THREE = BUNDLES / "ceph-three"


def stook(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def test_help_lists_every_command() -> None:
    words = stook("--help").output
    for name in [
        "new",
        "check",
        "plan",
        "build",
        "diff",
        "verify",
        "lab",
        "explain",
        "schema",
        "secrets",
    ]:
        assert f"\n  {name} " in words


def test_check_plan_and_build_of_the_reference_site() -> None:
    assert stook("check", SITE).exit_code == 0
    plan = stook("plan", SITE)
    assert plan.exit_code == 0
    for section in ("Nodes", "Ports", "Mounts", "Files and units", "User-data", "What still"):
        assert f"\n{section}" in plan.output
    assert stook("build", "--check", SITE).exit_code == 0


def test_five_mistakes_are_five_located_findings(tmp_path: Path) -> None:
    text = (SITE / "site.yaml").read_text()
    for old, new in (
        ("site: shop", "site: Shop"),
        ("zone: us-east-1b", "zne: us-east-1b"),
        ("replica: 3", 'replica: "3"'),
        ("device: /dev/xvdf", "device: xvdf"),
        ("servers: [ntp.example.internal]", "servers: []"),
    ):
        assert old in text
        text = text.replace(old, new)
    spec = tmp_path / "site.yaml"
    spec.write_text(text)
    result = stook("check", spec)
    assert result.exit_code == 1
    for mark in ("site: Shop", "zne:", 'replica: "3"', "device: xvdf", "servers: []"):
        line = next(n for n, row in enumerate(text.splitlines(), 1) if mark in row)
        assert f"{spec}:{line}:" in result.output
    assert result.output.count("error[") == 5
    assert result.output.count("  help: ") == 5


def test_json_and_github_formats(tmp_path: Path) -> None:
    spec = tmp_path / "si,te.yaml"
    spec.write_text("stook: 2\n")
    found = json.loads(stook("check", "--format", "json", spec).output)
    assert {item["rule"] for item in found} == {"S102", "S104"}
    assert all(item["file"] == str(spec) and item["line"] for item in found)
    lines = stook("check", "--format", "github", spec).output.splitlines()
    assert all(line.startswith("::error file=") and "si%2Cte.yaml" in line for line in lines)


def test_plan_as_json_has_the_same_facts() -> None:
    found = json.loads(stook("plan", "--format", "json", SITE).output)
    node = found["nodes"]["node-gfs1"]
    assert {port["port"] for port in node["ports"]} >= {"22-tcp", "24007-tcp"}
    assert node["user_data"]["gzip"] < node["user_data"]["raw"]
    assert {row["down"] for row in found["predictions"]} >= {"node node-gfs1", "zone us-east-1d"}


def test_in_a_plan_equal_rows_are_one_and_each_says_how_soon() -> None:
    folder = Path(__file__).parents[2] / "bundles/ceph-three"
    text = stook("plan", folder).output
    rows = [re.split(" {2,}", line.strip()) for line in text.splitlines()]
    (row,) = (row for row in rows if row[-1].startswith("no copy is lost"))
    assert row[:2] == [
        "node ceph-mon-01 or node ceph-mon-02 or node ceph-mon-03",
        "rbd, files-metadata, files-data, rgw",
    ]
    assert ["ceph health", "HEALTH_OK", "always"] in [row[:3] for row in rows]
    found = json.loads(stook("plan", "--format", "json", folder).output)
    first = next(said for said in found["says"] if said["command"] == "ceph health")
    assert (first["what"], first["sure"], first["within_seconds"]) == ("HEALTH_OK", True, 0)


def test_usage_errors_are_2() -> None:
    for arguments in (("new",), ("explain", "G9999"), ("nonsense",), ("build", "--nope", SITE)):
        assert stook(*arguments).exit_code == 2


def test_missing_spec_is_a_finding(tmp_path: Path) -> None:
    result = stook("check", tmp_path / "none.yaml")
    assert result.exit_code == 1
    assert "error[Y101]" in result.output


def test_explain_tells_why_and_the_way_out() -> None:
    result = stook("explain", "g10")
    assert "G10: " in result.output and "Way out: " in result.output
    assert "G10  error" in stook("explain").output


def test_schema_names_every_top_level_key() -> None:
    found = json.loads(stook("schema").output)
    assert {"site", "nodes", "disks", "gluster"} <= set(found["properties"])
    assert all("description" in item for item in found["properties"].values())


def test_diff_shows_what_a_change_does(tmp_path: Path) -> None:
    other = tmp_path / "site.yaml"
    other.write_text((SITE / "site.yaml").read_text().replace("10.77.0.13", "10.77.0.14"))
    result = stook("diff", SITE, other)
    assert result.exit_code == 1
    assert "+10.77.0.14 node-gfs3" in result.output
    assert stook("diff", SITE, SITE).exit_code == 0
    built = tmp_path / "built"
    shutil.copytree(SITE, built)
    (built / "site.yaml").unlink()
    assert stook("diff", SITE, built).output == ""
    assert stook("diff", SITE, tmp_path / "built/node-gfs1").exit_code == 2


def test_diff_and_plan_say_what_leaves_the_nodes(tmp_path: Path) -> None:
    changed = tmp_path / "site"
    shutil.copytree(PLAIN, changed)
    spec = (changed / "site.yaml").read_text().replace("  ops:\n", "  eve:\n")
    (changed / "site.yaml").write_text(spec)
    said = stook("diff", PLAIN, changed).output
    assert "# node1: what leaves the node\n" in said
    assert "#   account ops: closed, if it was made for a bundle\n" in said
    assert "#   file /etc/sudoers.d/stook-ops: removed\n" in said
    planned = stook("plan", changed).output
    rows = [line.split() for line in planned.splitlines()]
    row = "node1, node2 account ops closed, if it was made for a bundle"
    assert row.split() in rows
    found = json.loads(stook("plan", "--format", "json", changed).output)
    closed = "closed, if it was made for a bundle"
    assert {"noun": "account", "name": "ops", "becomes": closed} in found["nodes"]["node1"][
        "leaves"
    ]
    assert "What leaves the nodes" not in stook("plan", PLAIN).output


def changed(site: Path, folder: Path, *pairs: tuple[str, str]) -> tuple[str, Path]:
    """What `diff` says of a site whose spec was changed, without the files; and the spec."""
    shutil.copytree(site, folder)
    spec = (folder / "site.yaml").read_text()
    for old, new in pairs:
        assert old in spec
        spec = spec.replace(old, new)
    (folder / "site.yaml").write_text(spec)
    said = stook("diff", site, folder).output
    return "".join(f"{line}\n" for line in said.splitlines() if line[:2] == "# "), folder


def test_what_holds_data_goes_on(tmp_path: Path) -> None:
    said, _ = changed(
        THREE, tmp_path / "site", ('  mon: "ceph-mon-[01:03]"', "  mon: [ceph-mon-01]")
    )
    assert "unit ceph-mon@ceph-mon-03.service: goes on running with its files" in said, said
    assert "unit ceph-mon@ceph-mon-03.service: stopped" not in said
    assert "ceph-mon@.service.d/stook.conf: removed" not in said


KEEP, REMOVE = "access: {image_user: keep}", "access: {image_user: remove}"


@pytest.mark.parametrize("before", [KEEP, REMOVE])
def test_what_an_image_brings_leaves_when_it_is_closed_and_only_then(
    before: str, tmp_path: Path
) -> None:
    text = (PLAIN / "site.yaml").read_text()
    line = next(line for line in text.splitlines() if line.startswith("access:"))
    _, old = changed(PLAIN, tmp_path / "old", (line, before))
    after = KEEP if before == REMOVE else REMOVE
    shutil.copytree(old, tmp_path / "new")
    (tmp_path / "new/site.yaml").write_text((old / "site.yaml").read_text().replace(before, after))
    said = stook("diff", old, tmp_path / "new").output
    closing = after == REMOVE
    assert ("#   account debian: closed\n" in said) is closing
    assert ("file /etc/sudoers.d/90-cloud-init-users: removed" in said) is closing


OTHER = "11111111-1111-4111-8111-111111111111"
REFUSED = {
    "identity": (("0b0e3c42-51f9-4df0-9a6f-6d8a2c4be113", OTHER), "node1", "another identity"),
    "site": (("site: plain-trixie", "site: other"), "node2", "the machine is plain-trixie/node2"),
    "node": (("node1", "node7"), "node7", "the machine is plain-trixie/node1, and the bundle"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_apply_will_refuse_is_said(name: str, tmp_path: Path) -> None:
    pair, node, why = REFUSED[name]
    said, folder = changed(PLAIN, tmp_path / "site", pair)
    assert f"# {node}: apply refuses the bundle (exit 2), and nothing leaves: {why}" in said, said
    assert f"# {node}: what leaves" not in said
    found = json.loads(stook("plan", "--format", "json", folder).output)
    assert [one["noun"] for one in found["nodes"][node]["leaves"]] == ["bundle"]
    assert "refused by apply" in stook("plan", folder).output


def test_another_file_system_for_a_mount_is_refused_and_a_new_mount_is_not() -> None:
    old = b"site\ts\nnode\tn\nidentity\ti\ndisk\t/dev/a\txfs\tu1\t/srv\n"
    other = old.replace(b"u1", b"u2")
    why = "/srv is the file system UUID=u1, not UUID=u2"
    assert compare.refusals({"n/plan.tsv": old}, {"n/plan.tsv": other}) == {"n": why}
    for new in (old, old.replace(b"/srv", b"/new"), other.replace(b"/srv", b"/new"), old[:30]):
        assert not compare.refusals({"n/plan.tsv": old}, {"n/plan.tsv": new})


def test_another_fsid_is_refused() -> None:
    old = b"site\ts\nnode\tn\nlasting\tthe Ceph cluster\tone\tfsid\n"
    new = old.replace(b"one", b"two")
    why = "the Ceph cluster has the fsid one, not two"
    assert compare.refusals({"n/plan.tsv": old}, {"n/plan.tsv": new}) == {"n": why}
    assert not compare.refusals({"n/plan.tsv": old[:16]}, {"n/plan.tsv": new})


def test_what_an_admin_of_the_images_name_loses_is_said() -> None:
    new = b"site\ts\nnode\tn\nleave\tdebian\tsudo,adm\n"
    (thing,) = compare.leaving(b"site\ts\nnode\tn\n", new)
    assert (thing.noun, thing.name) == ("account", "debian")
    assert not compare.leaving(new, new)


def test_what_diff_says_of_units_is_what_apply_does() -> None:
    text = (ROOT / "generator/rendering/node/apply/leave_units.sh").read_text()
    own = re.search(r"^ +(ssh\..*)\) return 0", text, re.M)
    assert own and own[1].split(" | ") == list(compare.OWN)
    aside = re.search(r"case \$1 in (.*)\) ;; \*\) return 0", text)
    assert aside and aside[1].split(" | ") == list(compare.WITH_DATA)


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L ops"
NEW: tuple[list[str], ...] = (
    [],
    ["--provider", "ec2", "--network", "192.168.7.0/28"],
    ["--wordpress", "http://www.example.com", "--database", "wp.example.internal"],
    ["--plain", "--nodes", "1", "--fetch", "https://bundles.example.internal/my-site"],
    ["--ceph", "--nodes", "12"],
    ["--nodes", "7"],
    ["--time-server", "2001:db8::1", "--node", "node"],
)


@pytest.mark.parametrize("options", NEW, ids=lambda options: " ".join(options[:3]) or "alone")
def test_a_new_site_passes_at_once(tmp_path: Path, options: list[str]) -> None:
    folder = tmp_path / "my-site"
    first = stook("new", folder, "--ssh-key", KEY, *options)
    assert first.exit_code == 0, first.output
    for command in ("check", "plan", "build"):
        result = stook(command, folder)
        assert result.exit_code == 0, result.output
    assert stook("build", "--check", folder).exit_code == 0
    assert stook("new", folder).exit_code == 2


def test_a_new_site_has_ones_own_key_or_says_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    first = stook("new", tmp_path / "a")
    assert first.exit_code == 0 and "N138" in first.output
    assert stook("check", tmp_path / "a").exit_code == 1
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/id_ed25519.pub").write_text(f"{KEY}\n")
    assert stook("new", tmp_path / "b").exit_code == 0
    assert stook("check", tmp_path / "b").exit_code == 0
    assert KEY in (tmp_path / "b/site.yaml").read_text()


def test_nodes_beyond_threes_are_clients(tmp_path: Path) -> None:
    stook("new", tmp_path / "a", "--nodes", "7", "--ssh-key", KEY)
    text = (tmp_path / "a/site.yaml").read_text()
    assert '  nodes: "node-gfs[1:6]"' in text and '"node-gfs[1:7]": {address:' in text


OPTIONS: dict[str, tuple[list[str], str]] = {
    "network": (["--network", "10.0.0.0/30"], "--network 10.0.0.0/30"),
    "room": (["--network", "10.0.0.0/27", "--nodes", "21"], "no room for 21 nodes"),
    "device": (["--device", "xvdf"], "--device: "),
    "key": (["--ssh-key", "banana"], "--ssh-key: "),
    "from": (["--ssh-from", "everywhere"], "--ssh-from: "),
    "identity": (["--identity", "banana"], "--identity: "),
    "url": (["--wordpress", "banana"], "--wordpress: "),
    "database": (["--wordpress", "http://a.example", "--database", "a b"], "--database: "),
    "fetch": (["--fetch", "ftp://x"], "--fetch: "),
    "time": (["--time-server", "a b:"], "--time-server: "),
    "node": (["--node", "Node_"], "--node: "),
    "two": (["--nodes", "2"], "three copies need three nodes"),
    "none": (["--nodes", "0"], "--nodes"),
    "both": (["--ceph", "--plain"], "--plain is without storage"),
    "wordpress": (["--ceph", "--wordpress", "http://a.example"], "--ceph leaves out"),
    "template": (["--device", "/dev/{{ 7 * 7 }}"], "no `{{`"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_what_new_was_given_is_checked_before_anything_is_written(
    name: str, tmp_path: Path
) -> None:
    options, says = OPTIONS[name]
    done = stook("new", tmp_path / "a", *options)
    assert done.exit_code == 2, done.output
    assert says in done.output
    assert not (tmp_path / "a").exists()


def test_the_name_of_the_folder_is_that_of_the_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = stook("new", tmp_path / "My Site")
    assert done.exit_code == 2 and "FOLDER: " in done.output
    (tmp_path / "mine/.git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "mine")
    assert stook("new", ".", "--ssh-key", KEY).exit_code == 0
    assert "site: mine\n" in (tmp_path / "mine/site.yaml").read_text()
    assert stook("new", ".").exit_code == 2


def test_a_waiver_is_judged_by_today(tmp_path: Path) -> None:
    assert "A102" in stook("check", SITE, "--today", "2028-01-01").output
    assert "A102" not in stook("check", SITE, "--today", "2027-12-31").output


@pytest.mark.parametrize("site", sorted(p.parent.name for p in BUNDLES.glob("*/site.yaml")))
def test_a_plan_lists_exactly_the_checks_of_the_manifests(site: str) -> None:
    found = json.loads(stook("plan", "--format", "json", BUNDLES / site).output)
    for name, node in found["nodes"].items():
        manifest = json.loads((BUNDLES / site / name / "manifest.json").read_text())
        assert node["checks"] == [item["id"] for item in manifest["expectations"]]
