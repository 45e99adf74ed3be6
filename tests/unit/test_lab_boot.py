"""When a node counts as booted."""

from __future__ import annotations

import pytest

from verify.lab import boot

RESULT = '{"v1": {"datasource": "DataSourceNoCloud", "errors": []}}'
FAILED = """{"v1": {"datasource": "x", "errors": ["('scripts-user', 'runcmd')"]}}"""


@pytest.mark.parametrize(
    ("text", "stamp_wanted", "done"),
    [
        (f"{RESULT}\nrunning\nstamped\n", True, True),
        (f"{RESULT}\nstarting\nstamped\n", True, True),
        (f"{RESULT}\nrunning\nunstamped\n", True, False),
        (f"{RESULT}\nrunning\nunstamped\n", False, True),
        (f"{RESULT}\ndegraded\nunstamped\n", False, True),
        (f"{RESULT}\nstarting\nunstamped\n", False, False),
        ("{}\nrunning\nstamped\n", True, False),
        ("\nrunning\nstamped\n", True, False),
        ("", False, False),
    ],
)
def test_a_boot_ends_with_cloud_init_and_the_stamp(
    text: str, stamp_wanted: bool, done: bool
) -> None:
    assert boot.parse(text).done(stamp_wanted) is done


def test_errors_of_cloud_init_are_told() -> None:
    seen = boot.parse(f"{FAILED}\ndegraded\nunstamped\n").after(2.5)
    assert seen.errors == ("('scripts-user', 'runcmd')",)
    assert str(seen) == (
        "cloud-init ('scripts-user', 'runcmd'), system degraded, bundle not applied, 2.5 s"
    )
