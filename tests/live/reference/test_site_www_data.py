"""WordPress is broken into: what somebody who runs code as www-data gets, and does not get."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.reference.test_site_attacks import leg
from tests.live.site import bad, run, settled, until
from verify.lab.site import Lab

pytestmark = pytest.mark.live
ONE, TWO = "node-gfs1", "node-gfs2"
ROOT = "/var/www/html"
BRICK = "/glusterfs/bricks/brick1/gv"
# With the volume's own library, past every mount: "I am root", a file, and its setuid bit.
CLAIM = """
import ctypes, ctypes.util, os, sys
gf = ctypes.CDLL("libgfapi.so.0", use_errno=True)
gf.glfs_new.restype = gf.glfs_creat.restype = ctypes.c_void_p
text, number = ctypes.c_char_p, ctypes.c_int
gf.glfs_set_volfile_server.argtypes = [ctypes.c_void_p, text, text, number]
gf.glfs_set_logging.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
gf.glfs_init.argtypes = [ctypes.c_void_p]
gf.glfs_creat.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint]
gf.glfs_chmod.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint]
volume = gf.glfs_new(b"wp")
gf.glfs_set_volfile_server(volume, b"tcp", sys.argv[1].encode(), 24007)
gf.glfs_set_logging(volume, b"/dev/null", 1)
if gf.glfs_init(volume):
    print("refused:", os.strerror(ctypes.get_errno()))
    sys.exit()
gf.glfs_setfsuid(0)
gf.glfs_setfsgid(0)
if not gf.glfs_creat(volume, b"/planted", os.O_CREAT | os.O_WRONLY, 0o755):
    print("refused:", os.strerror(ctypes.get_errno()))
    sys.exit()
gf.glfs_chmod(volume, b"/planted", 0o4755)
print("planted")
"""
AS_WWW_DATA = ["setpriv", "--reuid=33", "--regid=33", "--clear-groups", "--no-new-privs"]
MAY_LIFT = ["setpriv", "--reuid=33", "--regid=33", "--clear-groups"]


@pytest.fixture(scope="module", autouse=True)
def nothing_stays(lab: Lab) -> Iterator[None]:
    yield
    run(lab, ONE, f"rm -f {ROOT}/planted {ROOT}/lift")
    assert not bad(settled())


def claim(lab: Lab, server: str) -> str:
    return lab.exec(ONE, [*AS_WWW_DATA, "timeout", "90", "python3", "-c", CLAIM, server], 120).out


@pytest.mark.parametrize("server", [ONE, TWO, "127.0.0.1"])
def test_it_cannot_write_as_root_through_the_volume(lab: Lab, server: str) -> None:
    assert "planted" not in claim(lab, server)
    assert lab.exec(ONE, f"test -e {ROOT}/planted").code == 1


def test_bricks_refuse_it_where_the_packet_filter_does_not(lab: Lab) -> None:
    """The second door is of another kind, and shut by another daemon."""
    run(lab, ONE, "nft delete table inet stook_egress")
    try:
        assert "planted" not in claim(lab, ONE)
        assert lab.exec(ONE, f"test -e {ROOT}/planted").code == 1
    finally:
        run(lab, ONE, "systemctl reload stook-egress")


def test_the_same_words_work_for_root(lab: Lab) -> None:
    """What is refused above is refused to www-data, and is not a mistake of the attempt."""
    done = lab.exec(ONE, ["timeout", "90", "python3", "-c", CLAIM, ONE], 120)
    assert done.out.strip() == "planted", done
    run(lab, ONE, f"rm {ROOT}/planted")


@pytest.mark.parametrize("place", [ROOT, BRICK])
def test_a_setuid_file_lifts_nobody(lab: Lab, place: str) -> None:
    run(lab, ONE, f"cp /bin/bash {ROOT}/lift && chmod 4755 {ROOT}/lift")
    until(lambda: lab.exec(ONE, f"test -u {place}/lift").code == 0, 20, "the file is there")
    tried = lab.exec(ONE, [*MAY_LIFT, f"{place}/lift", "-p", "-c", "id -u"], 20)
    assert (tried.code, tried.out) == (126, ""), tried


def test_a_planted_script_is_not_run(lab: Lab) -> None:
    script = "<?php echo 'run';"
    for place, code in (("wp-content/uploads", 0), (".", 1), ("wp-includes", 1)):
        words = ["sh", "-c", f'printf %s "$1" >{ROOT}/{place}/x.php', "sh", script]
        assert (lab.exec(ONE, [*AS_WWW_DATA, *words]).code != 0) == bool(code), place
    asked = "curl -s -H 'Host: www.example.com' -w '%{http_code}'"
    answer = run(lab, "outside", f"{asked} http://{leg(lab, 0)}/wp-content/uploads/x.php")
    assert answer.endswith("404") and "run" not in answer
    run(lab, ONE, f"rm {ROOT}/wp-content/uploads/x.php")


def test_the_first_password_is_not_its_to_read(lab: Lab) -> None:
    folder = "/etc/stook/secrets"
    assert lab.exec(ONE, [*AS_WWW_DATA, "cat", f"{folder}/wordpress-admin"]).code == 1
    www_data = ["setpriv", "--reuid=33", "--regid=33", "--init-groups"]
    assert lab.exec(ONE, [*www_data, "cat", f"{folder}/db-password"]).code == 0
