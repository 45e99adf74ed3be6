"""A part of `apply` alone, read by one shell; what it calls of other parts is made up."""

from __future__ import annotations

from pathlib import Path

from tests.unit.node import GROUP, ME
from tests.unit.shell import run

WORDS = """
say() { echo "say $*"; }
warn() { echo "warn $*"; }
fail() { echo "fail $*"; exit 1; }
refuse() { echo "refuse $*"; exit 2; }
incomplete() { echo "incomplete $*"; }
change() { echo "change $*"; }
systemd_runs() { return 0; }
remember() { printf '%s\\t%s\\t%s\\n' "$1" "$2" "$3" >>"$EVERPUT"; }
was_put() { grep -q "$1$(printf '\\t')$2$(printf '\\t')put" "$EVERPUT"; }
"""
PLAN = "stook\t1\nsite\tshop\nnode\tn1\nos\tdebian\t12\nspec\tabc\nhostname\tn1\n"


class Part:
    """A part of `apply`, or of a family, read by one shell in a folder that is the node's root."""

    def __init__(self, shell: str, folder: Path) -> None:
        self.shell, self.folder = shell, folder
        for name in ("root/etc", "state", "work", "bundle"):
            (folder / name).mkdir(parents=True)
        self.write("bundle/plan.tsv", PLAN)
        for name in ("work/absent-secrets", "work/last", "work/gone", "state/everput"):
            self.write(name, "")

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def do(self, name: str, then: str, given: str = "", *library: str) -> tuple[int, str]:
        """The exit code of `then` after the part is read, and all that it says."""
        folder = self.folder
        values = (
            f"R={folder}/root STATE={folder}/state STAMP={folder}/state/stamp W={folder}/work "
            f"BUNDLE={folder}/bundle PLAN={folder}/bundle/plan.tsv PENDING={folder}/state/pending "
            f"MODE=apply STARTED=no CHANGES=0 INCOMPLETE='' LOST='' SITE=shop NODE=n1 SUM=abc "
            f"EVERPUT={folder}/state/everput APPLIED={folder}/state/applied.tsv LAST='' TAKEN=no "
            f"OWNER={ME} GROUP={GROUP} RETRY=stook-apply.service PREFIX='#stook# '\n"
        )
        parts = ("lib/plan.sh", *library, name if "/" in name else f"apply/{name}.sh")
        done = run(self.shell, *parts, given=values + WORDS + given, then=then)
        return done.returncode, done.stdout + done.stderr
