"""What is asked about ways in to a node: sshd's keywords, its arguments, and people's keys."""

from __future__ import annotations

import json
import os
import pwd
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from verify import probes
from verify.kinds import sshd
from verify.probes import login_traps, ssh_accounts, ssh_daemon, ssh_settings
from verify.probes import sshd as daemon
from verify.readers.sshd_settings import FILES, KEYWORDS, KNOWN, OPENS_NOTHING

SAMPLES = Path(__file__).parents[1] / "samples"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L"
TITLE = "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"
WANT = sshd.Want("/etc/ssh/authorized_keys.d/%u", "10.83.0.11", ())


def settings(version: str) -> dict[str, str]:
    """What a real sshd says of the configuration that bundles have."""
    found = json.loads((SAMPLES / f"openssh-{version}-settings.json").read_text())
    said: dict[str, str] = found["settings"]
    return said


def judged(said: dict[str, str]) -> list[str]:
    listener = sshd.Listener(1, "/usr/sbin/sshd", TITLE)
    seen = sshd.Seen(1, (listener,), 0, 0, (), (), said, (), ())
    return [difference.what for difference in sshd.judge(WANT, seen)]


@pytest.mark.parametrize("version", ["9.2", "10.0"])
@pytest.mark.parametrize("keyword", [*KEYWORDS, FILES])
def test_every_keyword_is_held(keyword: str, version: str) -> None:
    """Each is one that a real sshd prints, or need not, and none may have another value."""
    said, rule = settings(version), KEYWORDS.get(keyword)
    assert not judged(said)
    assert keyword.lower() in said or (rule and rule.optional)
    assert judged(said | {keyword.lower(): "something else"}) == [keyword]
    without = {name: value for name, value in said.items() if name != keyword.lower()}
    assert judged(without) == ([] if rule and rule.optional else [keyword])


@pytest.mark.parametrize("version", ["9.2", "10.0"])
def test_a_keyword_is_held_or_opens_nothing(version: str) -> None:
    """One that nobody has thought of fails, whatever its value."""
    assert not set(settings(version)) - KNOWN
    assert not {name.lower() for name in (*KEYWORDS, FILES)} & OPENS_NOTHING
    assert judged(settings(version) | {"letseverybodyin": "no"}) == ["letseverybodyin"]


@pytest.mark.parametrize(
    ("keyword", "value", "wrong"),
    [
        ("AcceptEnv", "LANG", False),
        ("AcceptEnv", "LANG LC_* *", True),
        ("AuthorizedKeysFile", "/etc/SSH/authorized_keys.d/%u", True),
        ("HostKey", "/etc/ssh/ssh_host_ed25519_key", False),
        ("HostKey", "/etc/ssh/ssh_host_ed25519_key /tmp/key", True),
        ("LogLevel", "VERBOSE", False),
        ("LogLevel", "SILENT", True),
        ("SetEnv", "LD_PRELOAD=/etc/x.so", True),
        ("Subsystem", "sftp internal-sftp", False),
        ("Subsystem", "sftp /usr/lib/openssh/sftp-server x /etc/x", True),
        ("Ciphers", "aes128-ctr", False),
    ],
)
def test_a_value_may_be_one_of_several(keyword: str, value: str, wrong: bool) -> None:
    said = settings("10.0") | {keyword.lower(): value}
    assert judged(said) == ([keyword] if wrong else [])


@pytest.mark.parametrize(
    ("title", "differs"),
    [
        (TITLE, False),
        (TITLE.replace("0 of 10", "7 of 20"), False),
        (TITLE.replace("-D ", "-D -o VersionAddendum=x -o PermitRootLogin=no -oUsePAM=no "), True),
        (TITLE.replace("-D ", "-D -f /etc/my "), True),
        (TITLE.replace("-D ", "-D  "), True),
        (TITLE.replace("-D ", "-D [listener] 0 of 10-100 startups "), True),
        ("/usr/sbin/sshd -D", True),
    ],
)
def test_it_runs_without_options(title: str, differs: bool) -> None:
    """A title has lost the quotes of its words: nothing is made of any but the expected one."""
    seen = sshd.Seen(
        1, (sshd.Listener(1, "/usr/sbin/sshd", title),), 0, 0, (), (), settings("9.2"), (), ()
    )
    assert bool(sshd.judge(WANT, seen)) == differs


def test_a_title_alone_makes_nobody_an_sshd() -> None:
    """Whatever it calls itself, the program that root runs is looked at."""
    title = "sshd: /tmp/evil -D [listener] 0 of 10-100 startups"
    other = subprocess.Popen(["bash", "-c", f"exec -a '{title}' sleep 60"])
    try:
        assert other.pid not in set(daemon.titled())
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
    people = [one.pw_name for one in pwd.getpwall()]
    assert {*people, daemon.STRANGER} <= {one[0] for one in every}, "those without a shell, too"
    assert len(every) <= ssh_settings.MOST and every[0][1] == "10.9.0.0"
    guest = ssh_settings.connections(["User guest"], "10.0.0.1", ("10.0.0.2",), "22")
    assert {one[1] for one in guest} == {daemon.NOWHERE[0]}, "where from makes no difference"
    assert guest[0][0] == "guest"


SAID = """debug2: load_server_config: filename /etc/ssh/sshd_config
debug2: /etc/ssh/sshd_config line 12: new include /etc/ssh/sshd_config.d/*.conf
debug2: /etc/ssh/sshd_config line 12: including /etc/ssh/sshd_config.d/a.conf
debug2: load_server_config: filename /etc/ssh/sshd_config.d/a.conf
debug3: checking syntax for 'Match User *,!stook-nobody'
debug3: checking syntax for 'Match Address="203.0.113.0/24,!203.0.113.0" # c'
debug3: checking syntax for 'Match Group adm' on line 2
debug3: checking match for 'User bob' user (null) host (null) addr (null) laddr (null) lport 0
debug3: checking syntax for 'Match User *,!stook-nobody,aaaaaaaa
"""


def test_a_match_is_what_sshd_takes_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printed by 9.2 of `"Match" User …`, `Match\tAddress=` and one that is too long; 10.0 says
    where it is.
    """
    monkeypatch.setattr(daemon, "ask", lambda *_: ("", SAID))
    read, folders, matches = daemon.files(daemon.Daemon(1, "", ""))
    assert read == ["/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/a.conf"]
    assert folders == ["/etc/ssh/sshd_config.d"]
    assert matches == [
        "User *,!stook-nobody",
        'Address="203.0.113.0/24,!203.0.113.0" # c',
        "Group adm",
        "User *,!stook-nobody,aaaaaaaa",
    ]
    monkeypatch.setattr(daemon, "ask", lambda *_: ("", "debug1: nothing\n"))
    with pytest.raises(SystemExit, match="does not say"):
        daemon.files(daemon.Daemon(1, "", ""))


NET = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  inode
   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1
   1: 0100007F:0016 0200007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 112 1
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 113 1
"""


def test_a_sample_that_sshd_refuses_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def settings(_: daemon.Daemon, user: str, *more: str) -> dict[str, str]:
        return sys.exit("bad port") if user == "bad" else {"permitrootlogin": user}

    monkeypatch.setattr(ssh_settings, "settings", settings)
    who: list[tuple[str, ...]] = [(user, "10.0.0.1") for user in ("no", "bad", "yes")]
    said = list(ssh_settings.others({"permitrootlogin": "no"}, daemon.Daemon(1, "", ""), who))
    assert said == [["yes", "10.0.0.1", {"permitrootlogin": "yes"}]]


def test_who_takes_connections_is_seen_by_his_sockets(tmp_path: Path) -> None:
    """Whatever he calls himself."""
    (tmp_path / "tcp").write_text(NET)
    assert daemon.waiting(str(tmp_path)) == {"socket:[111]"}
    (tmp_path / "tcp6").write_text(NET.replace("111", "222"))
    assert daemon.waiting(str(tmp_path)) == {"socket:[111]", "socket:[222]"}
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = daemon.target(Path(f"/proc/self/fd/{server.fileno()}"))
        assert daemon.holders({link, "socket:[1]"}) == {link: [os.getpid()]}


def test_what_a_process_is() -> None:
    one = daemon.daemon(os.getpid())
    assert (one.number, one.program) == (os.getpid(), os.path.realpath(sys.executable))


@pytest.mark.parametrize(
    ("who", "what", "said"),
    [
        ("7", "", []),
        ("7", "mnt", ["mnt"]),
        ("7", "net", ["net"]),
        ("7", "root", ["root"]),
        ("self", "mnt", ["mnt"]),
        ("1", "user", ["user"]),
    ],
)
def test_another_view_of_the_machine(who: str, what: str, said: list[str], tmp_path: Path) -> None:
    """As a drop-in with BindReadOnlyPaths= or RootDirectory= gives a daemon and who comes by it."""
    (tmp_path / "jail").mkdir()
    for number in ("7", "self", "1"):
        (tmp_path / number / "ns").mkdir(parents=True)
        for name in ssh_daemon.SPACES:
            space = 2 if (number, name) == (who, what) else 1
            (tmp_path / number / "ns" / name).symlink_to(f"{name}:[{space}]")
        jailed = (number, "root") == (who, what)
        (tmp_path / number / "root").symlink_to(tmp_path / "jail" if jailed else "/")
    assert list(ssh_daemon.elsewhere(7, str(tmp_path))) == said


def test_code_that_a_program_does_not_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_daemon, "PROGRAM", "/bin/sleep")
    plain = subprocess.Popen(["/bin/sleep", "60"])
    loaded = subprocess.Popen(["/bin/sleep", "60"], env={"LD_PRELOAD": "libm.so.6"})
    try:
        time.sleep(0.2)
        assert not list(ssh_daemon.libraries(plain.pid))
        assert [Path(path).name for path in ssh_daemon.libraries(loaded.pid)] == ["libm.so.6"]
        assert ssh_daemon.same_program(plain.pid) and not ssh_daemon.same_program(os.getpid())
    finally:
        for one in (plain, loaded):
            one.kill()
            one.wait()


def test_when_files_were_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note that somebody touched is as old as the older of its times."""
    note = tmp_path / "sshd.pid"
    note.write_text(f"{os.getpid()}\n")
    wrote = note.stat().st_ctime
    os.utime(note, (wrote + 60, wrote + 60))
    assert wrote <= ssh_daemon.noted(os.getpid(), str(note)) < wrote + 60
    os.utime(note, (wrote - 60, wrote - 60))
    assert ssh_daemon.noted(os.getpid(), str(note)) == pytest.approx(wrote - 60)
    began = ssh_daemon.started(os.getpid())
    note.write_text("1")
    for path in (note, tmp_path / "none"):
        assert ssh_daemon.noted(os.getpid(), str(path)) == pytest.approx(began, abs=1)
    unit = "/org/freedesktop/systemd1/unit/my_2dssh_2eservice"
    monkeypatch.setattr(ssh_daemon, "ask", lambda *words: (f"t 2{'5' * (unit in words)}00000", ""))
    assert ssh_daemon.state_changed("my-ssh.service") == 2.5


def test_what_a_login_runs_into_is_a_difference() -> None:
    listener = sshd.Listener(1, "/usr/sbin/sshd", TITLE)
    seen = sshd.Seen(1, (listener,), 0, 30, (), (), settings("9.2"), (), ("/etc/ssh/sshrc",))
    (one,) = sshd.judge(WANT, seen)
    assert (one.what, one.found) == ("run at a login", "/etc/ssh/sshrc")


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("/etc/ssh/sshrc", "", ["/etc/ssh/sshrc"]),
        ("/etc/environment", "LANG=C\nexport LD_PRELOAD=/x.so\n", ["LD_PRELOAD"]),
        ("/etc/environment", "LD_\\\nAUDIT=/x.so", ["LD_AUDIT"]),
        ("/etc/environment", "# LD_PRELOAD=/x\nENVIRONMENT=x\nOLD_X=1\n", []),
        ("/etc/default/locale", "LANG=C\nBASH_ENV=/x\n", ["BASH_ENV"]),
        ("/etc/security/pam_env.conf", "PYTHONPATH DEFAULT=/x\n", ["PYTHONPATH"]),
    ],
)
def test_what_a_login_runs_into(path: str, text: str, found: list[str], tmp_path: Path) -> None:
    file = Path(f"{tmp_path}{path}")
    file.parent.mkdir(parents=True)
    file.write_text(text)
    said = list(login_traps.traps(str(tmp_path)))
    assert said == [one if one == path else f"{one} in {path}" for one in found]


def test_what_is_changed_since_the_files_were_read(tmp_path: Path) -> None:
    old, new, folder = tmp_path / "old", tmp_path / "new", tmp_path / "folder"
    old.write_text("")
    since = old.stat().st_ctime
    folder.mkdir()
    for path in (old, folder):
        os.utime(path, (since - 60, since - 60))
    new.write_text("")
    places = [str(folder), str(tmp_path / "none")]
    assert not list(ssh_daemon.newer([str(old), str(new)], places, since + 30))
    found = ssh_daemon.newer([str(old)], places, since - 30)
    assert list(found) == [str(old), f"{folder}/"], "what it is said to be, it is not"
    assert list(ssh_daemon.newer([str(new)], [], since - 30)) == [str(new)]


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


def test_without_an_sshd_there_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    for probe in (ssh_accounts, ssh_settings):
        monkeypatch.setattr(probe, "daemons", lambda: iter(()))
    monkeypatch.setattr(ssh_settings, "waiting", lambda: set())
    monkeypatch.setattr(ssh_accounts, "ask", lambda *_: ("", ""))
    with pytest.raises(SystemExit, match="no sshd takes connections here"):
        list(ssh_accounts.accounts())
    with pytest.raises(SystemExit, match="no sshd takes connections here"):
        ssh_settings.report("ssh.service", "10.0.0.1", ())


def test_who_is_there_for_a_moment_takes_no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that has not yet closed what it inherits, and a socket that a reload has replaced."""
    first, child = daemon.Daemon(1, "/usr/sbin/sshd", TITLE), daemon.Daemon(2, "", TITLE)
    scans = iter([[first, child], [first]])
    sockets = iter([{"socket:[1]", "socket:[2]"}, {"socket:[1]", "socket:[3]"}] * 2)
    monkeypatch.setattr(ssh_settings, "daemons", lambda: next(scans))
    monkeypatch.setattr(ssh_settings, "waiting", lambda: next(sockets))
    monkeypatch.setattr(ssh_settings, "holders", lambda _: {"socket:[1]": [1]})
    assert ssh_settings.takers() == ([first], 0)
    monkeypatch.setattr(ssh_settings, "daemons", lambda: [first])
    monkeypatch.setattr(ssh_settings, "holders", lambda _: {})
    assert ssh_settings.takers() == ([first], 1)


def test_both_are_sent_whole() -> None:
    """What they share goes with each, and nothing of ours is imported on a node."""
    for name in ("ssh_accounts", "ssh_settings"):
        text = probes.source(name)
        assert "import verify" not in text and "from verify" not in text
        assert "def daemons(" in text and text.count("from __future__") == 1
