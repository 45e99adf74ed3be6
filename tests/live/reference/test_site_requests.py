"""No way to write a request passes a jail by: each line of requests.tsv, as a client sends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.reference.test_site_attacks import leg
from tests.live.site import run
from verify.lab.site import Lab
from verify.lab.topology import INNOCENT

pytestmark = pytest.mark.live
ONE = "node-gfs1"
JAILS = {"xmlrpc.php": "nginx-wp-xmlrpc", "wp-login.php": "nginx-wp-login"}
# What only PHP says: XML-RPC's complaint about an empty call, and the form of the login page.
PHP = ("<methodResponse>", "user_login")
TABLE = [
    line.split("\t")
    for line in (Path(__file__).parent / "requests.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
# HOST SOURCE, and on standard input lines of TARGET, VERSION and MARK; an answer for each, as JSON.
SEND = r"""
import json, socket, sys
answers = {}
for line in json.loads(sys.argv[3]):
    target, version, mark = line
    with socket.create_connection((sys.argv[1], 80), 30, (sys.argv[2], 0)) as made:
        head = f"POST {target} HTTP/{version}\r\nHost: www.example.com\r\nUser-Agent: {mark}\r\n"
        made.sendall(f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        answers[mark] = b"".join(iter(lambda: made.recv(65536), b"")).decode("latin-1")
print(json.dumps(answers))
"""


def encoded(path: str) -> str:
    return f"{ord(path[0]):x}{path[1:]}"


def forms(path: str) -> list[tuple[str, str, str, str, str]]:
    """Target, version and mark of each request, and what must come of it."""
    return [
        (
            form.replace("PATH", path).replace("ENCODED", encoded(path)),
            version,
            f"row{number}v{version.replace('.', '')}",
            reached,
            counted,
        )
        for number, (form, reached, counted) in enumerate(TABLE)
        for version in ("1.0", "1.1")
    ]


@pytest.fixture(scope="module", autouse=True)
def nobody_is_banned(lab: Lab) -> Iterator[None]:
    """A jail reads a line a while after it was written."""

    def ignore(verb: str) -> None:
        for jail in JAILS.values():
            for source in INNOCENT:
                run(lab, ONE, f"fail2ban-client set {jail} {verb} {source}")

    ignore("addignoreip")
    yield
    run(lab, ONE, "sleep 5")
    ignore("delignoreip")


@pytest.mark.parametrize("family", [0, 1], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize("path", JAILS)
def test_every_form_of_a_request_is_as_the_table_says(lab: Lab, path: str, family: int) -> None:
    jail, source = JAILS[path], INNOCENT[family]
    rows = forms(path)
    words = ["python3", "-c", SEND, leg(lab, family), source, json.dumps([r[:3] for r in rows])]
    sent = lab.outside(words, 300)
    assert sent.code == 0, sent
    answers = json.loads(sent.out)
    lines = run(lab, ONE, f"grep -F '{source}' /var/log/nginx/access.log | tail -n 200")
    run(lab, ONE, f"grep -F '{source}' /var/log/nginx/access.log | tail -n 200 >/tmp/rows.log")
    check = f"fail2ban-regex --print-all-matched /tmp/rows.log /etc/fail2ban/filter.d/{jail}.conf"
    matched = run(lab, ONE, check).partition("Missed line(s)")[0]
    seen = {
        mark: (
            "yes" if any(word in answers[mark] for word in PHP) else "no",
            "yes" if f'"{mark}"' in matched else "no",
        )
        for _, _, mark, _, _ in rows
    }
    wrong = {
        f"{target} HTTP/{version}": (seen[mark], answers[mark][:80])
        for target, version, mark, reached, counted in rows
        if seen[mark] != (reached, counted)
    }
    assert not wrong, lines[-2000:]


def test_a_right_password_is_no_attack(lab: Lab) -> None:
    """Nor a visitor's word for a protected page, whatever else stands in the query."""
    samples = (Path(__file__).parents[2] / "samples/login-success.log").read_text("utf-8")
    filter_ = "/etc/fail2ban/filter.d/nginx-wp-login.conf"
    run(lab, ONE, f"cat >/tmp/login.log <<'END'\n{samples}END")
    matched = run(lab, ONE, f"fail2ban-regex --print-all-matched /tmp/login.log {filter_}")
    matched = matched.partition("Missed line(s)")[0]
    assert "203.0.113.9" in matched and "198.51.100.20" not in matched
