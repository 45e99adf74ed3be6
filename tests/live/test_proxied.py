"""Behind a load balancer: the client is who it says it saw, and is refused by the web server.

The node is one of Debian 13, with its PHP and its WordPress.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from generator import platforms
from tests.live.site import apply, bad, build, run, running, settled, until, verify
from verify.lab.site import Lab
from verify.lab.topology import INNOCENT

pytestmark = pytest.mark.live
SPEC = Path(__file__).parent / "proxied/site.yaml"
PLATFORM = "debian-13"
NODE, ADDRESS, JAIL = "front", "10.78.0.11", "xmlrpc"
BALANCER = INNOCENT[0]
# clients that only the load balancer ever sees
ATTACKER, VICTIM, SIX = "192.0.2.66", "192.0.2.77", "2001:db8:66::1"
PROBER, VISITOR = "192.0.2.88", "192.0.2.99"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("proxied")
    build(folder, SPEC.read_text("utf-8"))
    with running(folder) as made:
        yield made


def status(lab: Lab, forwarded: str, path: str = "/wp-login.php", options: str = "") -> str:
    """What the load balancer gets for a client; it appends the address that it sees."""
    words = "curl -sS -m 20 -o /dev/null -w '%{http_code}' -H 'Host: news.example.com'"
    words += f" --interface {BALANCER} {options}"
    return run(lab, "outside", f"{words} -H 'X-Forwarded-For: {forwarded}' http://{ADDRESS}{path}")


def attack(lab: Lab, forwarded: str, times: int) -> None:
    for _ in range(times):
        status(lab, forwarded, "/xmlrpc.php", "-d x")


def banned(lab: Lab, jail: str = JAIL) -> str:
    return run(lab, NODE, f"fail2ban-client get {jail} banip")


def test_every_claim_holds(lab: Lab) -> None:
    assert not bad(settled(folder=lab.folder))


@pytest.mark.parametrize("client", [ATTACKER, SIX])
def test_an_attacker_is_refused_and_nobody_else(lab: Lab, client: str) -> None:
    attack(lab, f"{VICTIM}, {client}", 19)
    assert client not in banned(lab)
    assert status(lab, client) == "200"
    attack(lab, f"{VICTIM}, {client}", 1)
    until(lambda: status(lab, client) == "403", 20, "the attacker is refused")
    assert status(lab, f"{client}, {VICTIM}") == "200"
    assert banned(lab).split() == [client]
    assert not bad(settled(folder=lab.folder))
    for doing in ("systemctl restart fail2ban", "systemctl restart nginx"):
        run(lab, NODE, doing)
        until(lambda: status(lab, client) == "403", 20, f"refused after {doing}")
        until(lambda: status(lab, VICTIM) == "200", 20, f"served after {doing}")
    run(lab, NODE, f"fail2ban-client set {JAIL} unbanip {client}")
    until(lambda: status(lab, client) == "200", 20, "served again")


def test_who_asks_for_what_is_not_there_is_refused_and_no_visitor(lab: Lab) -> None:
    """Each page is another one, so that no cache answers in the server's place."""
    for number in range(19):
        assert status(lab, f"{VICTIM}, {PROBER}", f"/?p={990000 + number}") == "404"
        assert status(lab, VISITOR) == "200"
    assert not banned(lab, "probing")
    assert status(lab, f"{VICTIM}, {PROBER}", "/?p=990019") == "404"
    until(lambda: status(lab, PROBER) == "403", 20, "who only tries is refused")
    assert banned(lab, "probing").split() == [PROBER]
    assert (status(lab, VISITOR), status(lab, VICTIM)) == ("200", "200")
    assert not bad(settled(folder=lab.folder))
    run(lab, NODE, f"fail2ban-client set probing unbanip {PROBER}")
    until(lambda: status(lab, PROBER) == "200", 20, "served again")


def test_who_goes_round_the_load_balancer_gets_nowhere(lab: Lab) -> None:
    assert lab.outside(f"curl -s -m 5 -o /dev/null http://{ADDRESS}/", 15).code != 0


def test_only_the_web_servers_account_may_ask_php(lab: Lab) -> None:
    """Over its socket, whoever may open it has PHP read the password of the database to him."""
    ask = (
        "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/php/stook.sock'); "
        "print('connected')"
    )
    for account, answer in (("www-data", "connected"), ("nobody", "Permission denied")):
        drop = f"setpriv --reuid={account} --regid={account} --init-groups".replace(
            "--regid=nobody", "--regid=nogroup"
        )
        done = lab.exec(NODE, f'{drop} python3 -c "{ask}"', 20)
        assert answer in done.out + done.err


def test_a_socket_for_everybody_is_seen(lab: Lab) -> None:
    run(lab, NODE, "chmod 0666 /run/php/stook.sock")
    try:
        red = bad(verify(folder=lab.folder))
        assert red.keys() == {f"{NODE}/unix_socket/run/php/stook.sock"}, red
    finally:
        run(lab, NODE, "chmod 0660 /run/php/stook.sock")


def test_the_jail_leaves_and_then_the_web_tier(lab: Lab) -> None:
    spec = SPEC.read_text("utf-8")
    whole = spec[: spec.index("web:")]
    without_jail = spec[: spec.index("fail2ban:")]
    attack(lab, ATTACKER, 20)
    until(lambda: status(lab, ATTACKER) == "403", 20, "the attacker is refused")
    build(lab.folder, without_jail)
    red = bad(verify(folder=lab.folder)).keys()
    assert f"{NODE}/leftovers/beyond" in red, red
    done = apply(lab, NODE)
    assert done.code == 0, done.out
    assert status(lab, ATTACKER) == "200"
    assert lab.exec(NODE, "systemctl is-active -q fail2ban").code != 0
    assert not bad(settled(folder=lab.folder))

    run(lab, NODE, "echo mine >/srv/news/wp-content/uploads/picture")
    build(lab.folder, whole)
    done = apply(lab, NODE)
    assert done.code == 0, done.out
    units = platforms.load(PLATFORM).units
    for unit in (units[key] for key in ("nginx", "varnish", "php")):
        assert lab.exec(
            NODE, f"systemctl is-active -q {unit} || systemctl is-enabled -q {unit}"
        ).code
    listening = run(lab, NODE, "ss -Hltn | awk '{ print $4 }'").split()
    assert not [one for one in listening if one.endswith((":80", ":6081", ":8080"))], listening
    assert run(lab, NODE, "cat /srv/news/wp-content/uploads/picture").strip() == "mine"
    assert run(lab, NODE, "ls -A /etc/stook/secrets 2>/dev/null || :") == ""
    assert not bad(settled(folder=lab.folder))
