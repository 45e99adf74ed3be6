"""Each part of `apply` alone, in the shells that nodes have; what it calls of others is made up."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from generator.platforms import families
from tests.unit.apply.part import PLAN, Part
from tests.unit.node import GROUP, ME
from tests.unit.shell import SHELLS

OLD_PLANS = sorted((Path(__file__).parents[2] / "samples/plans").glob("*.tsv"))


@pytest.fixture(params=SHELLS)
def part(request: pytest.FixtureRequest, tmp_path: Path) -> Part:
    return Part(request.param, tmp_path)


def test_words_a_change_takes_the_stamp_and_a_check_makes_none(part: Part) -> None:
    stamp = part.write("state/stamp", "old")
    code, said = part.do("words", "MODE=check; change x || echo no; echo $CHANGES")
    assert (code, said, stamp.exists()) == (0, "stook apply: would x\nno\n1\n", True)
    assert part.do("words", "change x; change y") == (0, "stook apply: x\nstook apply: y\n")
    assert not stamp.exists()


def test_plan_gives_the_fields_of_a_line(part: Part) -> None:
    part.write("bundle/plan.tsv", PLAN + "user\tops\t/bin/bash\t-\nuser\ta b\t/bin/sh\tadm\n")
    code, said = part.do(
        "plan", 'show() { echo "$1|$2|$3|$4"; }; each user show; check_plan "$PLAN"'
    )
    assert (code, said) == (0, "ops|/bin/bash|-|\na b|/bin/sh|adm|\n")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nonsense\t1", "unknown verb `nonsense`"),
        ("package", "`package` has 1 fields, not 0"),
        ("user\tops\t\t-", "an empty field"),
        ("file\t/etc/../x\t0644\tr\tr\t-", "not an absolute path: /etc/../x"),
        ("file\t/x\t0644\tr\tr\tnft", "no validator `nft`"),
        ("mountpoint\t/srv\tplain", "`mountpoint` has 1 fields, not 2"),
        ("validator\tx\tsoon\tx\tx", "validator `x` is to be asked soon"),
    ],
)
def test_plan_that_is_not_understood_is_refused(part: Part, line: str, why: str) -> None:
    part.write("bundle/plan.tsv", f"{PLAN}{line}\n")
    assert part.do("plan", 'check_plan "$PLAN"') == (1, f"plan.tsv line 7: {why}\n")


def test_plan_with_two_validators_of_one_name_is_refused(part: Part) -> None:
    twice = "validator\tx\tlate\tone {}\tx\nvalidator\tx\tlate\tother {}\tx\n"
    part.write("bundle/plan.tsv", PLAN + twice)
    assert part.do("plan", 'check_plan "$PLAN"') == (1, "plan.tsv line 8: two validators `x`\n")


@pytest.mark.parametrize("path", OLD_PLANS, ids=lambda path: path.stem)
def test_plan_of_an_older_release_is_read_to_take_away(part: Part, path: Path) -> None:
    part.write("bundle/plan.tsv", path.read_text())
    assert part.do("plan", 'check_plan "$PLAN" old') == (0, "")
    assert part.do("plan", 'check_plan "$PLAN"')[0] == 1


def test_preflight_another_machine_is_refused(part: Part) -> None:
    part.write("root/etc/os-release", 'ID=debian\nVERSION_ID="13"\n')
    code, said = part.do("preflight", "check_os")
    assert code == 2
    assert said.endswith("this bundle is for debian 12, and this machine runs debian 13\n")


@pytest.mark.parametrize("text", ["# BEGIN stook shop\n", "# END stook shop\n"])
def test_preflight_half_a_block_is_refused(part: Part, text: str) -> None:
    part.write("root/etc/hosts", text)
    assert part.do("preflight", "check_block_file /etc/hosts")[0] == 2
    assert part.do("preflight", "check_block_file /etc/none") == (0, "")


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.1.2.3", True),
        ("10.2.0.0", False),
        ("::ffff:10.1.2.3", True),
        ("2001:db8::1", True),
        ("2001:DB8:0:0:ffff::1", True),
        ("2001:db9::1", False),
        ("192.0.2.7", True),
        ("fe80::1%eth0", False),
    ],
)
def test_cutoff_knows_networks(part: Part, address: str, inside: bool) -> None:
    part.write("work/nets", "10.1.0.0/16\n192.0.2.7\n2001:db8::/32\n")
    assert (part.do("cutoff", f'inside {address} "$W/nets"')[0] == 0) == inside


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L"


@pytest.mark.parametrize(("now", "own"), [(f'pty,from="a b" {KEY} x', 0), (KEY[:-1] + "M", 1)])
def test_logins_know_a_person_by_the_key(part: Part, now: str, own: int) -> None:
    part.write("bundle/plan.tsv", f"{PLAN}login\tops\t/etc/k/ops\nlogin\tguest\t-\n")
    part.write("bundle/rootfs/etc/k/ops", f"# ours\n{KEY} ops\n")
    part.write("root/home/admin/.ssh/authorized_keys", f"{now}\n")
    passwd = "getent() { echo admin:x:1000:1000::/home/admin:/bin/sh; }; cut_off() { echo cut; }\n"
    assert part.do("logins", "has_own_key admin", passwd)[0] == own
    login = "SUDO_USER=admin; check_login"
    assert part.do("logins", login, passwd) == (0, "cut\n" if own else "")
    assert part.do("logins", "SUDO_USER=guest; check_login", passwd) == (0, "")


@pytest.mark.parametrize(
    ("client", "own"),
    [("10.0.0.7", 0), ("2001:db8::7", 0), ("192.0.2.1", 1), ("10.1.0.7", 1), ("", 0)],
)
def test_logins_know_where_a_person_may_come_from(part: Part, client: str, own: int) -> None:
    part.write("bundle/plan.tsv", f"{PLAN}login\tops\t/etc/k/ops\nlogin\tb\t/etc/k/b\n")
    part.write("bundle/rootfs/etc/k/ops", f'# x\nfrom="10.0.0.0/16,2001:db8::/32" {KEY} ops\n')
    part.write("bundle/rootfs/etc/k/b", f'from="192.0.2.0/24" {KEY[:-1]}M b\n')
    part.write("root/home/me/.ssh/authorized_keys", f"{KEY}\n")
    script = f"client={client}\ngetent() {{ echo me:x:1:1::/home/me:; }}\n"
    library = ("apply/cutoff.sh",)
    assert part.do("logins", "has_own_key me", script, *library)[0] == own
    for who in ("ops", "me"):
        expected = (0, "cut\n" if own else "")
        login = f"cut_off() {{ echo cut; }}; SUDO_USER={who}; check_login"
        assert part.do("logins", login, script, *library) == expected


def test_files_are_put_once_and_kept_for_the_way_back(part: Part) -> None:
    part.write("root/etc/a", "old\n")
    part.write("new", "new\n")
    put = f"put {part.folder}/new /etc/a 0640 {ME} {GROUP}"
    library = ("apply/reach.sh", "apply/everput.sh")
    given = "is_door() { return 1; }; digest_of() { echo abc; }\n"
    assert part.do("files", f"{put}; {put}", given, *library) == (0, "change replace /etc/a\n")
    file = part.folder / "root/etc/a"
    assert (file.read_text(), file.stat().st_mode & 0o7777) == ("new\n", 0o640)
    assert (part.folder / "state/undo/root/etc/a").read_text() == "old\n"


def test_secrets_hold_the_units_that_need_them(part: Part) -> None:
    part.write("bundle/plan.tsv", f"{PLAN}unit-secret\ta.service\tpw\nunit-secret\tb.service\tx\n")
    part.write("work/absent-secrets", "pw\n")
    assert part.do("secrets", "held a.service")[0] == 0
    assert part.do("secrets", "held b.service")[0] == 1


def test_secrets_come_by_the_command_of_the_plan(part: Part) -> None:
    part.write("bundle/plan.tsv", f"{PLAN}secret-word\techo\nsecret-word\tof a\n")
    assert part.do("secrets", "fetch_secret pw")[0] == 0
    secret = part.folder / "state/secrets/pw"
    assert (secret.read_text(), secret.stat().st_mode & 0o7777) == ("of a pw\n", 0o600)


def test_blocks_take_the_names_that_are_claimed(part: Part) -> None:
    part.write("bundle/plan.tsv", f"{PLAN}claim-name\tn1\n")
    part.write("bundle/blocks/etc/hosts", "10.0.0.1\tn1\n")
    part.write("root/etc/hosts", "127.0.1.1 n1.example n1 other\n")
    assert part.do("blocks", "merged /etc/hosts") == (
        0,
        "#stook# 127.0.1.1 n1.example n1 other\n"
        "127.0.1.1 other  # stook: the rest of the line above\n"
        "# BEGIN stook shop\n10.0.0.1\tn1\n# END stook shop\n",
    )


def test_apt_holds_the_daemons_and_gives_back_what_was_there(part: Part) -> None:
    policy = part.write("root/usr/sbin/policy-rc.d", "mine\n")
    install = str(families.home("apt").joinpath("install.sh"))
    assert part.do(install, "hold_daemons") == (0, "")
    assert "exit 101" in policy.read_text()
    assert part.do(install, "release_daemons; release_daemons") == (0, "")
    assert policy.read_text() == "mine\n"


@pytest.mark.parametrize(
    ("said", "installed"),
    [
        ("echo installed 1:2-3", (0, "1:2-3\n")),
        ("echo half-configured 1:2-3", (1, "")),
        ("exit 1", (1, "")),
    ],
)
def test_apt_knows_what_is_wholly_installed(
    part: Part, said: str, installed: tuple[int, str]
) -> None:
    name = str(families.home("apt").joinpath("installed.sh"))
    part.write("bin/dpkg-query", f"#!/bin/sh\n{said}\n").chmod(0o755)
    given = f"PATH={part.folder}/bin:$PATH\n"
    assert part.do(name, "installed_version x", given) == installed


def test_packages_are_tried_three_times_and_the_reasons_told(part: Part) -> None:
    part.write("bundle/plan.tsv", f"{PLAN}package\ta\npackage\tb\n")
    family = """
        MANAGER=pm
        installed_version() { [ "$1" = a ]; }
        hold_daemons() { echo hold; }
        release_daemons() { echo release; }
        fetch_and_install() { echo "trying $*"; }
        complaints() { cat "$1"; }
        sleep() { echo "sleep $1"; }
        finish() { exit 75; }
    """
    code, said = part.do("packages", "install_packages", family)
    assert code == 75
    assert [line.partition(";")[0] for line in said.splitlines()] == [
        "change install packages: b",
        "hold",
        "say not installed at try 1 of 3: b",
        "trying b",
        "sleep 5",
        "say not installed at try 2 of 3: b",
        "trying b",
        "sleep 10",
        "say not installed at try 3 of 3: b",
        "trying b",
        "release",
        "incomplete packages cannot be had now: b",
    ]


def test_users_join_the_groups_that_they_are_not_in(part: Part) -> None:
    made_up = "id() { echo ops adm; }; usermod() { echo usermod $*; }; open_again() { :; }"
    code, said = part.do("users", "join_groups ops adm,sudo", made_up)
    assert (code, said) == (0, "change add ops to group sudo\nusermod -a -G sudo ops\n")


@pytest.mark.parametrize(
    ("tools", "state"),
    [
        ("wipefs() { :; }; blkid() { return 2; }", "blank"),
        ("wipefs() { echo x; }; blkid() { return 2; }", "it holds: "),
        ("wipefs() { :; }; blkid() { echo TYPE=xfs; }", "it holds: TYPE xfs "),
        ("wipefs() { echo cannot; return 1; }; blkid() { return 2; }", "it holds: "),
        ("wipefs() { :; }; blkid() { echo u1; }", "done"),
    ],
)
def test_disks_are_blank_only_where_two_probes_agree(part: Part, tools: str, state: str) -> None:
    part.write("root/dev/x", "")
    given = f"{tools}\nfindfs() {{ return 1; }}\n"
    assert part.do("disks", "disk_state /dev/x u1", given) == (0, f"{state}\n")


def test_mounts_are_made_ready_and_closed(part: Part) -> None:
    part.write("root/proc/self/mountinfo", "1 1 0:1 / /there rw - xfs x rw\n")
    given = "disk_state() { :; }\nsame_mode() { return 0; }\nlsattr() { return 1; }\n"
    then = "put_mountpoint /there; put_mountpoint /srv"
    code, said = part.do("mounts", then, given, "lib/mounted.sh")
    assert (code, "change make mount point /srv" in said, "/there" in said) == (0, True, False)
    assert (part.folder / "root/srv").stat().st_mode & 0o7777 == 0o700


def test_validation_names_a_file_letter_for_letter(part: Part) -> None:
    name = "a, b & {} \\\\1"
    rows = (
        f"validator\tv\tlate\tcompare {{}} {{}}\t{{}} is not {{}}\nfile\t/{name}\t0644\tr\tr\tv\n"
    )
    part.write("bundle/plan.tsv", PLAN + rows)
    part.write("bin/compare", '#!/bin/sh\ncat; printf "%s|" "$@"; exit 1\n').chmod(0o755)
    path = f"PATH={part.folder}/bin:$PATH\nfail() {{ printf '%s\\n' \"$*\"; exit 1; }}\n"
    code, said = part.do("validation", 'validate late ""', path)
    assert (code, said) == (1, f"/{name} is not /{name}\n/{name}|/{name}|")


VALIDATORS = """\
validator\tsudoers\tearly\tvisudo -f {}\t{} is bad
validator\tnft\tlate\tnft -c -f {}\tnft refuses {}
validator\tzone\tlate\tdaemon --check\tdaemon refuses
validator\tunit\twarn\tanalyze {}\tanalyze {}
"""
FILES = {"s": "sudoers", "b b": "nft", "c": "zone", "d": "zone", "e": "unit", "f": "-"}


LATE = ["analyze FOLDER/e", "daemon --check", "nft -c -f FOLDER/b b"]


@pytest.mark.parametrize(
    ("when", "broken", "code", "said"),
    [
        ("early", "", 0, ""),
        ("early", "visudo", 1, "fail /s is bad\nvisudo -f FOLDER/s\n"),
        ("late", "", 0, ""),
        ("late", "nft", 1, "fail nft refuses /b b\nnft -c -f FOLDER/b b\n"),
        ("late", "daemon", 1, "fail daemon refuses\ndaemon --check\n"),
        ("late", "analyze", 0, "warn analyze /e: analyze FOLDER/e\n"),
    ],
)
def test_validation_asks_as_the_plan_says(
    part: Part, when: str, broken: str, code: int, said: str
) -> None:
    rows = "".join(f"file\t/{name}\t0644\tr\tr\t{form}\n" for name, form in FILES.items())
    part.write("bundle/plan.tsv", PLAN + VALIDATORS + rows)
    asked = part.folder / "asked"
    for name in ("visudo", "nft", "daemon", "analyze"):
        text = f'echo "{name} $*" | tee -a {asked}; [ {name} != "{broken}" ]'
        part.write(f"bin/{name}", f"#!/bin/sh\n{text}\n").chmod(0o755)
    path = f"PATH={part.folder}/bin:$PATH\n"
    assert part.do("validation", f"validate {when} FOLDER", path) == (code, said)
    if not code:
        every = LATE if when == "late" else ["visudo -f FOLDER/s"]
        assert sorted(asked.read_text().splitlines()) == every


def test_units_are_started_or_told(part: Part) -> None:
    given = """
    held() { return 1; }
    systemctl() {
        case "$*" in is-enabled*) echo enabled ;; *"is-active -q a") ;; show*) return 1 ;;
            *is-active*) return 3 ;; *) echo "systemctl $*" ;; esac
    }
    """
    pending = part.write("state/pending/a", "")
    then = "put_unit a start reload /x; put_unit b no-block restart -"
    assert part.do("units", then, given) == (
        0,
        "change reload a\nsystemctl reload a\n"
        "change start b in the background\nsystemctl start --no-block b\n",
    )
    assert not pending.exists()


def test_keep_leaves_a_whole_bundle_for_the_retry_unit(part: Part) -> None:
    digest = hashlib.sha256(PLAN.encode()).hexdigest()
    part.write("bundle/SHA256SUMS", f"{digest}  plan.tsv\n")
    part.write("work/listed", "plan.tsv\n")
    code, said = part.do("keep", "keep_bundle; keep_bundle")
    assert (code, said) == (0, "change keep this bundle as /var/lib/stook/bundle\n")
    kept = part.folder / "state/bundle"
    assert (kept / "plan.tsv").read_text() == PLAN
    assert (kept / "apply").stat().st_mode & 0o111
    assert {path.name for path in (part.folder / "state").iterdir()} == {"bundle", "everput"}


def test_undo_puts_back_what_was_and_removes_what_was_not(part: Part) -> None:
    part.write("root/etc/a", "new\n")
    part.write("root/etc/b", "new\n")
    part.write("state/undo/root/etc/a", "old\n")
    part.write("state/undo/LIST", "/etc/a\n/etc/b\n")
    given = "systemd_runs() { return 1; }; reopen() { :; }; restart_stopped() { :; }\n"
    given += "in_last() { return 0; }; clear_folders() { :; }; last_word() { :; }\n"
    given += "keep_meanwhile() { :; }; drop_kept() { :; }\n"
    code, said = part.do("undo", "restore", given, "apply/reach.sh")
    assert (code, said) == (0, "say restoring files and blocks:\nsay   /etc/b\nsay   /etc/a\n")
    assert (part.folder / "root/etc/a").read_text() == "old\n"
    assert not (part.folder / "root/etc/b").exists()


@pytest.mark.parametrize(
    ("values", "code", "says"),
    [
        ("MODE=check", 0, "n1: nothing to do"),
        ("MODE=check CHANGES=2", 1, "n1: changes to make: 2"),
        ("INCOMPLETE='a\n'", 75, "INCOMPLETE, all the rest is done; missing:\n  a"),
        ("CHANGES=3", 0, "n1: done, changes made: 3"),
    ],
)
def test_finish_says_what_is_missing(part: Part, values: str, code: int, says: str) -> None:
    given = "systemctl() { return 1; }; keep_new() { :; }\n"
    ended, said = part.do("finish", f"{values}\nfinish", given)
    assert (ended, says in said) == (code, True)
    assert (part.folder / "state/stamp").exists() == (values == "CHANGES=3")


def test_main_refuses_an_option_that_it_does_not_know(part: Part) -> None:
    assert part.do("main", "options --check; echo $MODE") == (0, "check\n")
    code, said = part.do("main", "options --nonsense")
    assert (code, "unknown option --nonsense" in said) == (2, True)


FSTAB = (
    "UUID=1 /bricks/b\\0401 xfs defaults,nosuid,nodev,noexec 0 0\nUUID=2 /data xfs defaults 0 0\n"
)


@pytest.mark.parametrize(
    ("options", "done"),
    [("rw,relatime", True), ("rw,nosuid,nodev,noexec,relatime", False), ("rw,nosuid,nodev", True)],
)
def test_a_mount_gets_what_it_lacks(part: Part, options: str, done: bool) -> None:
    part.write("bundle/blocks/etc/fstab", FSTAB)
    table = (
        f"1 1 0:1 / /bricks/b\\0401 {options} - xfs /dev/b rw\n1 1 0:1 / /data rw - xfs /dev/c rw\n"
    )
    part.write("root/proc/self/mountinfo", table)
    made = 'mount() { echo "mount $*"; }; timeout() { shift; "$@"; }; is_mounted() { return 0; }\n'
    code, said = part.do("mounts", "put_mount '/bricks/b 1'; put_mount /data", made)
    assert (code, "mount -o remount /bricks/b 1" in said) == (0, done)
    assert "/data" not in said


@pytest.mark.parametrize(
    ("file", "text", "refused"),
    [
        ("cloud-config.txt", "manage_etc_hosts: true\n", True),
        ("cloud-config.txt", "manage_etc_hosts: 'localhost'\n", True),
        ("vendor-cloud-config.txt", "manage_etc_hosts: True\n", True),
        ("cloud-config.txt", "manage_etc_hosts: false\n", False),
        ("cloud-config.txt", "hostname: n1\n# manage_etc_hosts: true\n", False),
    ],
)
def test_cloud_inits_own_hosts_are_refused(part: Part, file: str, text: str, refused: bool) -> None:
    part.write(f"root/var/lib/cloud/instance/{file}", text)
    code, said = part.do("around", "check_cloud")
    assert code == (2 if refused else 0)
    assert (f"/var/lib/cloud/instance/{file} says" in said) is refused


def test_the_instances_own_word_outranks_the_providers(part: Part) -> None:
    part.write("root/var/lib/cloud/instance/cloud-config.txt", "manage_etc_hosts: false\n")
    part.write("root/var/lib/cloud/instance/vendor-cloud-config.txt", "manage_etc_hosts: true\n")
    assert part.do("around", "check_cloud")[0] == 0


def test_an_address_that_the_machine_lacks_is_told(part: Part) -> None:
    given = 'ip() { case "$*" in *" to 10.0.0.1") echo 2: eth0 ;; esac; }\n'
    code, said = part.do("around", "check_address 10.0.0.1; check_address fd00::1", given)
    assert code == 0
    assert said.splitlines() == [
        "warn this machine does not have the address fd00::1, by which the other nodes know n1"
    ]
