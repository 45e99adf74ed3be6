#!/usr/bin/python3 -I
"""gluster-keep: keep this node's bricks served and its client mounts mounted, for ever.

It runs on every server and every client (stook-gluster.service), reads /etc/stook/gluster.tsv
anew at each look (grammar: gluster-form), and does, about every 5 seconds, what is missing:

  - mounts a brick's file system that is not mounted although its device is there;
  - starts a brick of a started volume whose file system is there and whose process is not
    (glusterd does so only when it starts itself);
  - clears the directory of a brick that a failed `volume create` has marked;
  - mounts a client mount that is not mounted, once its volume is started;
  - takes away a client mount whose client process has died ("Transport endpoint is not
    connected" for ever), never one that merely hangs or has lost its quorum: those come back
    by themselves, and their open files with them;
  - teaches glusterd the name of the node that formed the pool, where it knows an address only.

To work on a brick or a mount by hand, stop the service first: systemctl stop stook-gluster.
Mounts stay mounted and bricks stay up when it stops.

It asks files and /proc, not the cluster: `gluster volume status` takes a lock that all nodes
share. The journal has a line when what it waits for changes, and none else.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from generator.components.gluster.files.node import (
    GLUSTERD,
    PAUSE,
    entries,
    gluster,
    mounted,
    only_marked,
    process,
    read,
    run,
    say,
    started,
    unmark,
)
from generator.components.gluster.files.plan import Brick, Client, Plan, read_plan


@dataclass
class Keeper:
    """What was said last, and when what may take a lock or a time-out is tried again."""

    look: int = 0
    reported: dict[str, str] = field(default_factory=dict)
    next_try: dict[str, tuple[int, int]] = field(default_factory=dict)
    absent: dict[str, int] = field(default_factory=dict)

    def note(self, key: str, text: str) -> None:
        """Say it if it is not what was last said about this."""
        if self.reported.get(key) != text:
            self.reported[key] = text
            say(text)

    @contextmanager
    def noting(self, key: str) -> Iterator[None]:
        """What cannot be done now is said, and does not end the loop."""
        try:
            yield
        except OSError as error:
            self.note(key, f"{key}: {error}")

    def due(self, key: str) -> bool:
        """True at the first call and then at growing distances, 3 looks up to about 5 minutes.

        What a call was due for may take a lock or a time-out, and must not fill the journal or
        the node.
        """
        at, wait = self.next_try.get(key, (0, 3))
        if self.look < at:
            return False
        self.next_try[key] = self.look + wait, wait * 2 if wait < 60 else 60
        return True

    def settled(self, key: str) -> None:
        self.next_try.pop(key, None)

    # ---------------------------------------------------------------- bricks

    def mount_brick(self, mount: str, uuid: str) -> bool:
        if mounted(mount):
            self.settled(mount)
            return True
        if not run(60, "findfs", f"UUID={uuid}").ok:
            self.note(mount, f"{mount}: waiting for its disk (UUID {uuid})")
            return False
        if not self.due(mount):
            return False
        done = run(60, "mount", mount)
        self.note(mount, f"{mount}: {'mounted' if done.ok else f'cannot be mounted: {done.text}'}")
        return done.ok

    def start_brick(self, brick: Brick) -> None:
        """glusterd starts bricks itself for some time after its own start; only what stays away
        for three looks is started here.
        """
        key = f"brick {brick.path}"
        if process("glusterfsd", brick.path):
            if brick.path in self.absent:
                self.note(key, f"{key}: online")
            self.absent.pop(brick.path, None)
            self.settled(key)
            return
        self.absent[brick.path] = self.absent.get(brick.path, 0) + 1
        if self.absent[brick.path] < 3:
            return
        if not run(60, "systemctl", "is-active", "-q", "glusterd").ok:
            self.note(key, f"{key}: waiting for glusterd")
        elif self.due(key):
            # `force`: the volume is started already, only this brick is not
            done = gluster(130, "volume", "start", brick.volume, "force")
            log = "started; if it does not stay, its log in /var/log/glusterfs/bricks says why"
            self.note(key, f"{key}: {log if done.ok else done.text}")

    def clear_mark(self, brick: Brick) -> None:
        """A creation that fails on another node leaves a directory here that no later creation
        would take: the mark of a volume that never was, and an empty .glusterfs. A brick that ever
        served has files in there. 20 seconds: not the directory of a creation that is under way.
        """
        if Path(f"{GLUSTERD}/vols/{brick.volume}").exists() or not only_marked(brick.path):
            return
        if int(time.time()) - int(Path(brick.path).stat().st_ctime) > 20 and unmark(brick.path):
            key = f"brick {brick.path}"
            self.note(key, f"{key}: cleared of the mark of a creation that failed elsewhere")

    def keep_brick(self, brick: Brick) -> None:
        if brick.mount != "-" and not self.mount_brick(brick.mount, brick.uuid):
            return
        # gluster makes the last directory of a brick's path, and only that one
        Path(brick.path).parent.mkdir(parents=True, exist_ok=True)
        self.clear_mark(brick)
        if not started(brick.volume):
            return
        if Path(brick.path).is_dir():
            self.start_brick(brick)
            return
        # without the directory reset-brick takes it for a brick of no volume
        reset = f"gluster volume reset-brick {brick.volume} {brick.address}"
        self.note(
            f"brick {brick.path}",
            f"brick {brick.path}: its disk is there and has no such directory. If the disk is new, "
            f"to fill it from the other copies: mkdir {brick.path} && {reset} start && "
            f"{reset} {brick.address} commit force",
        )

    # ---------------------------------------------------------------- client mounts

    def drop_dead(self, path: str) -> None:
        """A mount whose process lives is left alone, whatever it answers."""
        # %i: without a field that is asked for, stat asks the file system nothing. In a process of
        # its own, since it can hang.
        done = run(5, "stat", "-c", "%i", path)
        if done.ok:
            self.note(path, f"{path}: mounted")
        elif "Transport endpoint is not connected" not in done.text:
            silent = "it does not answer within 5 seconds; left alone"
            other = f"mounted, but: {done.text}" if done.text else f"mounted, but {silent}"
            self.note(path, f"{path}: {other}")
        elif process("glusterfs", path):
            self.note(path, f"{path}: mounted, but the volume does not answer (too few bricks?)")
        else:
            self.note(path, f"{path}: its client process has died; unmounting")
            done = run(60, "umount", "-l", path)
            if not done.ok:
                self.note(path, f"{path}: cannot be unmounted: {done.text}")

    def keep_client(self, client: Client, plan: Plan) -> None:
        path = client.path
        if mounted(path):
            self.drop_dead(path)
        if mounted(path):
            self.settled(path)
        elif plan.is_server and not started(client.volume):
            self.note(path, f"{path}: waiting for volume {client.volume} to be started")
        else:
            done = run(60, "mount", path)
            if done.ok and mounted(path):
                self.drop_dead(path)
            else:
                why = done.text.rpartition("\n")[2]
                self.note(path, f"{path}: cannot be mounted yet: {why}")

    # ---------------------------------------------------------------- names

    def learn_bootstrap_name(self, plan: Plan) -> None:
        """Where the first node's first contact came from an address without a name, tools that
        compare names would not find it.
        """
        peers = entries(f"{GLUSTERD}/peers")
        if not plan.is_server or plan.me == plan.bootstrap_node or not peers:
            return
        name = re.compile(rf"^hostname[0-9]*={re.escape(plan.bootstrap_node)}$", re.MULTILINE)
        if any(name.search(read(f"{GLUSTERD}/peers/{peer}") or "") for peer in peers):
            return
        if self.due("names"):
            self.note("names", f"teaching glusterd the name {plan.bootstrap_node}")
            gluster(130, "peer", "probe", plan.bootstrap_node)

    # ---------------------------------------------------------------- the loop

    def look_around(self) -> None:
        self.look += 1
        plan = read_plan()
        for brick in plan.bricks:
            if brick.node == plan.me:
                with self.noting(f"brick {brick.path}"):
                    self.keep_brick(brick)
        for client in plan.clients:
            with self.noting(client.path):
                self.keep_client(client, plan)
        self.learn_bootstrap_name(plan)


def main() -> None:
    keeper = Keeper()
    while True:
        keeper.look_around()
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
