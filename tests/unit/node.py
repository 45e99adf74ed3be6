"""A make-believe node for `apply`: a folder as its root, and commands that only take notes."""

from __future__ import annotations

import getpass
import grp
import hashlib
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from generator import formats
from generator.rendering.scripts import script
from tests.pace import limit

APPLY = script("generator.rendering.node", "apply.sh", family="apt")

ME = getpass.getuser()
GROUP = grp.getgrgid(os.getgid()).gr_name

# A call that begins as `kill-at` says is the end of the run.
NOTE = """
printf "%s %s\\n" "${0##*/}" "$*" >>"$NODE_NOTES/calls"
if [ -e "$NODE_NOTES/kill-at" ]; then
    case "${0##*/} $*" in "$(cat "$NODE_NOTES/kill-at")"*)
        kill -9 "$(cat "$NODE_NOTES/pid")"; exit 1 ;;
    esac
fi
"""

# The commands that would leave the folder. Their state is files under $NODE_NOTES.
COMMANDS = {
    "id": """
        case "$*" in
            -u) echo 0 ;;
            "-u "*) grep "^$2:" "$NODE_NOTES/passwd" | cut -d : -f 3 ;;
            "-gn "*) /usr/bin/id -gn ;;
            "-nG "*) echo $(/usr/bin/id -gn; cat "$NODE_NOTES/groups-of-$2" 2>/dev/null) ;;
            *) exec /usr/bin/id "$@" ;;
        esac""",
    "ip": 'case "$*" in *" to "*) cat "$NODE_NOTES/addresses" 2>/dev/null || echo has it ;; esac',
    "hostname": NOTE
    + 'if [ $# = 1 ]; then echo "$1" >"$NODE_NOTES/hostname"; else cat "$NODE_NOTES/hostname"; fi',
    "systemctl": NOTE
    + """
        for unit; do :; done
        case "$*" in
            "is-enabled "*)
                cat "$NODE_NOTES/enabled/$unit" 2>/dev/null || { echo disabled; exit 1; } ;;
            "is-active "*)
                if [ -e "$NODE_NOTES/active/$unit" ]; then state=active; else state=inactive; fi
                case "$*" in *-q*) ;; *) echo "$state" ;; esac
                [ "$state" = active ] ;;
            "-q --no-reload enable "*|"-q enable "*) echo enabled >"$NODE_NOTES/enabled/$unit" ;;
            "-q --no-reload disable "*|"-q disable "*) rm -f "$NODE_NOTES/enabled/$unit" ;;
            "start "*|"restart "*|"reload "*)
                [ ! -e "$NODE_NOTES/broken/$unit" ] || exit 1
                : >"$NODE_NOTES/active/$unit" ;;
            "is-failed "*) [ -e "$NODE_NOTES/failed/$unit" ] ;;
            "stop "*)
                [ ! -e "$NODE_NOTES/broken/$unit" ] || exit 1
                rm -f "$NODE_NOTES/active/$unit" ;;
        esac""",
    "dpkg-query": """
        [ "$1" != -S ] || exec cat "$NODE_NOTES/owner-of-${2##*/}"
        case "$*" in *Depends*) exec cat "$NODE_NOTES/depends" ;; esac
        for p; do :; done
        grep -qx "$p" "$NODE_NOTES/installed" && echo installed 1""",
    "dpkg": NOTE,
    "apt-get": NOTE
    + """
        [ ! -e "$NODE_NOTES/offline" ] || exit 100
        cat "$APPLY_ROOT/usr/sbin/policy-rc.d" >"$NODE_NOTES/policy-during-apt"
        case "$*" in *--download-only*) ;; *" install "*)
            for p in ${*##* install }; do echo "$p" >>"$NODE_NOTES/installed"; done ;;
        esac""",
    "getent": "awk -F : -v k=\"$2\" '$1 == k || $3 == k { print; n = 1 } END { exit !n }' "
    + '"$NODE_NOTES/$1"',
    "useradd": NOTE
    + """
        for u; do [ "$before" != -G ] || groups=$u; before=$u; done
        [ -z "$groups" ] || echo "$groups" | tr , '\\n' >"$NODE_NOTES/groups-of-$u"
        echo "$u:x:1001:1001::/home/$u:/bin/bash" >>"$NODE_NOTES/passwd"
        echo "$u:*:20000:0:99999:7:::" >>"$NODE_NOTES/shadow"
        """,
    "usermod": NOTE
    + """
        for u; do [ "$before" != -a ] || join=yes; before=$u; done
        set_field() { # FILE N VALUE
            awk -F : -v OFS=: -v u="$u" -v n="$2" -v v="$3" '$1 == u { $n = v } { print }' \\
                "$NODE_NOTES/$1" >"$NODE_NOTES/new" && mv "$NODE_NOTES/new" "$NODE_NOTES/$1"
        }
        while [ $# -gt 1 ]; do
            case $1 in
                -e) set_field shadow 8 "$2" ;;
                -s) set_field passwd 7 "$2" ;;
                -G)
                    [ -n "$join" ] || : >"$NODE_NOTES/groups-of-$u"
                    echo "$2" | tr , '\\n' >>"$NODE_NOTES/groups-of-$u" ;;
            esac
            shift
        done""",
    "gpasswd": NOTE + 'sed -i "/^$3$/d" "$NODE_NOTES/groups-of-$2"',
    "umount": NOTE
    + """
        [ ! -e "$NODE_NOTES/busy" ] || exit 32
        grep -v " / $1 " "$APPLY_ROOT/proc/self/mountinfo" >"$NODE_NOTES/mounts"
        cp "$NODE_NOTES/mounts" "$APPLY_ROOT/proc/self/mountinfo"
        """,
    "findfs": "exit 1",
    "mount": NOTE + 'echo "1 1 0:1 / $1 rw - xfs x rw" >>"$APPLY_ROOT/proc/self/mountinfo"',
    "lsattr": "exit 1",
    "chattr": NOTE,
    # the one folder of the machine itself that a validator would make
    "mkdir": 'case "$*" in *" /run/sshd") ;; *) exec /bin/mkdir "$@" ;; esac',
    "sshd": NOTE
    + 'cat "$NODE_NOTES/sshd-says" 2>/dev/null || '
    + "echo authorizedkeysfile /etc/ssh/authorized_keys.d/%u",
    "visudo": NOTE + '! grep -q BROKEN "$4"',
    "chronyd": NOTE + '! grep BROKEN "$3" >&2',
    "firewall-offline-cmd": NOTE,
    "systemd-analyze": NOTE,
    "udevadm": NOTE,
    "sleep": NOTE,
}


@dataclass
class Node:
    """One bundle and one root folder; `apply` runs the script as it is."""

    path: Path
    plan: list[str] = field(default_factory=list)
    logins: tuple[str, ...] = ("ops",)
    shell: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for folder in ("etc", "proc/self", "run/systemd/system", "run/lock", "usr/sbin"):
            (self.root / folder).mkdir(parents=True)
        for folder in ("enabled", "active", "broken"):
            (self.notes / folder).mkdir(parents=True)
        self.write("etc/os-release", 'ID=debian\nVERSION_ID="12"\n')
        self.write("etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n")
        self.write("proc/self/mountinfo", "")
        files = {
            "hostname": "old\n",
            "installed": "base-files\n",
            "passwd": "",
            "shadow": "",
            "group": "",
        }
        for name, text in files.items():
            (self.notes / name).write_text(text)
        self._commands()
        self.bundle.mkdir()
        (self.bundle / "apply").write_bytes(APPLY)
        (self.bundle / "apply").chmod(0o755)

    @property
    def root(self) -> Path:
        return self.path / "root"

    @property
    def notes(self) -> Path:
        return self.path / "notes"

    @property
    def bundle(self) -> Path:
        return self.path / "bundle"

    @property
    def calls(self) -> list[str]:
        """The commands that were called, in order, with their arguments."""
        log = self.notes / "calls"
        return log.read_text().splitlines() if log.exists() else []

    def _commands(self) -> None:
        (self.path / "bin").mkdir()
        for name, body in COMMANDS.items():
            command = self.path / "bin" / name
            command.write_text(f"#!/bin/sh\n{body}\n")
            command.chmod(0o755)

    def write(self, path: str, text: str) -> Path:
        """Write a file under the root."""
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def read(self, path: str) -> str:
        """Read a file under the root."""
        return (self.root / path.lstrip("/")).read_text()

    def file(self, path: str, text: str, mode: str = "0644", form: str = "text") -> None:
        """Put a file of a format into the bundle and its plan."""
        self._bundled(f"rootfs{path}", text)
        name, known = "-", formats.load(form)
        if known.included_by:
            self.plan.append(f"head\t{known.included_by}\t{path}")
        if validator := known.validator:
            name = validator.name
            words = (name, validator.when, validator.command, validator.refusal)
            line = "\t".join(("validator", *words))
            self.plan += [line] if line not in self.plan else []
        self.plan.append(f"file\t{path}\t{mode}\t{ME}\t{GROUP}\t{name}")

    def block(self, path: str, text: str, *claims: str) -> None:
        """Put a managed block into the bundle and its plan."""
        self._bundled(f"blocks{path}", text)
        verb = "claim-mount" if path == "/etc/fstab" else "claim-name"
        self.plan += [f"block\t{path}", *(f"{verb}\t{claim}" for claim in claims)]

    def _bundled(self, name: str, text: str) -> None:
        target = self.bundle / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def seal(self) -> None:
        """Write plan.tsv and SHA256SUMS, as the generator would."""
        head = ["stook\t1", "site\tshop", "node\tnode-gfs1", "os\tdebian\t12", "spec\tabc"]
        head.append("hostname\tnode-gfs1")
        head += [f"login\t{name}\t/etc/ssh/authorized_keys.d/{name}" for name in self.logins]
        (self.bundle / "plan.tsv").write_text("\n".join([*head, *self.plan]) + "\n")
        self.sums()

    def sums(self) -> None:
        """Write SHA256SUMS of what is in the bundle."""
        sums = self.bundle / "SHA256SUMS"
        files = sorted(p for p in self.bundle.rglob("*") if p.is_file() and p != sums)
        sums.write_text(
            "".join(
                f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(self.bundle)}\n"
                for p in files
            )
        )

    def apply(
        self,
        *options: str,
        seal: bool = True,
        script: Path | None = None,
        kill_at: str = "",
        **environment: str,
    ) -> subprocess.CompletedProcess[str]:
        """Run the bundle's `apply` against the root folder; `kill_at` a call that begins so."""
        if seal:
            self.seal()
        (self.notes / "calls").unlink(missing_ok=True)
        noting: tuple[str, ...] = ()
        (self.notes / "kill-at").unlink(missing_ok=True)
        if kill_at:
            (self.notes / "kill-at").write_text(kill_at)
            noting = ("sh", "-c", 'echo $$ >"$NODE_NOTES/pid"; exec "$@"', "sh")
        inherited = {k: v for k, v in os.environ.items() if k != "SSH_CONNECTION"}
        return subprocess.run(
            [*noting, *self.shell, str(script or self.bundle / "apply"), *options],
            env=inherited
            | {
                "PATH": f"{self.path / 'bin'}:{os.environ['PATH']}",
                "APPLY_ROOT": str(self.root),
                "NODE_NOTES": str(self.notes),
            }
            | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit(60),
            check=False,
        )

    def tree(self) -> dict[str, tuple[int, int, bytes]]:
        """Every file under the root: mode, modification time, contents."""
        return {
            str(p.relative_to(self.root)): (
                p.lstat().st_mode,
                p.lstat().st_mtime_ns,
                p.read_bytes(),
            )
            for p in sorted(self.root.rglob("*"))
            if p.is_file()
        }
