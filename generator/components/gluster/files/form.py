#!/usr/bin/python3 -I
"""gluster-form: make the GlusterFS pool and its volumes what /etc/stook/gluster.tsv says.

It runs on one node, the former. It only ever adds: peers, volumes, their start, other options.
It removes nothing, gives no volume another type or other bricks, and again changes nothing.

Exit 0 all is there; 1 something is still awaited (the unit tries again, without limit); 3 a
person is needed: the last lines say for what, and how (the unit does not try again).

GRAMMAR of /etc/stook/gluster.tsv, also read by gluster-keep and gluster-restart: one statement
a line, fields separated by one tab, `-` for an empty text and 0 for an unused number.

  gluster  1                     the grammar; the first line
  me       NAME                  this node, by its name in the site
  former   NAME                  the node that forms the pool
  family   FAMILY                inet6 where the members have IPv6 addresses; else it is missing
  peer     NAME                  every member of the pool, this one too; none on a pure client
  volume   NAME KIND REPLICA ARBITER DISPERSE REDUNDANCY
                                 KIND distribute, replicate or disperse; the numbers as
                                 `volume info` shows them: REPLICA counts the arbiter brick
  brick    VOLUME NODE PATH MOUNT UUID
                                 in the order of `volume create`; MOUNT is the mount point of the
                                 brick's file system and UUID that file system's, or - and -
  option   VOLUME KEY VALUE      VOLUME may be `all` for an option of the whole cluster
  client   VOLUME PATH           a mount point in this node's fstab
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

from generator.components.gluster.files.cluster import Answer, Peer, ask, values_of
from generator.components.gluster.files.node import LOOKS, PAUSE, only_marked, say, unmark
from generator.components.gluster.files.plan import BEFORE_START, Option, Plan, Volume, read_plan
from generator.components.gluster.files.recipes import (
    PersonNeededError,
    compare,
    foreign_pool,
    foreign_volumes,
    lost_identity,
    never_taken,
    rejected,
    set_while_stopped,
    used_brick,
)

NOBODY = "00000000-0000-0000-0000-000000000000"
SHORT = 20  # for a look at a peer that may be silent


@dataclass
class Formation:
    """The tries of one run: what the last look found, and what is awaited."""

    plan: Plan
    uuid: str = ""
    table: list[Peer] = field(default_factory=list)
    awaited: list[str] = field(default_factory=list)
    free: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    look: int = 0
    next_create: int = 0
    create_why: str = ""
    used: int = 0

    # ---------------------------------------------------------------- asking

    def wait_for(self, why: str) -> bool:
        """What this look found missing: it is said once, when it is another than last time."""
        self.awaited.append(why)
        return False

    def read_table(self) -> Answer:
        answer = ask("peer", "status")
        if answer.ok:
            self.table = answer.peers
        return answer

    def known(self, node: str) -> Peer | None:
        """What our own peer table has by that name."""
        return next((peer for peer in self.table if node in peer.names), None)

    def is_here(self, node: str) -> bool:
        peer = self.known(node)
        return node == self.plan.me or (peer is not None and peer.connected and peer.state == "3")

    # ---------------------------------------------------------------- peers

    def judge(self, node: str) -> None:
        """Ask a peer, read-only for it, and sort it in: free, silent, or a member already."""
        remote = (*self.plan.family_words, f"--remote-host={node}")
        ours = self.known(node)
        identity = ask(*remote, "system::", "uuid", "get", limit=SHORT)
        pool = ask(*remote, "peer", "status", limit=SHORT) if identity.ok else identity
        alone = pool.ok and not pool.peers
        volumes = ask(*remote, "volume", "info", limit=SHORT) if alone else pool
        if not volumes.ok:
            if ours is None or ours.state != "3":
                self.silent.append(node)
            return
        if ours is not None:
            if ours.uuid not in ("", NOBODY, identity.leaf("uuid")):
                raise lost_identity(node, ours.uuid, self.plan.me)
            if ours.state == "6":
                raise rejected(node, self.plan)
        if pool.peers:
            self.judge_pool(node, pool.peers)
        elif volumes.leaf("name"):
            raise foreign_volumes(node, volumes.leaf("name"))
        else:
            self.free.append(node)

    def judge_pool(self, node: str, pool: list[Peer]) -> None:
        if any(peer.uuid == self.uuid for peer in pool):
            return
        mine = next((peer.uuid for peer in pool if self.plan.me in peer.names), "")
        if mine:
            raise lost_identity(self.plan.me, mine, node)
        raise foreign_pool(node, " ".join(peer.names[-1] for peer in pool if peer.names))

    def join_peers(self) -> bool:
        """Every peer is asked before any is touched."""
        self.free, self.silent = [], []
        for node in self.plan.peers:
            if node != self.plan.me:
                self.judge(node)
        for node in self.free:
            # by its name: what a peer is first called is what the pool calls it ever after
            probe = ask("peer", "probe", node)
            if not probe.ok:
                return self.wait_for(f"{node} cannot join yet: {probe.error}")
            say(f"{node} joins the pool")
        if self.silent:
            self.wait_for(f"waiting for glusterd on: {' '.join(self.silent)}")
        return self.shake_hands() and not self.silent

    def shake_hands(self) -> bool:
        """A fresh member shakes hands for a moment."""
        for _ in range(10):
            if not self.read_table().ok:
                return False
            if all(map(self.is_here, self.free)):
                break
            time.sleep(1)
        return True

    # ---------------------------------------------------------------- volumes

    def make_volume(self, volume: Volume) -> bool:
        info = ask("volume", "info", volume.name)
        if not info.ok:
            if not self.create(volume):
                return False
            info = ask("volume", "info", volume.name)
            if not info.ok:
                return False
        compare(self.plan, volume, info)
        return self.start(volume, info)

    def create(self, volume: Volume) -> bool:
        name = volume.name
        bricks = self.plan.bricks_of(name)
        away = next((brick.node for brick in bricks if not self.is_here(brick.node)), None)
        if away is not None:
            why = f"volume {name} waits for {away}: not a connected member of the pool"
            return self.wait_for(why)
        if self.look < self.next_create:
            return self.wait_for(self.create_why)
        # never with `force`: it would take a directory of the root disk where the brick's disk is
        # absent
        addresses = [brick.address for brick in bricks]
        answer = ask("volume", "create", name, *volume.words, *addresses)
        if answer.ok:
            say(f"volume {name} is created")
            return True
        self.clear_own_marks(name)
        self.count_used(name, answer.error)
        self.next_create = self.look + 6
        self.create_why = f"volume {name} cannot be created yet: {answer.error}"
        return self.wait_for(self.create_why)

    def clear_own_marks(self, volume: str) -> None:
        """A creation that fails on one node leaves its mark on the bricks of the others, and the
        next one then takes them for those of another volume. A directory that holds nothing but an
        empty .glusterfs is such a one: one that ever served has files there. Other nodes clear
        their own (gluster-keep) after 20 seconds.
        """
        for brick in self.plan.bricks_of(volume):
            if brick.node == self.plan.me and only_marked(brick.path):
                unmark(brick.path)

    def count_used(self, volume: str, error: str) -> None:
        """Four times in a row is longer than any node takes to clear what a failure has left."""
        staging = error.count("Staging failed") > 1 or "Failed to create" in error
        used = "already part of a volume" in error and not staging
        self.used = self.used + 1 if used else 0
        if self.used >= 4:
            raise used_brick(volume, error)

    def start(self, volume: Volume, info: Answer) -> bool:
        if info.leaf("status") == "1":
            return True
        wanted = self.plan.privileged(volume.name)
        has = values_of(volume.name, ())
        if not all(self.set_option(one) for one in wanted if has.get(one.key) != one.value):
            return False
        answer = ask("volume", "start", volume.name)
        if not answer.ok:
            return self.wait_for(f"volume {volume.name} cannot be started yet: {answer.error}")
        say(f"volume {volume.name} is started")
        return True

    def judge_privileged(self, volume: Volume) -> bool:
        """A volume that was started without them is not touched."""
        wanted = self.plan.privileged(volume.name)
        info = ask("volume", "info", volume.name)
        if not info.ok:
            return self.wait_for(f"volume {volume.name}: {info.error}")
        if any(info.options.get(option.key) != option.value for option in wanted):
            raise set_while_stopped(volume.name, self.plan)
        return True

    def set_options(self, volume: str, options: list[Option]) -> bool:
        """Those that differ; at once, as each time takes all nodes, or else one after the other."""
        has = values_of(volume, [option.key for option in options])
        wrong = [option for option in options if has.get(option.key) != option.value]
        pairs = [word for option in wrong for word in (option.key, option.value)]
        # of the whole cluster one is taken at a time
        if len(wrong) > 1 and volume != "all" and ask("volume", "set", volume, *pairs).ok:
            say("\n".join(f"volume {volume}: {o.key} is set to {o.value}" for o in wrong))
            return True
        have = [self.set_option(option) for option in wrong]
        return all(have)

    def set_option(self, option: Option) -> bool:
        volume, key, value = option.volume, option.key, option.value
        answer = ask("volume", "set", volume, key, value)
        if answer.final:
            self.refused.append(f"volume {volume}: {key} = {value}: {answer.error}")
            return True
        if not answer.ok:
            return self.wait_for(f"volume {volume}: {key} = {value} is refused yet: {answer.error}")
        say(f"volume {volume}: {key} is set to {value}")
        return True

    # ---------------------------------------------------------------- the tries

    def attempt(self) -> bool:
        own = ask("system::", "uuid", "get")
        self.uuid = own.leaf("uuid")
        if own.ok:
            own = self.read_table()
        if not own.ok:
            return self.wait_for(f"waiting for glusterd on this node: {own.error}")
        joined = self.join_peers()
        # each is tried, whatever becomes of the others
        made = [self.make_volume(volume) for volume in self.plan.volumes]
        if not all(made):
            return False
        live = [option for option in self.plan.options if option.key not in BEFORE_START]
        names = dict.fromkeys(option.volume for option in live)
        have = [self.set_options(name, [o for o in live if o.volume == name]) for name in names]
        if all(have) and self.refused:
            raise never_taken(self.refused)
        return all(have) and joined and all(map(self.judge_privileged, self.plan.volumes))

    def try_until_done(self) -> bool:
        reported: list[str] = []
        while self.look < LOOKS:
            self.awaited, self.refused = [], []
            if self.attempt():
                return True
            if self.awaited and self.awaited != reported:
                say("\n".join(self.awaited))
            reported = self.awaited
            self.look += 1
            time.sleep(PAUSE)
        return False


def main() -> int:
    plan = read_plan()
    if plan.me != plan.bootstrap_node:
        say(f"the pool is formed by {plan.bootstrap_node}, not by this node")
        return 0
    try:
        done = Formation(plan).try_until_done()
    except PersonNeededError as needed:
        say(f"{needed.headline}: {needed}")
        return 3
    if done:
        say("the pool and its volumes are as planned")
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
