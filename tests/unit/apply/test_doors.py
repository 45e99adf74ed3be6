"""What shuts the door to somebody who has left: whatever else fails, and whatever was prepared."""

from __future__ import annotations

import pytest

from tests.unit.apply.test_leaving_rules import EVE, STATE, anew, done
from tests.unit.node import Node

KEYS, RULE = "/etc/ssh/authorized_keys.d/eve", "/etc/sudoers.d/stook-eve"


@pytest.fixture
def eve(node: Node) -> Node:
    """A node that has eve, with a key, a sudo rule and a group, and a bundle that has not."""
    node.file(KEYS, "ssh-ed25519 AAAA eve\n", form="text")
    node.file(RULE, "eve ALL=(ALL:ALL) NOPASSWD: ALL\n", form="text")
    node.plan.append(EVE.replace("-", "adm"))
    done(node)
    anew(node)
    return node


def shut(node: Node) -> bool:
    """Whether her key and her rule are gone, and she is in no group."""
    groups = (node.notes / "groups-of-eve").read_text()
    return not any((node.root / p.lstrip("/")).exists() for p in (KEYS, RULE)) and not groups


def left(node: Node, words: str) -> None:
    """A run that did the rest, said what it could not shut, and says so again."""
    for _ in range(2):
        run = node.apply()
        assert run.returncode == 75, run.stdout + run.stderr
        assert words in run.stdout


@pytest.mark.parametrize("how", ["lost", "cut off"])
def test_without_the_list_doors_are_shut_all_the_same(eve: Node, how: str) -> None:
    ever = eve.root / STATE / "everput"
    if how == "lost":
        ever.unlink()
    else:
        text = ever.read_text()
        ever.write_text(text[: text.index(f"file\t{RULE}") + len(f"file\t{RULE}\tp")])
    run = eve.apply()
    assert run.returncode == 75
    assert "everput was lost or cut off" in run.stdout
    assert shut(eve)
    eve.apply()
    assert "account\teve" in ever.read_text()


def test_an_account_of_which_nothing_is_known_is_named_until_it_is_closed(eve: Node) -> None:
    (eve.root / STATE / "everput").unlink()
    left(eve, "nothing says any more whether the account eve was made for a bundle")
    shadow = eve.notes / "shadow"
    shadow.write_text(shadow.read_text().replace(":7:::", ":7::1:"))
    assert "nothing to do" in done(eve)


@pytest.mark.parametrize("word", ["back", ""])
def test_words_of_somebody_else_in_the_list_keep_no_door_open(eve: Node, word: str) -> None:
    ever = eve.root / STATE / "everput"
    lines = [line for line in ever.read_text().splitlines() if KEYS not in line]
    ever.write_text("\n".join([*lines, *([f"file\t{KEYS}\t{word}"] if word else [])]) + "\n")
    done(eve)
    assert shut(eve)


def test_a_folder_in_the_place_of_a_key_is_named(eve: Node) -> None:
    keys = eve.root / KEYS.lstrip("/")
    keys.unlink()
    keys.mkdir()
    left(eve, f"{KEYS} has left the bundle and is a directory")
    assert not (eve.root / RULE.lstrip("/")).exists()


def test_an_account_that_expiry_does_not_close_is_named(eve: Node) -> None:
    """With no x in /etc/passwd nobody reads what /etc/shadow says of it."""
    passwd = eve.notes / "passwd"
    passwd.write_text(passwd.read_text().replace("eve:x:", "eve:*:"))
    left(eve, "the account eve could not be closed")
    assert shut(eve)


def test_an_account_that_was_renamed_is_named(eve: Node) -> None:
    for name in ("passwd", "shadow"):
        file = eve.notes / name
        file.write_text(file.read_text().replace("eve:", "eva:", 1))
    left(eve, "the account eve, which has left the bundle, is called eva now")


def test_what_cannot_be_removed_leaves_no_other_door_open(eve: Node) -> None:
    rm = eve.path / "bin/rm"
    rm.write_text('#!/bin/sh\ncase "$*" in *./eve) exit 1 ;; esac\nexec /bin/rm "$@"\n')
    rm.chmod(0o755)
    left(eve, f"{KEYS} has left the bundle and cannot be removed")
    assert not (eve.root / RULE.lstrip("/")).exists()
    rm.unlink()
    done(eve)
    assert shut(eve)


def test_a_full_disk_costs_no_plan(eve: Node) -> None:
    applied = eve.root / STATE / "applied.tsv"
    before = applied.read_text()
    cp = eve.path / "bin/cp"
    cp.write_text(
        '#!/bin/sh\nfor to; do :; done\ncase $to in *applied.tsv.new) : >"$to"; exit 1 ;; esac\n'
        'exec /bin/cp "$@"\n'
    )
    cp.chmod(0o755)
    assert eve.apply().returncode == 1
    assert applied.read_text() == before
    cp.unlink()
    done(eve)
    assert shut(eve)


def test_a_plan_of_no_bytes_cannot_be_read(eve: Node) -> None:
    (eve.root / STATE / "applied.tsv").write_text("")
    run = eve.apply()
    assert run.returncode == 75
    assert "what was applied before cannot be read" in run.stdout


def test_what_was_kept_and_is_not_what_it_was_does_not_come_back(node: Node) -> None:
    node.write("/etc/motd", "of the image\n")
    node.file("/etc/motd", "ours\n")
    done(node)
    kept = node.root / STATE / "originals/etc/motd"
    kept.write_text("somebody's\n")
    anew(node)
    run = node.apply()
    assert run.returncode == 75
    assert "originals/etc/motd is not what was kept of /etc/motd" in run.stdout
    assert not (node.root / "etc/motd").exists()


# -- sessions


def process(node: Node, pid: int, uid: int, parent: int = 1, session: int = 0) -> None:
    node.write(
        f"proc/{pid}/status", f"Name:\tx\nPPid:\t{parent}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"
    )
    node.write(f"proc/{pid}/stat", f"{pid} (x y) S {parent} {pid} {session or pid} 0 -1\n")
    node.write(f"proc/{pid}/cgroup", "0::/user.slice\n")


def test_what_still_runs_for_a_closed_account_ends_last_but_not_what_applies(node: Node) -> None:
    node.plan.append(EVE)
    done(node)
    anew(node)
    node.seal()
    for pid in (4000001, 4000002):
        process(node, pid, 1001)
    process(node, 4000003, 1002)
    # this run hangs on a shell of hers, which has another child
    process(node, 4000004, 1001, session=4000004)
    process(node, 4000005, 1001, session=4000004)
    # one that has a session in its name, as if it were that one's
    process(node, 4000006, 1001)
    node.write("proc/4000006/stat", "4000006 (a b 4000004\n) S 1 4000006 4000006 0 -1\n")
    # root's, out of a login of hers
    process(node, 4000007, 0)
    node.write("proc/4000007/cgroup", "0::/user.slice/user-1001.slice/session-3.scope\n")
    up = 'cd "$APPLY_ROOT/proc" && mkdir -p $$ && cp 4000003/stat $$/ && cp 4000003/cgroup $$/ && '
    up += 'printf "PPid:\\t4000004\\nUid:\\t0\\t0\\t0\\t0\\n" >$$/status && '
    wrapper = node.path / "sudo"
    wrapper.write_text(f"#!/bin/sh\n{up} exec {node.bundle}/apply\n")
    wrapper.chmod(0o755)
    run = node.apply(seal=False, script=wrapper)
    assert run.returncode == 0, run.stderr
    assert "ending what still runs for eve: 4000001 4000002 4000006 4000007\n" in run.stdout
    assert run.stdout.index("done, changes made") < run.stdout.index("ending what still runs")
