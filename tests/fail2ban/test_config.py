"""What a bundle writes, as the real fail2ban-client reads it: the commands that it would give."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from generator.claims import Claims, File
from generator.components.fail2ban import jails as fail2ban
from generator.components.fail2ban.claims import settle
from generator.language import source
from generator.language.decode import decode, digest
from generator.planning.resolve import resolve
from generator.planning.site import Site
from generator.rendering.body import body
from tests.fail2ban import tool

BASE: dict[str, Any] = {
    "stook": 1,
    "site": "shop",
    "identity": "6f1c0f5e-6c1b-4b0e-9d57-0c9a6b7f2d11",
    "networks": {"internal": ["10.77.0.0/24"]},
    "nodes": {"a": {"address": "10.77.0.11"}, "b": {"address": "10.77.0.12"}},
}
ACTION = "nftables-multiport"
XMLRPC = {"watch": "wordpress-xmlrpc", "maxretry": 20, "findtime": "2m", "bantime": "12h"}


def site(**jails: Any) -> Site:
    spec = BASE | {"fail2ban": {"ignore": ["192.0.2.1"], "jails": jails}}
    read = source.parse("site.yaml", yaml.safe_dump(spec).encode())
    decoded, found = decode(read)
    assert decoded, found
    made, _ = resolve(decoded, digest(read))
    return made


def part(made: Site) -> fail2ban.Bans:
    found = fail2ban.resolve(made)
    assert found is not None
    return found


def files(
    made: Site, *, proxied: bool = False, path: str = "/var/log/access.log"
) -> dict[str, str]:
    claims = Claims()
    claims.add(replace(tool.log(node, proxied=proxied), path=path) for node in made.nodes)
    found = [c for c in settle(made, part(made), claims) if isinstance(c, File) and c.node == "a"]
    return {file.path: body(file.body).decode() for file in found}


def commands(written: dict[str, str], folder: Path) -> list[list[Any]]:
    """The packaged configuration and ours, as the stream of commands that a start would send."""
    home = folder / "fail2ban"
    shutil.copytree(tool.packaged(), home)
    for path, text in written.items():
        if path.startswith("/etc/fail2ban/"):
            (home / path.removeprefix("/etc/fail2ban/")).write_text(text)
    done = tool.run("fail2ban-client", "-d", home=home)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "WARNING" not in done.stderr and "ERROR" not in done.stderr, done.stderr
    return [ast.literal_eval(line) for line in done.stdout.splitlines() if line.startswith("[")]


def options(stream: list[list[Any]], jail: str) -> dict[str, Any]:
    """The last value of each option of a jail."""
    return {c[2]: c[3] for c in stream if c[:2] == ["set", jail] and len(c) > 3}


def test_the_jail_of_the_article_is_what_fail2ban_reads(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.touch()
    written = files(site(**{"nginx-wp-xmlrpc": XMLRPC}), path=str(log))
    assert "/etc/fail2ban/jail.d/01-nginx-wp-xmlrpc.conf" in written
    assert "/etc/fail2ban/filter.d/nginx-wp-xmlrpc.conf" in written
    stream = commands(written, tmp_path)
    found = options(stream, "nginx-wp-xmlrpc")
    assert ["add", "nginx-wp-xmlrpc", "polling"] in stream
    assert found["maxretry"] == 20 and found["findtime"] == "120" and found["bantime"] == "43200"
    assert found["usedns"] == "no" and found["addlogpath"] == str(log)
    regex = next(c[3] for c in stream if c[1:3] == ["nginx-wp-xmlrpc", "addfailregex"])
    assert (
        "POST (?:" in regex
        and "/+xmlrpc\\.php" in regex
        and regex.endswith('(?:[^"]*, ?)?<ADDR>"$')
    )
    assert ["start", "nginx-wp-xmlrpc"] in stream
    assert [c for c in stream if c[0] == "start"] == [["start", "nginx-wp-xmlrpc"]], "no other jail"


def test_the_action_drops_in_a_table_of_its_own_before_the_first_ban(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.touch()
    stream = commands(files(site(x=XMLRPC), path=str(log)), tmp_path)
    (found,) = (c[4] for c in stream if c[0] == "multi-set" and c[2:4] == ["action", ACTION])
    action = dict(found)
    assert action["blocktype"] == "drop" and action["port"] == "http,https"
    assert action["actionstart_on_demand"] is False


def test_nobody_of_ours_is_ever_banned_and_bans_outlive_a_restart(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.touch()
    jail = XMLRPC | {"bantime": "1w", "ignore": ["198.51.100.0/24"]}
    stream = commands(files(site(x=jail), path=str(log)), tmp_path)
    never = {word for c in stream if c[1:3] == ["x", "addignoreip"] for word in c[3:]}
    assert never == {
        "127.0.0.0/8",
        "::1",
        "10.77.0.11",
        "10.77.0.12",
        "192.0.2.1",
        "198.51.100.0/24",
    }
    assert ["set", "dbpurgeage", "604800"] in stream


def test_growing_bans_are_remembered_as_long_as_the_longest(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.touch()
    written = files(site(x=XMLRPC | {"increment": {"maxtime": "2w"}}), path=str(log))
    stream = commands(written, tmp_path)
    assert options(stream, "x")["bantime.increment"] is True
    assert ["set", "dbpurgeage", "1209600"] in stream


def test_behind_a_load_balancer_the_server_refuses_and_its_networks_are_never_banned(
    tmp_path: Path,
) -> None:
    log = tmp_path / "access.log"
    log.touch()
    written = files(site(x=XMLRPC), proxied=True, path=str(log))
    stream = commands(written, tmp_path)
    never = {word for c in stream if c[1:3] == ["x", "addignoreip"] for word in c[3:]}
    assert "192.0.2.0/24" in never
    (found,) = (dict(c[4]) for c in stream if c[0] == "multi-set" and c[3] == "stook-deny")
    assert found["actionban"].startswith("/usr/local/lib/stook/fail2ban-deny ban '/etc/nginx/deny")
    assert "'systemctl reload nginx.service' '<ip><length>'" in found["actionban"]
    # fail2ban 1.0.2 calls a function of its action where a parameter has the function's name
    assert not {"ban", "unban", "start", "stop", "flush", "check", "reload"} & set(found)
    assert not any("nftables" in str(c) for c in stream)
    assert "/usr/local/lib/stook/fail2ban-deny" in written


def test_no_jail_of_a_node_with_load_balancers_bans_them(tmp_path: Path) -> None:
    own = {"log": str(tmp_path / "own.log"), "request": "POST /x"}
    own["format"] = '$client [$time] "$request"'
    made = site(sshd=XMLRPC | {"watch": "sshd"}, own=XMLRPC | {"watch": own})
    for proxied, wanted in ((True, ["192.0.2.0/24"]), (False, [])):
        written = files(made, proxied=proxied)
        for name in ("sshd.local", "own.conf"):
            text = written[f"/etc/fail2ban/jail.d/01-{name}"]
            also = [line for line in text.splitlines() if line.startswith("ignoreip")]
            assert also == [f"ignoreip = %(never)s {network}" for network in wanted]


def test_sshd_needs_no_web_and_no_log_file(tmp_path: Path) -> None:
    jail = {"watch": "sshd", "maxretry": 5, "findtime": "10m", "bantime": "1h"}
    made = site(sshd=jail)
    found = [c for c in settle(made, part(made), Claims()) if isinstance(c, File) and c.node == "a"]
    written = {file.path: body(file.body).decode() for file in found}
    assert "/etc/fail2ban/jail.d/stook.local" not in written
    stream = commands(written, tmp_path)
    assert ["add", "sshd", "systemd"] in stream
    assert options(stream, "sshd")["maxretry"] == 5
    matches = [command[3:] for command in stream if "addjournalmatch" in command]
    assert matches == [["_SYSTEMD_UNIT=ssh.service"]], "what any process of that name writes is not"


def test_a_packages_defaults_are_read_after_ours_and_replace_nothing(tmp_path: Path) -> None:
    """As fail2ban 1.1.0 of a later release brings them."""
    jail = {"watch": "sshd", "maxretry": 5, "findtime": "10m", "bantime": "1h"}
    made = site(sshd=jail)
    found = [c for c in settle(made, part(made), Claims()) if isinstance(c, File) and c.node == "a"]
    written = {file.path: body(file.body).decode() for file in found}
    written["/etc/fail2ban/jail.d/defaults-debian.conf"] = (
        "[DEFAULT]\nbanaction = nftables\nbanaction_allports = nftables[type=allports]\n\n[sshd]\n"
        "backend = systemd\njournalmatch = _SYSTEMD_UNIT=ssh.service + _COMM=sshd\nenabled = true\n"
    )
    stream = commands(written, tmp_path)
    assert ["set", "sshd", "addjournalmatch", "_SYSTEMD_UNIT=ssh.service"] in stream
    assert [command[3] for command in stream if "addaction" in command] == [ACTION]


def test_a_log_of_ones_own_is_watched_by_the_same_rules(tmp_path: Path) -> None:
    log = tmp_path / "own.log"
    log.touch()
    watch = {
        "log": str(log),
        "format": '$client - $user [$time] "$request" $status $bytes "$referer" "$agent"',
        "request": 'POST /api/[^" ]*',
    }
    made = site(api=XMLRPC | {"watch": watch})
    found = [c for c in settle(made, part(made), Claims()) if isinstance(c, File) and c.node == "a"]
    written = {file.path: body(file.body).decode() for file in found}
    stream = commands(written, tmp_path)
    assert options(stream, "api")["addlogpath"] == str(log)
    rows = [line.split("\t") for line in written["/etc/stook/fail2ban/api.tsv"].splitlines()]
    assert rows[0][0] == "203.0.113.9" and '"POST /api/ HTTP' in rows[0][1]
