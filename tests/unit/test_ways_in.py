"""What is asked about ways in to a node: sshd's keywords, its arguments, and people's keys."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
from pathlib import Path

import pytest

from verify import probes
from verify.kinds import sshd
from verify.probes import ssh_accounts, ssh_settings
from verify.probes import sshd as daemon

SAMPLES = Path(__file__).parents[1] / "samples"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L"
WANT = sshd.Want("/etc/ssh/authorized_keys.d/%u", "10.83.0.11", ())


def settings(version: str) -> dict[str, str]:
    """What a real sshd says of the configuration that bundles have."""
    (found,) = json.loads((SAMPLES / f"openssh-{version}-settings.json").read_text())
    said: dict[str, str] = found["settings"]
    return said


def judged(said: dict[str, str]) -> list[str]:
    seen = sshd.Seen((sshd.Daemon((), said, ()),))
    return [difference.what for difference in sshd.judge(WANT, seen)]


@pytest.mark.parametrize("version", ["9.2", "10.0"])
@pytest.mark.parametrize("keyword", [*sshd.KEYWORDS, sshd.FILES])
def test_every_keyword_is_held(keyword: str, version: str) -> None:
    """Each is one that a real sshd prints, or need not, and none may have another value."""
    said, rule = settings(version), sshd.KEYWORDS.get(keyword)
    assert not judged(said)
    assert keyword.lower() in said or (rule and rule.optional)
    assert judged(said | {keyword.lower(): "something else"}) == [keyword]
    without = {name: value for name, value in said.items() if name != keyword.lower()}
    assert judged(without) == ([] if rule and rule.optional else [keyword])


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("sshd: /usr/sbin/sshd -D", ()),
        ("sshd: /usr/sbin/sshd -D -f /etc/my-sshd -e", ("-f", "/etc/my-sshd")),
        (
            "sshd: /usr/sbin/sshd -D -o AuthorizedKeysFile a b -oUsePAM=no -p 2299",
            ("-o", "AuthorizedKeysFile a b", "-o", "UsePAM=no", "-p", "2299"),
        ),
    ],
)
def test_the_options_of_the_one_that_runs(title: str, found: tuple[str, ...]) -> None:
    assert daemon.options(title) == found


def test_a_title_alone_makes_nobody_an_sshd() -> None:
    """Whatever it calls itself, the program that root runs is looked at."""
    title = "sshd: /tmp/evil -D [listener] 0 of 10-100 startups"
    other = subprocess.Popen(["bash", "-c", f"exec -a '{title}' sleep 60"])
    try:
        assert other.pid not in {found.number for found in daemon.daemons()}
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize(
    ("line", "criterion", "found"),
    [
        ("Address 10.1.0.0/16,!10.1.2.0/24 User a", "address", ["10.1.0.0", "10.1.2.0"]),
        ("user a*,b Address 192.168.*.7", "address", ["192.168.1.7"]),
        ("user a*,b Address 192.168.*.7", "user", ["a1", "b"]),
        ('Address="2001:db8::/32"', "address", ["2001:db8::"]),
        ("LocalAddress 10.0.0.1", "address", []),
        ("LocalPort 2222", "localport", ["2222"]),
        ("all", "user", []),
    ],
)
def test_a_match_is_asked_about(line: str, criterion: str, found: list[str]) -> None:
    assert list(ssh_settings.samples([line], criterion)) == found


def test_where_nothing_is_matched_everybody_is_asked_about_at_once() -> None:
    assert ssh_settings.connections([], "10.0.0.1", ("10.0.0.2",), "22") == []
    every = ssh_settings.connections(["Address 10.9.0.0/16"], "10.0.0.1", ("10.0.0.2",), "22")
    people = {one[0] for one in every}
    assert {"root", daemon.STRANGER} <= people and "nobody" not in people
    assert {one[1] for one in every} == {"10.0.0.2", *daemon.NOWHERE, "10.9.0.0"}


def test_what_is_changed_since_the_files_were_read(tmp_path: Path) -> None:
    old, new, folder = tmp_path / "old", tmp_path / "new", tmp_path / "folder"
    old.write_text("")
    since = old.stat().st_ctime
    os.utime(old, (since + 60, since + 60))
    new.write_text("")
    folder.mkdir()
    os.utime(folder, (since + 60, since + 60))
    found = ssh_settings.newer([str(new)], [str(folder), str(tmp_path / "none")], since + 30)
    assert list(found) == [f"{folder}/"]
    assert list(ssh_settings.newer([str(new)], [], since - 30)) == [str(new)]


def test_keys_are_read_and_nothing_else_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "authorized_keys"
    text = f'# {KEY}\n\nroot:$6$secret:1\n{KEY} ops at home\n  from="10.0.0.1",pty {KEY}\nAAAA\n'
    file.write_text(text)
    assert list(ssh_accounts.keys(str(file))) == [KEY, f'from="10.0.0.1",pty {KEY}']
    os.mkfifo(tmp_path / "fifo")
    assert not list(ssh_accounts.keys(str(tmp_path / "fifo")))
    assert not list(ssh_accounts.keys(str(tmp_path / "none")))


def test_keys_are_found_where_sshd_looks(tmp_path: Path) -> None:
    one = pwd.struct_passwd(("ops", "x", 1001, 1001, "", str(tmp_path), "/bin/sh"))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/keys").write_text(KEY)
    (tmp_path / "ops-1001-%").write_text(f"pty {KEY}")
    patterns = f"{tmp_path}/%u-%U-%% .ssh/keys none %h/.ssh/none"
    assert list(ssh_accounts.keys_of(one, patterns)) == [f"pty {KEY}", KEY]


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("a:*:20000:0:99999:7:::", ("locked", "")),
        ("a:!$6$x:20000:0:99999:7:::", ("locked", "")),
        ("a:$6$x:20000:0:99999:7:::", ("usable", "")),
        ("a::20000:0:99999:7:::", ("empty", "")),
        ("a:*:20000:0:99999:7::1:", ("locked", "expired")),
        ("a:*:20000:0:99999:7::20100:", ("locked", "expired")),
        ("a:*:20000:0:99999:7::20101:", ("locked", "")),
        ("a:*:0:0:99999:7:::", ("locked", "password expired")),
        ("a:*:20000:0:90:7:::", ("locked", "password expired")),
        ("a:*", ("locked", "")),
    ],
)
def test_what_keeps_an_account_out(line: str, state: tuple[str, str]) -> None:
    assert list(ssh_accounts.shadow(line, 20100)) == [("a", state)]


def test_without_an_sshd_there_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for probe in (ssh_accounts, ssh_settings):
        monkeypatch.setattr(probe, "daemons", lambda: iter(()))
    monkeypatch.setattr(ssh_accounts, "ask", lambda *_: ("", ""))
    with pytest.raises(SystemExit, match="no sshd takes connections here"):
        list(ssh_accounts.accounts())
    with pytest.raises(SystemExit, match="no sshd takes connections here"):
        ssh_settings.main("10.0.0.1")
    assert capsys.readouterr().out == ""


def test_both_are_sent_whole() -> None:
    """What they share goes with each, and nothing of ours is imported on a node."""
    for name in ("ssh_accounts", "ssh_settings"):
        text = probes.source(name)
        assert "import verify" not in text and "from verify" not in text
        assert "def daemons(" in text and text.count("from __future__") == 1
