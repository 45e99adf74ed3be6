"""What is asked about ways in to a node: sshd's keywords, its arguments, and people's keys."""

from __future__ import annotations

import grp
import json
import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

import pytest

from verify import probes
from verify.kinds import sshd
from verify.probes import authorized_keys, name_service, ssh_accounts, ssh_settings, writable
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


def test_each_line_is_a_key_and_nothing_else_of_a_file_is_said(tmp_path: Path) -> None:
    """sshd reads white space within a key, and so a key where this sees none."""
    file = tmp_path / "authorized_keys"
    odd = KEY.replace("AAAAC3", "AAAA\vC3")
    lines = (f"# {KEY}", "", " \t", "root:$6$secret:1", f"{KEY} ops at home", odd, KEY + "\r")
    more = (f'  from="10.0.0.1",pty {KEY}', f"x\r{KEY}", "AAAA", f"\0{KEY}")
    file.write_bytes("\n".join((*lines, *more)).encode())
    unread = [f"{file}:{place}, which cannot be read" for place in (4, 6, 9, 10, 11)]
    options = f'from="10.0.0.1",pty {KEY}'
    assert list(authorized_keys.keys(str(file))) == [
        *(unread[0], KEY, unread[1], KEY, options),
        *unread[2:],
    ]
    os.mkfifo(tmp_path / "fifo")
    assert not list(authorized_keys.keys(str(tmp_path / "fifo")))
    assert not list(authorized_keys.keys(str(tmp_path / "none")))


def test_a_file_without_an_end_is_named(tmp_path: Path) -> None:
    file = tmp_path / "authorized_keys"
    file.write_bytes(b"\n" * authorized_keys.LARGEST)
    assert not list(authorized_keys.keys(str(file)))
    file.write_bytes(b"\n" * (authorized_keys.LARGEST + 1))
    assert list(authorized_keys.keys(str(file))) == [f"{file}, which is too large to be read"]


def test_keys_are_where_sshd_looks(tmp_path: Path) -> None:
    one = pwd.struct_passwd(("ops", "x", 1001, 1001, "", str(tmp_path), "/bin/sh"))
    patterns = f"{tmp_path}/%u-%U-%% .ssh/keys none %h/.ssh/none"
    assert list(authorized_keys.files_of(one, patterns)) == [
        f"{tmp_path}/ops-1001-%",
        f"{tmp_path}/.ssh/keys",
        f"{tmp_path}/.ssh/none",
    ]


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
    assert name_service.shadow(line, 20100) == {"a": state}
    # of two lines the C library takes the first
    assert name_service.shadow(f"{line}\na:$6$x:20000:0:99999:7::1:", 20100) == {"a": state}


def people(monkeypatch: pytest.MonkeyPatch, *fields: str) -> dict[str, list[str]]:
    """Accounts a, b, …, with these in the password's place of /etc/passwd."""
    every = [
        pwd.struct_passwd((name, field, number, number, "", f"/home/{name}", "/bin/sh"))
        for number, (name, field) in enumerate(zip("abcd", fields, strict=False), 1000)
    ]
    monkeypatch.setattr(pwd, "getpwall", lambda: every)
    return {one.pw_name: [] for one in every}


def test_shadow_counts_only_where_passwd_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = people(monkeypatch, "x", "*", "", "$6$x")
    shadow = "".join(f"{name}:!:20000:0:99999:7::1:\n" for name in "abcd")
    assert [row[4:] for row in ssh_accounts.accounts(paths, shadow)] == [
        ["x", "locked", "expired", []],
        ["locked", "locked", "", []],
        ["empty", "empty", "", []],
        ["usable", "usable", "", []],
    ]


def test_what_gshadow_says_of_groups_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    every = [
        grp.struct_group((name, field, number, list(members)))
        for number, (name, field, members) in enumerate(
            (("disk", "x", ()), ("adm", "x", ("ops",)), ("old", "$6$x", ()), ("new", "x", ()))
        )
    ]
    monkeypatch.setattr(grp, "getgrall", lambda: every)
    hidden = "disk:$6$x:boss:\nadm:*::syslog,ops\ndisk:!::\nnew:!$6$x::\n"
    assert list(name_service.groups(hidden)) == [
        ["disk", 0, "usable", ["boss"]],
        ["adm", 1, "locked", ["ops", "syslog"]],
        ["old", 2, "usable", []],
        ["new", 3, "locked", []],
    ]


def test_a_name_of_two_lines_is_named(tmp_path: Path) -> None:
    file = tmp_path / "passwd"
    file.write_text("root:x:0:0::/:\n\nsvc:x:1:1::/:\n  svc:x:0:0::/:\nsvcs:x:2:2::/:\n")
    names = name_service.names_in(str(file))
    assert name_service.twice(passwd=names, shadow=["svc"]) == ["passwd: svc"]
    assert name_service.names_in(str(tmp_path / "none")) == []


def test_who_may_write_a_file_or_replace_it(tmp_path: Path) -> None:
    """The file, all folders above it, and those of where a link leads; homes are their owners'."""
    home, other = tmp_path / "home", tmp_path / "other"
    for folder in (home, other):
        folder.mkdir(mode=0o755)
    (home / "keys").symlink_to(other / "keys")
    (other / "keys").write_text(KEY)
    (other / "keys").chmod(0o644)
    above = set(writable.writable([str(tmp_path)]))

    def said(**more: Any) -> list[str]:
        own = {str(home), str(other)}
        every = writable.writable([str(home / "keys"), str(home / "none")], **more)
        return sorted(
            Path(one.partition(" (")[0]).name
            for one in every
            if one not in above and one.startswith(tuple(own))
        )

    me = os.getuid()
    if me == 0:
        assert said() == []
        os.chown(home, 65534, 0)
        assert said() == ["home"]
        assert said(home=str(home), uid=65534) == []
        assert said(home=str(home), uid=65533) == ["home"]
        os.chown(home, 0, 0)
        other.chmod(0o775)
        assert said() == ["other"]
        other.chmod(0o755)
        (other / "keys").chmod(0o646)
        assert said() == ["keys", "keys"]
    else:
        assert said() == ["home", "keys", "keys", "other"]


def test_without_an_sshd_there_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for probe in (ssh_accounts, ssh_settings):
        monkeypatch.setattr(probe, "daemons", lambda: iter(()))
    with pytest.raises(SystemExit, match="no sshd takes connections here"):
        ssh_accounts.main()
    with pytest.raises(SystemExit, match="no sshd takes connections here"):
        ssh_settings.main("10.0.0.1")
    assert capsys.readouterr().out == ""


def test_both_are_sent_whole() -> None:
    """What they share goes with each, and nothing of ours is imported on a node."""
    for name in ("ssh_accounts", "ssh_settings"):
        text = probes.source(name)
        assert "import verify" not in text and "from verify" not in text
        assert "def daemons(" in text and text.count("from __future__") == 1
