"""What a node may do to the one who asks it: nothing but answer, and not too much."""

from __future__ import annotations

import json
import time
from itertools import chain
from pathlib import Path

import pytest

from tests.pace import limit
from tests.unit.reported import report, verdict
from verify import transport
from verify.contract import Difference, Status
from verify.plain import ContractError
from verify.report import printable
from verify.reports import FORMATS, load_format
from verify.serialization import load_site
from verify.transport import Budget, Program, Unreachable

SITE = Path(__file__).parents[2] / "bundles/plain-trixie/site.json"
FLOOD = Program(["sh", "-c", "cat >/dev/null; exec cat /dev/zero"])


def place(script: str) -> Program:
    return Program(["sh", "-c", script])


def test_a_long_script_and_a_long_answer_pass_each_other() -> None:
    """Neither end waits for the other to have read everything."""
    script = b"#" * 3_000_000
    assert place("cat").ask(script, 30, Budget()) == script


def test_who_ends_before_the_script_is_read_says_why() -> None:
    with pytest.raises(Unreachable, match="no such host"):
        place("echo 'ssh: no such host' >&2; exit 255").ask(b"#" * 3_000_000, 30, Budget())


def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "NODE_BYTES", 1 << 20)
    with pytest.raises(Unreachable, match="larger than 1 MiB"):
        FLOOD.ask(b"", 30, Budget())


def test_all_answers_of_a_run_share_one_budget() -> None:
    budget = Budget(100)
    assert place("printf %60s").ask(b"", 30, budget) == b" " * 60
    with pytest.raises(Unreachable, match="too large together"):
        place("printf %60s").ask(b"", 30, budget)


def test_last_words_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LAST_WORDS", 1000)
    with pytest.raises(Unreachable, match=r"^the end$"):
        place("head -c 5000000 /dev/zero >&2; echo >&2; echo 'the end' >&2; exit 1").ask(
            b"", 30, Budget()
        )


@pytest.mark.parametrize("script", ["sleep 300", "while :; do echo x; sleep 0.1; done"])
def test_nobody_is_waited_for_without_end(script: str) -> None:
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="no answer within 1 s"):
        place(script).ask(b"", 1, Budget())
    assert time.monotonic() - begun < limit(20)


@pytest.mark.parametrize(
    "name", ["-oProxyCommand=id", "../../etc", "a/b", "a b", "A", "x\x1b[2J", ""]
)
def test_a_name_of_a_node_is_no_option_and_no_path(name: str, tmp_path: Path) -> None:
    data = json.loads(SITE.read_bytes())
    data["nodes"] = {name: next(iter(data["nodes"].values()))}
    path = tmp_path / "site.json"
    path.write_text(json.dumps(data))
    with pytest.raises(ContractError, match="a name of a node") as refused:
        load_site(path)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("text", ["\x1b]0;x\x07", "\x9b2J", "a\rb", "\u202ecod.exe", "\u2028"])
def test_what_a_node_prints_never_acts_on_a_terminal(text: str) -> None:
    assert printable(text).isprintable()


RANGES = (range(9), range(11, 32), range(127, 160), range(0x2028, 0x202F), range(0x2066, 0x206A))
ACTING = "".join(map(chr, chain(*RANGES))) + "\u061c\u200e\u200f\ud800 \udfff"


@pytest.mark.parametrize("form", FORMATS)
def test_nor_does_it_in_any_format(form: str) -> None:
    differing = Difference(f"what{ACTING}", f"wanted{ACTING}", f"found{ACTING}")
    unknown = verdict(f"n1/file/x{ACTING}", Status.UNKNOWN, f"why{ACTING}")
    hostile = report(unknown, verdict("n1/file/y", Status.FAIL, "", differing))
    for reports in ([hostile], [hostile, hostile]):
        text = load_format(form).write(reports)
        assert text.replace("\n", "").isprintable()
        assert text.encode()


def test_json_keeps_what_it_escapes() -> None:
    hostile = report(verdict("n1/file/x", Status.UNKNOWN, ACTING))
    (site,) = json.loads(load_format("json").write([hostile]))["sites"]
    assert site["verdicts"][0]["reason"] == ACTING
