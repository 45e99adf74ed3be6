#!/usr/bin/python3 -I
"""gluster-restart: restart glusterd for a changed glusterd.vol, when that costs nobody anything.

A restart takes the bricks of this node with it (the packaged unit ends all its processes). So it
waits, for at most 5 minutes, until no file of any volume waits to be healed and all other
bricks are online; and nodes that are told at the same moment take turns. Where there is no
volume yet it does not wait.

Exit 0 restarted; 1 refused, the last line says why, and glusterd runs as before.
Plan: /etc/stook/gluster.tsv, its grammar is in gluster-form.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter

from generator.components.gluster.files.cluster import Answer, ask
from generator.components.gluster.files.node import GLUSTERD, LOOKS, PAUSE, entries, read, say
from generator.components.gluster.files.plan import Plan, read_plan

TURN = int(os.environ.get("STOOK_GLUSTER_TURN", "30"))
COPIES = tuple(f"type={number}" for number in "24567")


class NotRestartedError(Exception):
    """glusterd is not restarted; the text says why."""


def descriptions() -> dict[str, list[str]]:
    """The lines with which glusterd describes each volume, by its name."""
    infos = ((name, read(f"{GLUSTERD}/vols/{name}/info")) for name in entries(f"{GLUSTERD}/vols"))
    return {name: text.split("\n") for name, text in infos if text is not None}


def volumes() -> list[str]:
    """Those that run and have more than one copy: only those can be hurt by our timing.

    One without is cut off for these seconds at any time.
    """
    return [
        name
        for name, lines in descriptions().items()
        if "status=1" in lines and any(line in COPIES for line in lines)
    ]


def turn(plan: Plan) -> int:
    """0 for the first brick of a replica set, 1 for the second, …: nodes of one set differ."""
    size = {volume.name: volume.set_size for volume in plan.volumes}
    seen: Counter[str] = Counter()
    mine = [0]
    for brick in plan.bricks:
        if brick.node == plan.me:
            mine.append(seen[brick.volume] % size[brick.volume])
        seen[brick.volume] += 1
    return max(mine)


def awaited(volume: str) -> str:
    """What a volume is not ready for; empty where it is ready."""
    status = ask("volume", "status", volume, tries=1)
    if not status.ok:
        message = f"{status.leaf('opErrstr')} {status.leaf('output')}"
        return f"the bricks of {volume} cannot be asked for: {message}"
    if status.offline:
        return f"{volume} has bricks that are not online: {', '.join(status.offline)}"
    heal = ask("volume", "heal", volume, "info", tries=1)
    if not heal.ok:
        return f"{volume} cannot be asked what it heals: {heal.leaf('opErrstr')}"
    pending = to_heal(heal)
    return "" if pending == "0" else f"{volume} has {pending} entries to heal"


def to_heal(heal: Answer) -> str:
    """How many entries wait, of `volume heal VOLUME info`; a brick that is away says `-`."""
    counts = heal.leaves("numberOfEntries")
    if not all(count.isdecimal() for count in counts):
        return "an unknown number of"
    return str(sum(map(int, counts)))


def all_awaited() -> str:
    return next(filter(None, map(awaited, volumes())), "")


def wait_until_ready() -> str:
    """Empty when all volumes are ready; what one waited for when it was too long."""
    said = ""
    for left in range(LOOKS, 0, -1):
        why = all_awaited()
        if not why:
            break
        if why != said:
            say(f"waiting: {why}")
        said = why
        if left > 1:
            time.sleep(PAUSE)
    return why


def refuse_unless_ready() -> None:
    why = wait_until_ready()
    if why:
        raise NotRestartedError(why)


def systemctl(*words: str) -> bool:
    return subprocess.run(["systemctl", *words], check=False).returncode == 0


def restart() -> None:
    if not systemctl("restart", "glusterd"):
        raise NotRestartedError("systemctl restart failed: journalctl -u glusterd")
    if descriptions():
        # our own bricks are up again before anybody else takes a turn
        why = wait_until_ready()
        if why:
            say(f"glusterd is restarted, but {why}")


def take_turn(plan: Plan) -> None:
    refuse_unless_ready()
    mine = turn(plan)
    if mine > 0 and volumes():
        wait = mine * TURN
        say(f"glusterd is restarted in {wait} seconds: the other nodes take their turn")
        time.sleep(wait)
        refuse_unless_ready()


def main() -> int:
    try:
        if systemctl("is-active", "-q", "glusterd") and descriptions():
            take_turn(read_plan())
        restart()
    except NotRestartedError as refused:
        say(f"glusterd is NOT restarted: {refused}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
