"""Mount options as mount.glusterfs and the clients of two releases judged them.

Each was given to the script, or straight to the client as the script gives it; so 10.3 has but one
value of `fopen-keep-cache`, with the `=` too many that its script writes. What is taken has come as
far as asking for the volume or, where the script itself decides, as starting the client.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.components.gluster.mount_options import FLAGS, VALUED, otherwise, refusal

SAMPLES = Path(__file__).parents[1] / "samples"
RELEASES = ("10.3", "11.1")


def rows(release: str) -> list[tuple[str, str | None, bool, str]]:
    """Each option with its value, whether it is taken, and what was said of it."""
    text = (SAMPLES / f"gluster-{release}-mount-options.tsv").read_text("utf-8")
    every = []
    for line in text.splitlines():
        option, verdict, said = line.split("\t")
        key, equals, value = option.partition("=")
        every.append((key, value if equals else None, verdict == "taken", said))
    return every


@pytest.mark.parametrize("release", RELEASES)
def test_what_a_client_refuses_is_refused_and_nothing_else(release: str) -> None:
    wrong = [row for row in rows(release) if bool(refusal(release, *row[:2])) == row[2]]
    assert not wrong


@pytest.mark.parametrize("release", RELEASES)
def test_each_option_with_a_value_that_is_judged_was_tried(release: str) -> None:
    kernel, any_text = {"context", "defcontext", "fscontext", "rootcontext"}, {"volume-id"}
    tried = {key for key, *_ in rows(release)}
    assert tried & FLAGS and tried >= VALUED - kernel - any_text - {"log-file"}


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("attribute-timeout", "abc", "is no number of seconds, and read as far as it is one"),
        ("entry-timeout", "1s", "is no number of seconds, and read as far as it is one"),
        ("lru-limit", "-1", "is passed over, and the default used"),
        ("background-qlen", "0", "is passed over, and the default used"),
        ("gid-timeout", "4294967296", "is read as 0"),
        ("log-level", "LOUD", "is no level, and INFO is used"),
        ("root-squash", "maybe", "is neither `yes` nor `no`, and passed over"),
    ],
)
def test_what_is_taken_and_means_nothing_is_said(key: str, value: str, says: str) -> None:
    for release in RELEASES:
        assert not refusal(release, key, value)
    assert otherwise(key, value) == says


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("attribute-timeout", "0.5"),
        ("entry-timeout", "0x10"),
        ("lru-limit", "0"),
        ("background-qlen", "64"),
        ("gid-timeout", "0"),
        ("log-level", "debug"),
        ("root-squash", "no"),
        ("noatime", None),
        ("direct-io-mode", "auto"),
    ],
)
def test_what_is_meant_is_passed(key: str, value: str | None) -> None:
    assert not otherwise(key, value)
    for release in RELEASES:
        assert not refusal(release, key, value)
