"""How long things may take on this machine, and which of them nearly took too long.

Limits are written for a machine with nothing else to do. At the start of a run some work is timed
that a quiet machine does in `QUIET` seconds; limits are stretched by what it takes here. What is
waited for ends as soon as it is there, so a longer limit costs nothing where all is well, and no
test is asked a second time because the machine was slow.
"""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache

QUIET = 0.80
"""Seconds of the work on two quiet processors."""
ROUNDS = 12
SLOWEST = 6.0
# What is known before anything is measured: lanes share the processors with each other, with an
# emulated machine and with unit tests.
BESIDE = 4.0
NEARLY = 0.6
VARIABLE = "STOOK_TEST_PACE"

Use = tuple[str, float, float]
_uses: list[Use] = []


def measure() -> float:
    """How many times longer than on a quiet machine the same work takes, from 1 to `SLOWEST`."""
    with ThreadPoolExecutor(2) as pool:
        begun = time.perf_counter()
        list(pool.map(lambda _: _work(), range(2)))
        took = time.perf_counter() - begun
    return min(max(1.0, took / QUIET), SLOWEST)


@cache
def pace() -> float:
    """By how much limits are stretched: as told by who started this process, or as measured."""
    told = os.environ.get(VARIABLE)
    return float(told) if told else measure()


def lanes(number: int) -> None:
    """Measure now, for so many lanes, and tell it to the processes that run them."""
    os.environ[VARIABLE] = f"{measure() * (BESIDE if number > 1 else 1):.2f}"


def limit(seconds: float) -> float:
    """A limit that was written for a quiet machine, as it is on this one."""
    return seconds * pace()


def multiplier() -> str:
    """By how much `stook verify` stretches the limits of its commands, in whole numbers."""
    return str(math.ceil(pace()))


def used(what: str, took: float, allowed: float) -> None:
    """Remember how much of a limit was needed."""
    _uses.append((what, round(took, 1), round(allowed, 1)))


def take() -> list[Use]:
    """What was remembered since this was last called."""
    taken = list(_uses)
    _uses.clear()
    return taken


def _said(number: int) -> str:
    lanes(number)
    return os.environ[VARIABLE]


def _work() -> None:
    """What live tests spend most on: programs that start, and some arithmetic."""
    for _ in range(ROUNDS):
        for _ in range(40):
            subprocess.run(["sh", "-c", ":"], check=True)
        hashlib.sha256(bytes(40_000_000)).digest()


if __name__ == "__main__":
    print(_said(int(sys.argv[1])))
