"""What is to be done while a volume lacks nodes, and what its mounts are like."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.gluster.layout import Layout
from generator.planning.component import Task
from generator.planning.site import Site
from verify.contract import Prediction


def run_book(site: Site, pool: Layout, case: Prediction) -> Iterator[Task]:
    """Look, bring back, heal; and the two cases in which something is lost for good."""
    name = case.subject
    volume = next(volume for volume in pool.volumes if volume.name == name)
    yield Task("Look, on a node of the pool that is up.", f"gluster volume status {name}")
    if not case.write:
        yield Task(
            "Nothing is lost, and nobody reads what is old: each set of bricks waits for its "
            "quorum. Leave bricks and peers as they are."
        )
    yield Task("Start what is down again; its bricks start by themselves.")
    if volume.healed:
        yield Task(
            "Wait until nothing is left to heal before anything else is taken down.",
            f"gluster volume heal {name} info summary",
        )
    if volume.kind != "distribute":
        yield Task(
            "A disk is lost: put in an empty one, run apply, and give the brick anew there.",
            f"gluster volume reset-brick {name} NODE:/PATH start\n"
            f"gluster volume reset-brick {name} NODE:/PATH NODE:/PATH commit force",
            lost=True,
        )
    yield Task(
        "A machine is lost: make another one from the same bundle. The pool still knows the old "
        f"one, so forming stops on {pool.bootstrap_node} and says the recipe.",
        "journalctl -u stook-gluster-form -n 20",
        lost=True,
    )


def remarks(site: Site, pool: Layout, node: str) -> Iterator[str]:
    """Of a client's mounts; of a member's ports."""
    for volume in pool.volumes:
        if node in volume.clients and volume.spec.mount:
            yield (
                f"{volume.spec.mount.path} is `noauto` in fstab: `mount -a` leaves it alone, and "
                "stook-gluster.service mounts it when the volume is there. Until then the folder "
                "is root's and nobody can write into it."
            )
    if node == pool.bootstrap_node:
        yield (
            "This node forms the pool (stook-gluster-form.service): it waits for all others, adds "
            "what is missing, and never removes or retypes what is there."
        )
