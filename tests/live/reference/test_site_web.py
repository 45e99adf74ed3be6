"""WordPress on the reference site: what people get through each node, and what they never get."""

from __future__ import annotations

from shlex import quote

import pytest

from tests.live.site import ROOTDIR, SITE, run, settled, until
from verify.lab.site import Lab
from verify.readers import web
from verify.serialization import load_site

pytestmark = pytest.mark.live
ONE, TWO = "node-gfs1", "node-gfs2"
HOST = "www.example.com"
LOG = "/var/log/nginx/access.log"
NODES = {
    name: node["addresses"]["internal"]
    for name, node in load_site(SITE / "site.json").nodes.items()
}
ODD = ("/%78mlrpc.php", "//xmlrpc.php", "/./xmlrpc.php", "/x/../xmlrpc.php", "/xmlrpc.php/x")


def curl(lab: Lab, words: str) -> str:
    """What a client outside gets."""
    return run(lab, "outside", f"curl -sS --path-as-is -m 20 -H 'Host: {HOST}' {words}")


def status(lab: Lab, words: str) -> str:
    return curl(lab, f"-o /dev/null -w '%{{http_code}}' {words}")


@pytest.mark.parametrize("node", NODES)
def test_people_get_wordpress_through_every_node(lab: Lab, node: str) -> None:
    page = curl(lab, f"http://{NODES[node]}/")
    assert "<title>" in page and "/wp-includes/" in page


def test_who_logs_in_on_one_node_is_logged_in_on_all(lab: Lab) -> None:
    word = run(lab, ONE, "cat /etc/stook/secrets/wordpress-admin").strip()
    form = f"-d log=ops -d testcookie=1 --data-urlencode {quote(f'pwd={word}')}"
    to = f"http://{HOST}/wp-login.php --connect-to ::{NODES[ONE]}:80"
    curl(lab, f"-o /dev/null -c /run/jar --cookie wordpress_test_cookie=x {form} {to}")
    for address in NODES.values():
        to = f"http://{HOST}/wp-admin/ --connect-to ::{address}:80"
        assert "Dashboard" in curl(lab, f"-b /run/jar {to}"), address


@pytest.mark.parametrize("path", ODD)
def test_a_guarded_script_has_one_name(lab: Lab, path: str) -> None:
    assert status(lab, f"-d x http://{NODES[ONE]}{path}") == "400"


def test_configuration_and_marks_are_never_shown(lab: Lab) -> None:
    hidden = ("/wp-config.php", "/.stook-wordpress", "/wp-content/uploads/x.php")
    run(lab, ONE, f"echo '<?php echo 1;' >{ROOTDIR}/wp-content/uploads/x.php")
    for path in hidden:
        assert status(lab, f"http://{NODES[TWO]}{path}") == "404", path
    run(lab, ONE, f"rm {ROOTDIR}/wp-content/uploads/x.php")


def test_an_unmounted_root_is_not_served_and_comes_back_by_itself(lab: Lab) -> None:
    run(lab, TWO, f"systemctl stop stook-gluster && umount {ROOTDIR}")
    try:
        for path in ("/", "/index.php", "/wp-login.php", "/wp-includes/css/buttons.css"):
            asked = web.get("127.0.0.1", 8080, HOST, path).text
            assert web.read(lab.exec(TWO, asked)).status == 503, path
        run(lab, TWO, f'test -z "$(find {ROOTDIR} -newer /var/lib/stook/stamp -type f)"')
    finally:
        run(lab, TWO, "systemctl start stook-gluster")
    to = f"http://{NODES[TWO]}/wp-login.php"
    until(lambda: status(lab, to) == "200", 60, "the node serves again")


def test_a_rotated_log_goes_on_under_its_name(lab: Lab) -> None:
    run(lab, ONE, "logrotate -f /etc/logrotate.d/nginx")
    curl(lab, f"-o /dev/null 'http://{NODES[ONE]}/?rotated=1'")
    until(lambda: "rotated=1" in run(lab, ONE, f"cat {LOG}"), 10, "the line is in the new file")
    assert run(lab, ONE, f"stat -c '%a %U %G' {LOG}").strip() == "640 www-data adm"


def test_an_upgrade_puts_the_files_again_and_keeps_uploads(lab: Lab) -> None:
    run(
        lab,
        ONE,
        f"echo cat >{ROOTDIR}/wp-content/uploads/cat.txt; echo '//' >>{ROOTDIR}/wp-login.php; "
        f"echo 'package wordpress 0' >{ROOTDIR}/.stook-wordpress; "
        "systemctl restart stook-wordpress",
        120,
    )
    assert "cat" in curl(lab, f"http://{NODES[TWO]}/wp-content/uploads/cat.txt")
    run(lab, ONE, f"rm {ROOTDIR}/wp-content/uploads/cat.txt")
    assert settled("--active")["code"] == 0
