"""The filters against the real fail2ban-regex: a long log, hostile lines, and very long ones."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from generator.claims import Watch
from generator.components.fail2ban import filters, samples
from generator.formats import Unwritable
from generator.formats.fail2ban import quote, regex
from tests.fail2ban import tool
from tests.fail2ban.story import ATTACKS, LINES, story
from tests.fail2ban.tool import DIRECT, EVERY_LOGIN, LOGIN, MISSION, PROXIED, XMLRPC
from tests.reading import from_yaml

HERE = Path(__file__).parent
# What fail2ban 1.0.2 puts in the place of <ADDR> (server/failregex.py).
ADDR = (
    r"\[?(?:(?:::f{4,6}:)?(?P<ip4>(?:\d{1,3}\.){3}\d{1,3})|"
    r"(?P<ip6>(?:[0-9a-fA-F]{1,4}::?|::){1,7}(?:[0-9a-fA-F]{1,4}|(?<=:):)))\]?"
)
FILTER = filters.build(DIRECT, filters.watched(XMLRPC))


def test_the_whole_log_is_matched_exactly_with_every_address(tmp_path: Path) -> None:
    lines = story()
    found = tool.matched(FILTER, (line.text.encode() for line in lines), tmp_path)
    assert len(lines) == LINES and len(found) == ATTACKS
    assert found == [(line.attacker, line.time) for line in lines if line.attacker]


def test_an_independent_count_agrees() -> None:
    """Plain string logic, as `grep` and `cut` would do it; nothing of ours takes part."""
    lines = [line.text for line in story()]
    hits = [line for line in lines if line.split('"')[1].startswith("POST /xmlrpc.php HTTP/")]
    assert len(lines) == LINES and len(hits) == ATTACKS
    last = [line.split('"')[-2].split(", ")[-1] for line in hits]
    assert last == [line.attacker for line in story() if line.attacker]


def hostile() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = from_yaml((HERE / "hostile.yaml").read_text("utf-8"))
    return found


def raw_line(case: dict[str, Any]) -> bytes:
    text, times = case.get("repeat", ("", 0))
    line = case["line"].replace("{N}", text * times).encode()
    return line.replace(b"{RAW}", bytes.fromhex(case.get("raw", "")))  # type: ignore[no-any-return]


def test_hostile_lines_count_for_the_right_one_or_nobody(tmp_path: Path) -> None:
    cases = hostile()
    # a line of its own between each two tells them apart
    marks = [MISSION.replace("203.0.113.9", f"192.0.2.{number}") for number in range(len(cases))]
    lines = [part for mark, case in zip(marks, cases, strict=True) for part in (mark, case)]
    raw = (part.encode() if isinstance(part, str) else raw_line(part) for part in lines)
    rest = iter(tool.matched(FILTER, raw, tmp_path))
    seen: dict[str, list[tuple[str, int]]] = {}
    for address, when in rest:
        if address.startswith("192.0.2."):
            now = seen.setdefault(address, [])
        else:
            now.append((address, when))
    moment = 1463313314
    for number, case in enumerate(cases):
        wanted = [(case["counts"], moment)] if case["counts"] else []
        assert seen[f"192.0.2.{number}"] == wanted, case["why"]


@pytest.mark.parametrize("layout", [DIRECT, PROXIED], ids=["direct", "proxied"])
@pytest.mark.parametrize("watch", [XMLRPC, LOGIN, EVERY_LOGIN], ids=lambda watch: watch.name)
def test_samples_are_what_their_labels_say(
    layout: filters.Layout, watch: Watch, tmp_path: Path
) -> None:
    found = samples.of_watch(layout, watch)
    made = filters.build(layout, filters.watched(watch), watch.statuses)
    seen = tool.matched(made, (s.line.encode() for s in found), tmp_path)
    assert [address for address, _ in seen] == [s.address for s in found if s.address]
    assert any(not s.address for s in found)
    assert len({when for _, when in seen}) == 1, "the date is the line's own"


@pytest.mark.parametrize("layout", [DIRECT, PROXIED], ids=["direct", "proxied"])
@pytest.mark.parametrize("statuses", [("404",), ("401", "403", "404"), ("4xx",)], ids="+".join)
def test_any_request_counts_by_the_status_of_its_answer(
    layout: filters.Layout, statuses: tuple[str, ...], tmp_path: Path
) -> None:
    found = samples.samples(layout, (), (), statuses)
    made = filters.build(layout, "", statuses)
    seen = tool.matched(made, (s.line.encode() for s in found), tmp_path)
    assert [address for address, _ in seen] == [s.address for s in found if s.address]
    assert any(r'"\x16\x03\x01" 4' in s.line and s.address for s in found)
    assert any('" 302 ' in s.line and not s.address for s in found)


def test_only_what_is_answered_so_counts_in_a_recorded_log(tmp_path: Path) -> None:
    """What `awk` finds: the second word behind the request's closing quote."""
    name = "login-success.log"
    lines = [line.decode().split('"') for line in recorded(name)]
    answers = [(words[2].split()[0], words[-2].split(", ")[-1]) for words in lines]
    for status in sorted({status for status, _ in answers}):
        found = tool.matched(filters.build(DIRECT, "", [status]), recorded(name), tmp_path)
        assert [one for one, _ in found] == [one for each, one in answers if each == status]


def test_the_first_sample_is_the_line_that_this_was_asked_for_with() -> None:
    for layout in (DIRECT, PROXIED):
        assert samples.of_watch(layout, XMLRPC)[0] == samples.Sample("203.0.113.9", MISSION)


@pytest.mark.parametrize("fill", ["A", ", ", "[", "\\x22", "1.", ":", "POST /xmlrpc.php ", "/"])
@pytest.mark.parametrize("place", ["user", "path", "agent", "forwarded"])
def test_time_per_line_stays_flat_up_to_64_kb(fill: str, place: str) -> None:
    """A time that grew with the square of the length would be minutes here, and not a second."""
    regex = re.compile(FILTER.failregex.replace("<ADDR>", ADDR), re.MULTILINE)
    date = re.compile(FILTER.datepattern.partition("(")[0] + r"(\d\d/[A-Z]\w\w/[^]]*)\] \"")
    fields = {"user": "-", "path": "/xmlrpc.php", "agent": "M", "forwarded": ""}
    fields[place] = (fill * 65_536)[:65_536]
    shape = '- {user} [] "POST {path} HTTP/1.0" 200 370 "-" "{agent}" "{forwarded}x"'
    line = shape.format(**fields)
    start = time.perf_counter()
    assert not regex.search(line)
    date.search(line)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("text", ["a\n b", " a", "a ; b", "# a", "a\x00", "", "a\n\nb"])
def test_what_fail2ban_would_read_otherwise_cannot_be_written(text: str) -> None:
    with pytest.raises(Unwritable):
        quote(text)


def test_literal_text_matches_itself_and_is_no_tag() -> None:
    text = "a.b*c<HOST>;[x](y){1}|^$\\+?%"
    assert re.fullmatch(regex(text), text)
    assert "<" not in regex(text) and ";" not in regex(text)


def test_any_line_can_be_read_back_into_time_and_client() -> None:
    pattern = re.compile(filters.line_pattern(DIRECT))
    found = pattern.search(MISSION.replace('"203.', '"198.51.100.7, 203.'))
    assert found and found["client"] == "203.0.113.9"
    assert found["time"] == "15/May/2016:11:55:14 +0000"


def recorded(name: str) -> list[bytes]:
    return (HERE.parent / "samples" / name).read_bytes().splitlines()


def counted(watch: Watch, name: str, folder: Path) -> list[str]:
    """The addresses that a recorded log counts against."""
    built = filters.build(DIRECT, filters.watched(watch), watch.statuses)
    return [address for address, _ in tool.matched(built, recorded(name), folder)]


def test_a_request_in_absolute_form_counts_as_its_path(tmp_path: Path) -> None:
    """Recorded on Varnish 7.1.1 and nginx 1.22.1."""
    calls, logins = (counted(one, "absolute-form.log", tmp_path) for one in (XMLRPC, LOGIN))
    assert (len(calls), len(logins)) == (4, 1)


def test_only_a_wrong_password_counts_as_one(tmp_path: Path) -> None:
    """A right one, and what visitors and the forgetful do, are answered by a redirect."""
    assert counted(LOGIN, "login-success.log", tmp_path) == ["203.0.113.9"]
    assert len(counted(EVERY_LOGIN, "login-success.log", tmp_path)) == 6


@pytest.mark.parametrize(
    "text",
    [
        '"$request" [$time] $client',
        '$client [$time] "$request" # x',
        'x # ; $client [$time] "$request" ; x',
        '$time $client "$request"',
        '[$time] $client: "$request"',
        '"$agent" [$time] "$request" $client',
        '$client %d é [$time] "$request" <HOST> 漢',
        '\xa0$client [$time] "$request"\u3000\xad',
    ],
)
def test_a_format_is_read_wherever_its_fields_and_blanks_are(text: str, tmp_path: Path) -> None:
    layout = filters.parse(text)
    lines = samples.samples(layout, ("POST /in",), ("GET /in",))
    found = tool.matched(
        filters.build(layout, "POST /in"), [s.line.encode() for s in lines], tmp_path
    )
    assert [address for address, _ in found] == [s.address for s in lines if s.address]
