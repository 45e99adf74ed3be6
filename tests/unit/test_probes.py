"""What is sent to nodes, run here as it is sent, against servers and libraries that are made up."""

from __future__ import annotations

import ast
import json
import os
import shlex
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.pace import limit
from verify import probes
from verify.contract import Output
from verify.readers import probe

FOLDER = Path(probes.__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
SHELL = sorted(path.name for path in FOLDER.glob("*.sh"))
OLDEST = (3, 9)
# what the daemon that is asked has brought
BROUGHT = {
    "ceph_mon": {"rados"},
    "ceph_client": {"rados"},
    "ceph_file": {"cephfs"},
    "fail2ban_drift": {"fail2ban"},
}


def run(probe: str, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The probe as a shell on a node runs it."""
    command = probes.run(probe, *words, python=shlex.quote(sys.executable))
    return subprocess.run(
        ["sh", "-c", command],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=limit(60),
    )


@pytest.mark.parametrize("name", NAMES)
def test_it_needs_an_old_python_and_its_library_only(name: str) -> None:
    tree = ast.parse(probes.source(name), feature_version=OLDEST)
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add((node.module or "").split(".")[0])
    assert modules - sys.stdlib_module_names == BROUGHT.get(name, set())


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is_and_sends_no_more_than_it_needs(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text()
    assert ast.get_docstring(ast.parse(text))
    assert probes.source(name).startswith("from __future__ import annotations\n")
    assert len(text) < 5000


@pytest.mark.parametrize("name", SHELL)
def test_shell_says_what_it_is_and_sends_no_more_than_it_needs(name: str) -> None:
    first, second, *_ = (FOLDER / name).read_text().splitlines()
    assert first in ("#!/bin/sh", "#!/bin/bash"), "ShellCheck has to find it"
    assert second.startswith("# ")
    assert probes.source(name).startswith(("exec ", ": ", "for "))


def test_words_are_quoted() -> None:
    assert probes.run("echo", "a b; rm", 1).endswith(" 'a b; rm' 1")
    assert probes.run("reach.sh", "a b; rm", shell="bash").startswith("bash -c '")
    assert probes.run("reach.sh", "a b; rm").endswith(" reach.sh 'a b; rm'")
    assert probes.run("echo", probes.Seconds(4)).endswith(" $((4*${STOOK_TIMES:-1}))")


# -- ports


def test_reach_knows_open_refused_and_silent_ports() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert run("reach", "127.0.0.1", port, "tcp", 2).stdout == "OK\n"
    assert run("reach", "127.0.0.1", port, "tcp", 2).stdout == "ECONNREFUSED\n"
    assert run("reach", "127.0.0.1", port, "udp", 1).stdout == "ECONNREFUSED\n"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        assert run("reach", "127.0.0.1", port, "udp", 0.2).stdout == "ETIMEDOUT\n"


def test_reach_in_bash_says_what_its_reader_knows() -> None:
    def answer(port: int) -> str:
        words = shlex.split(probes.run("reach.sh", "127.0.0.1", port, 2, shell="bash"))
        done = subprocess.run(words, capture_output=True, text=True, timeout=limit(60))
        return probe.read(Output(done.returncode, done.stdout)).word

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert answer(port) == probe.OPEN
    assert answer(port) == probe.REFUSED


CEPH = """#!/bin/sh
case $6 in
p-1) acting=[0,1,2] ;;
p-2) acting=[] ;;
none-*) exit 1 ;;
*) acting=[0,1,2] ;;
esac
echo "osdmap e9 pool 'rbd' (1) object '$6' -> pg 1.a (1.a) -> up ([0], p0) acting ($acting, p0)"
"""


def test_the_object_that_waits_is_one_with_too_few_copies(tmp_path: Path) -> None:
    (tmp_path / "ceph").write_text(CEPH)
    (tmp_path / "ceph").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    for prefix, code, name in (("p", 0, "p-2\n"), ("full", 0, "full-16\n"), ("none", 3, "")):
        command = probes.run("ceph_object_name.sh", "rbd", prefix, 2)
        done = subprocess.run(
            ["sh", "-c", command], env=os.environ | {"PATH": path}, capture_output=True, text=True
        )
        assert (done.returncode, done.stdout) == (code, name), done.stderr


def test_listen_is_there_until_it_is_ended(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    note = tmp_path / "note"
    words = [sys.executable, "-c", probes.source("listen"), str(port), str(note), "20"]
    with subprocess.Popen(words) as listener:
        try:
            for _ in range(100):
                if note.exists() and note.read_text():
                    break
                time.sleep(0.05)
            assert note.read_text() == str(listener.pid)
            assert run("reach", "127.0.0.1", port, "tcp", 2).stdout == "OK\n"
            assert run("reach", "::1", port, "tcp", 2).stdout in ("OK\n", "EADDRNOTAVAIL\n")
        finally:
            listener.kill()


# -- HTTP


class Web(BaseHTTPRequestHandler):
    """Answers with what it was asked; who comes too often is refused."""

    protocol_version = "HTTP/1.1"
    limit = 1000
    slow = 0.0
    seen: dict[str, int]
    put: dict[str, bytes]

    def answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        visitor = self.client_address[0]
        self.seen[visitor] = self.seen.get(visitor, 0) + 1
        status, said = 200, f"{self.command} {self.path} {self.headers['X-Forwarded-For']}".encode()
        if self.command == "PUT":
            self.put[self.path], said = body, b""
        elif self.path in self.put:
            said = self.put[self.path]
        if self.seen[visitor] > self.limit and visitor != "127.0.0.61":
            status = 403
        time.sleep(self.slow if self.command == "POST" else 0)
        self.send_response(status)
        self.send_header("X-Test", "a: b")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = do_PUT = answer  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def web(limit: int = 1000) -> Iterator[tuple[int, type[Web]]]:
    handler = type("Handler", (Web,), {"limit": limit, "seen": {}, "put": {}})
    with ThreadingHTTPServer(("0.0.0.0", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port, handler
        finally:
            server.shutdown()


def test_get_sends_a_path_as_it_stands() -> None:
    with web() as (port, _):
        words = ("127.0.0.1", port, "www", "/a/../b//", "X-Forwarded-For: 1.2.3.4")
        found = json.loads(run("get", 5, 1000, *words).stdout)
        assert found["status"] == 200
        assert found["body"] == "GET /a/../b// 1.2.3.4"
        assert found["headers"]["x-test"] == "a: b"
        short = json.loads(run("get", 5, 3, *words).stdout)
        assert short["body"] == "GET"
    gone = json.loads(run("get", 5, 1000, *words).stdout)
    assert (gone["status"], "refused" in gone["error"]) == (0, True)


def test_request_says_who_asked() -> None:
    with web() as (port, _):
        assert run("request", "127.0.0.1", port, "mark", "192.0.2.99").stdout == "127.0.0.1\n"
    assert run("request", "127.0.0.1", port, "mark", "x").stderr == "ConnectionRefusedError\n"


def attack(port: int, what: str, count: int, attacker: str = "127.0.0.60") -> str:
    words = ("127.0.0.1", port, attacker, "127.0.0.61", "POST", "/x", count, "deny")
    done = run("attack", what, *words)
    return done.stdout if not done.returncode else f"{done.returncode} {done.stderr}"


def test_attack_sees_who_is_served_and_who_is_refused() -> None:
    with web(limit=3) as (port, handler):
        assert attack(port, "below", 2).split() == ["sent", "served", "served"]
        assert attack(port, "reach", 1).split() == [
            "refused",
            "sent",
            "refused",
            "refused",
            "served",
        ]
        assert attack(port, "return", 0).split() == ["sent", "refused", "served"]
        handler.seen.clear()
        assert attack(port, "return", 0).split() == ["sent", "served", "served"]


def test_attack_keeps_its_open_connection_busy_on_a_slow_machine() -> None:
    with web(limit=6) as (port, handler):
        # a server ends connections that are idle: varnishd after five seconds, this one after one
        handler.timeout, handler.slow = 1, 0.6
        found = attack(port, "reach", 3).split()
    assert found == ["served", "sent", "refused", "refused", "served"]


def test_attack_needs_its_addresses() -> None:
    said = "3 203.0.113.60 is not an address of this machine\n"
    assert attack(1, "below", 1, "203.0.113.60") == said


def test_gateway_puts_gets_and_removes(tmp_path: Path) -> None:
    admin = tmp_path / "radosgw-admin"
    keys = json.dumps({"keys": [{"access_key": "A", "secret_key": "S"}]})
    admin.write_text(f"#!/bin/sh\necho \"$*\" >>{tmp_path}/calls\necho '{keys}'\n")
    admin.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with web() as (port, handler):
        homes = json.dumps({"a": "127.0.0.1", "b": "127.0.0.2"})
        found = json.loads(run("ceph_gateway", 5, port, homes, **path).stdout)
    assert found["got"] == dict.fromkeys(("a", "b"), found["token"])
    assert (found["user"], found["put"], found["left"]) == ("", "", "")
    assert list(handler.put)[1].endswith(f"stook-verify-{found['token']}/o")
    calls = [line.split()[:2] for line in (tmp_path / "calls").read_text().splitlines()]
    assert calls == [["user", "create"], ["user", "rm"]]
    lost = json.loads(run("ceph_gateway", 5, port, homes, **path).stdout)
    assert lost["put"].startswith("no answer: ")
    admin.write_text("#!/bin/sh\necho no cluster >&2\nexit 1\n")
    refused = json.loads(run("ceph_gateway", 5, port, homes, **path).stdout)
    assert refused["user"] == refused["left"] == "radosgw-admin: no cluster"


# -- daemons


def listening(folder: Path, family: int) -> socket.socket:
    if family == socket.AF_INET:
        return socket.create_server(("127.0.0.1", 0))
    made = socket.socket(family)
    made.bind(str(folder / "fpm.sock"))
    made.listen()
    return made


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX])
def test_fpm_reads_all_records(family: int, tmp_path: Path) -> None:
    def record(kind: int, body: bytes, padding: int = 0) -> bytes:
        head = struct.pack(">BBHHBB", 1, kind, 1, len(body), padding, 0)
        return head + body + bytes(padding)

    with listening(tmp_path, family) as server:

        def serve() -> None:
            fpm, _ = server.accept()
            with fpm:
                asked = fpm.recv(65536)
                assert b"SCRIPT_FILENAME/x.php" in asked
                fpm.sendall(record(6, b"Content-Type: x\r\n\r\n{", 3) + record(7, b"noise"))
                fpm.sendall(record(6, b"}\n") + record(3, bytes(8)))

        threading.Thread(target=serve, daemon=True).start()
        name = server.getsockname()
        place = name if isinstance(name, str) else f"{name[0]}:{name[1]}"
        assert run("fpm", place, "/x.php", "a=1").stdout == "{}\n"
    assert "refused" in run("fpm", place, "/x.php", "a=1").stderr


def test_a_script_answers_all_in_one_process(tmp_path: Path) -> None:
    program = tmp_path / "firewall-cmd"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "if sys.argv[1] == 'fail': raise ValueError('fail')\n"
        "print(sys.argv[1:], __name__, sys.stdin.readlines())\n"
        "print('no', file=sys.stderr)\n"
        "if sys.argv[1] == 'die': sys.exit('over')\n"
        "sys.stdout.close()\nsys.exit(len(sys.argv) - 2)\n"
    )
    program.chmod(0o755)
    questions = ['["", "--state"]', '["a\\nb\\n", "--zone", "x"]', '["", "die"]', '["", "fail"]']
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = run("scripts", "firewall-cmd", *questions, PATH=path)
    *answers, (code, said, trace) = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers == [
        [0, "['--state'] __main__ []\n", "no\n"],
        [1, "['--zone', 'x'] __main__ ['a\\n', 'b\\n']\n", "no\n"],
        [1, "['die'] __main__ []\n", "no\nover\n"],
    ]
    assert (code, said, trace.splitlines()[-1]) == (1, "", "ValueError: fail")
    nowhere = run("scripts", "firewall-cmd", "[]", PATH="/usr/bin:/bin")
    assert json.loads(nowhere.stdout) == [127, "", "firewall-cmd: not found"]


def test_ceph_socket_reads_as_much_as_it_is_told(tmp_path: Path) -> None:
    def asked(path: str, failure: str = "") -> subprocess.CompletedProcess[str]:
        """Of a daemon that has its socket there, by a ceph-conf of our own."""
        say = f"echo 'ceph-conf: {failure}' >&2; exit 1" if failure else f"echo '{path}'"
        program = tmp_path / "ceph-conf"
        program.write_text(f"#!/bin/sh\n[ $2 = osd.1 ] || exit 9\n{say}\n")
        program.chmod(0o755)
        path = f"{tmp_path}:{os.environ['PATH']}"
        return run("ceph_socket", 5, "osd.1", '{"prefix": "x"}', PATH=path)

    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()

        def serve() -> None:
            daemon, _ = server.accept()
            with daemon:
                assert daemon.recv(100) == b'{"prefix": "x"}\0'
                daemon.sendall(struct.pack(">I", 4) + b"{}\n\nrest")

        threading.Thread(target=serve, daemon=True).start()
        assert asked(path).stdout == "{}\n\n"
    gone = asked("/none")
    assert (gone.returncode, gone.stderr) == (1, "/none: [Errno 2] No such file or directory\n")
    assert asked("", "did not find it").stderr == "ceph-conf: did not find it\n"


RADOS = """
class Rados:
    def __init__(self, name, conffile): pass
    def conf_set(self, key, value): assert value == "5"
    def connect(self):
        import os
        if "DOWN" in os.environ: raise OSError("[errno 110] timed out (error connecting")
    def mon_command(self, question, data):
        return (-2, b"", "no such thing") if "bad" in question else (0, question.encode(), "")
"""


def test_ceph_mon_asks_one_or_many(tmp_path: Path) -> None:
    (tmp_path / "rados.py").write_text(RADOS)
    path = {"PYTHONPATH": str(tmp_path)}
    one = run("ceph_mon", 5, "osd dump", **path)
    assert (one.returncode, one.stdout, one.stderr) == (0, "osd dump", "")
    bad = run("ceph_mon", 5, "bad", **path)
    assert (bad.returncode, bad.stderr) == (1, "[errno 2] no such thing")
    many = run("ceph_mon", 5, "a", "bad", **path)
    assert [json.loads(line) for line in many.stdout.splitlines()] == [
        [0, "a", ""],
        [1, "", "[errno 2] no such thing"],
    ]
    down = run("ceph_mon", 5, "a", DOWN="1", **path)
    assert (down.returncode, down.stderr) == (1, "[errno 110] timed out (error connecting")
    assert "No module named 'rados'" in run("ceph_mon", 5, "a").stderr


CEPHFS = """
import os, time
class Error(Exception): pass
class LibCephFS:
    def __init__(self, conffile, auth_id): self.folder = os.environ["FOLDER"]
    def mount(self, filesystem_name):
        if filesystem_name == b"slow": time.sleep(1.5)
        if filesystem_name == b"none": raise Error("no such file system")
    def open(self, path, how, mode=0):
        return open(self.folder + path, how + "b")
    def write(self, file, data, at): file.write(data)
    def fsync(self, file, what): file.flush()
    def read(self, file, at, size): return file.read(size)
    def close(self, file): file.close()
    def setxattr(self, path, name, value, flags):
        if value == b"none": raise Error("Invalid argument")
        with open(self.folder + "/layout", "wb") as file: file.write(name.encode() + b"=" + value)
    def unlink(self, path): os.unlink(self.folder + path)
    def shutdown(self): open(self.folder + "/left", "w").close()
"""


def test_ceph_file_is_written_read_and_removed(tmp_path: Path) -> None:
    (tmp_path / "cephfs.py").write_text(CEPHFS)
    given = {"PYTHONPATH": str(tmp_path), "FOLDER": str(tmp_path)}

    def step(what: str, name: str = "fs", patience: float = 20, pool: str = "") -> tuple[int, str]:
        done = run("ceph_file", what, name, "/f", "token", patience, 30, 75, pool, **given)
        return done.returncode, done.stdout + done.stderr

    assert step("write") == (0, "token\n")
    assert step("read") == (0, "token\n")
    assert step("clean") == (0, "")
    assert not (tmp_path / "f").exists() and not (tmp_path / "layout").exists()
    assert step("write", pool="films") == (0, "token\n")
    assert (tmp_path / "layout").read_text() == "ceph.file.layout.pool=films"
    assert step("write", pool="none") == (1, "Invalid argument\n")
    assert step("clean") == (0, "")
    assert step("write", "none") == (1, "no such file system\n")
    (tmp_path / "left").unlink()
    # what is given up goes on by itself, and takes its file with it
    code, _ = step("write", "slow", 0.3)
    assert code == 75
    for _ in range(100):
        if (tmp_path / "left").exists():
            break
        time.sleep(0.05)
    assert not (tmp_path / "f").exists()


# -- fail2ban


SERVER = """
import json, os


class CSocket:
    def __init__(self, path):
        with open(path) as file:
            self.answers = json.load(file)

    def send(self, words):
        answer = self.answers.get(" ".join(words))
        return (1, ValueError("no such thing")) if answer is None else (0, answer)
"""
REGEX = """
class Regex:
    def __init__(self, regex, **kwargs):
        self.regex = regex.replace("<HOST>", "h")

    def getRegex(self):
        return self.regex


class FailRegex(Regex):
    pass
"""
STREAM = [
    ["set", "dbpurgeage", "1d"],
    ["add", "a", "systemd"],
    ["set", "a", "usedns", "no"],
    ["set", "a", "prefregex", "^<HOST>"],
    ["multi-set", "a", "addfailregex", ["^x <HOST>", "^y"]],
    ["set", "a", "addjournalmatch", "_U=1", "_V=2", "+", "_C=sshd"],
    ["set", "a", "ignorecommand", ""],
    ["set", "a", "addignoreip", "10.0.0.1"],
    ["set", "a", "addaction", "nft"],
    ["multi-set", "a", "action", "nft", [["actionban", "nft add"], ["prefix", 64]]],
    ["add", "b", "polling"],
    ["set", "b", "addfailregex", "^z"],
    ["set", "b", "addjournalmatch", "_U=1"],
    ["set", "b", "addignoreregex", "^w"],
    ["start", "a"],
]
RUNNING = {
    "status a": [],
    "get a usedns": "no",
    "get a prefregex": "^h",
    "get a failregex": ["^x h", "^y"],
    "get a ignoreregex": [],
    "get a ignorecommand": "",
    "get a journalmatch": [["_U=1", "_V=2"], ["_C=sshd"]],
    "get a actions": ["nft"],
    "get a actionproperties nft": ["actionban", "actionreban", "prefix"],
    "get a action nft actionban": "nft add",
    "get a action nft actionreban": "",
    "get a action nft prefix": "64",
    "status b": [],
    "get b prefregex": "",
    "get b failregex": ["^z"],
    "get b ignoreregex": ["^w"],
    "get b ignorecommand": "",
    "get b actions": [],
}


def drift(folder: Path, **changed: object) -> dict[str, list[str]]:
    for path, source in (("client/csocket", SERVER), ("server/failregex", REGEX)):
        file = folder / "fail2ban" / f"{path}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    (folder / "socket").write_text(json.dumps(RUNNING | changed))
    client = folder / "client"
    client.write_text("#!/bin/sh\ncat <<'END'\n" + "".join(f"{x}\n" for x in STREAM) + "END\n")
    client.chmod(0o755)
    done = run("fail2ban_drift", folder / "socket", client, PYTHONPATH=str(folder))
    assert done.returncode == 0, done.stderr
    said: dict[str, list[str]] = json.loads(done.stdout)
    return said


def test_jails_that_run_as_their_files_say_have_not_drifted(tmp_path: Path) -> None:
    assert drift(tmp_path) == {"jails": ["a", "b"], "drift": []}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("get a failregex", ["^x h", "^never h"]),
        ("get a prefregex", "^never"),
        ("get b ignoreregex", ["^w", "."]),
        ("get a ignorecommand", "/bin/true"),
        ("get a usedns", "yes"),
        ("get a journalmatch", [["_U=1", "_V=2"]]),
        ("get a actions", ["nft", "more"]),
        ("get b actions", ["more"]),
        ("get a action nft actionban", "true"),
        ("get a action nft actionreban", "true"),
        ("get a action nft prefix", "32"),
    ],
)
def test_what_is_set_beyond_the_files_is_named(
    tmp_path: Path, question: str, answer: object
) -> None:
    words = question.removeprefix("get ")
    assert drift(tmp_path, **{question: answer})["drift"] == [words]


def test_an_action_that_is_gone_is_missed(tmp_path: Path) -> None:
    """The server answers with an exception for what it does not have."""
    gone: dict[str, object] = {
        question: None for question in RUNNING if question.startswith("get a action")
    }
    said = drift(tmp_path, **gone | {"get a actions": []})["drift"]
    assert said == ["a actions", "a action nft actionban", "a action nft prefix"]


def test_a_jail_that_does_not_run_has_not_drifted(tmp_path: Path) -> None:
    assert drift(tmp_path, **{"status a": None})["drift"] == []


def test_without_files_that_can_be_read_there_is_no_answer(tmp_path: Path) -> None:
    drift(tmp_path)
    done = run("fail2ban_drift", tmp_path / "socket", "false", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1 and "exit code 1" in done.stderr and not done.stdout
