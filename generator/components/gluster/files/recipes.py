"""What only a person can decide: what was found, and how to go on. Nothing is changed."""

from __future__ import annotations

from generator.components.gluster.files.cluster import Answer
from generator.components.gluster.files.plan import Plan, Volume

AGAIN = "Then, here: systemctl restart stook-gluster-form"


class PersonNeededError(Exception):
    """A person is needed; the text says for what."""

    headline = "STOPPED, nothing was changed"


class StopNeededError(PersonNeededError):
    """All is there but what a running volume cannot be given."""

    headline = "STOPPED, all else is as planned"


def lost_identity(node: str, known: str, other: str) -> PersonNeededError:
    return PersonNeededError(
        f"""{node} has been set up anew: the pool knows it by another identity.
To let it back in, on {node}:
    systemctl stop stook-gluster glusterd
    rm -f /var/lib/glusterd/peers/*
    sed -i 's/^UUID=.*/UUID={known}/' /var/lib/glusterd/glusterd.info
    systemctl start glusterd
    gluster peer probe {other}
    systemctl restart glusterd
    systemctl start stook-gluster
'gluster peer status' there and here must then say 'Peer in Cluster (Connected)'. Where its disks
are empty, for each of its bricks:
    mkdir PATH                                                            on {node}
    gluster volume reset-brick VOLUME {node}:PATH start
    gluster volume reset-brick VOLUME {node}:PATH {node}:PATH commit force
and wait until 'gluster volume heal VOLUME info' shows 0 entries.
{AGAIN}"""
    )


def rejected(node: str, plan: Plan) -> PersonNeededError:
    return PersonNeededError(
        f"""{node} is a rejected peer: its copy of the volumes' descriptions differs from the \
pool's.
To give it the pool's copy, on {node}:
    systemctl stop stook-gluster glusterd
    find /var/lib/glusterd -mindepth 1 -maxdepth 1 ! -name glusterd.info -exec rm -r {{}} +
    systemctl start glusterd
    gluster peer probe {plan.me}
    systemctl restart glusterd
    systemctl start stook-gluster
{AGAIN}"""
    )


def foreign_pool(node: str, members: str) -> PersonNeededError:
    return PersonNeededError(
        f"""{node} already belongs to another pool ({members}).
If that pool is to stay, {node} is in the wrong site. If {node} is to leave it for good, on \
another member of
that pool: gluster peer detach {node}. {AGAIN}"""
    )


def foreign_volumes(node: str, volume: str) -> PersonNeededError:
    return PersonNeededError(
        f"""{node} has volumes of its own ({volume}), and such a node cannot join a pool.
If their data may go, on {node}: gluster volume stop VOLUME; gluster volume delete VOLUME.
{AGAIN}"""
    )


def used_brick(volume: str, error: str) -> PersonNeededError:
    return PersonNeededError(
        f"""a brick of {volume} still carries the mark of an earlier volume: {error}
If it is the one copy of your data, save it first. To use its directory again, on that node:
    setfattr -x trusted.glusterfs.volume-id PATH
    setfattr -x trusted.gfid PATH
    rm -rf PATH/.glusterfs
{AGAIN}"""
    )


def set_while_stopped(volume: str, plan: Plan) -> PersonNeededError:
    clients = [client.path for client in plan.clients if client.volume == volume]
    unmount = "".join(f"\n    umount {path}" for path in clients)
    return StopNeededError(
        f"""volume {volume} runs, and its bricks believe clients from any port: until they do not, \
the packet filter of each node is all that keeps its local accounts from writing as root.
At a time when it may be away for a minute, on every node that mounts it:
    systemctl stop stook-gluster{unmount}
then here:
    gluster volume stop {volume}
    systemctl restart stook-gluster-form
and last, on every node:
    systemctl start stook-gluster"""
    )


def never_taken(refused: list[str]) -> PersonNeededError:
    return StopNeededError(
        f"""GlusterFS refuses for good, as often as it is asked:
    {chr(10).join(refused).replace(chr(10), chr(10) + "    ")}
Take such an option out of the spec, or give it another value, and apply the new bundle. {AGAIN}"""
    )


def other_shape(volume: str, what: str, has: str, planned: str) -> PersonNeededError:
    return PersonNeededError(
        f"""volume {volume} exists with other {what}.
  it has:  {has}
  planned: {planned}
Bricks and type of a volume that holds data are changed by a person: gluster volume add-brick,
replace-brick, reset-brick. {AGAIN}"""
    )


def compare(plan: Plan, volume: Volume, info: Answer) -> None:
    """Raises that a person is needed where a volume's shape is not the planned one."""
    planned = " ".join(brick.address for brick in plan.bricks_of(volume.name))
    has = " ".join(info.bricks)
    if has != planned:
        raise other_shape(volume.name, "bricks", has, planned)
    counts = ("replica", "arbiter", "disperse", "redundancy")
    has = " ".join(f"{count} {info.leaf(f'{count}Count')}" for count in counts)
    sizes = (volume.replica or 1, volume.arbiter, volume.disperse, volume.redundancy)
    planned = " ".join(f"{count} {size}" for count, size in zip(counts, sizes))
    if has != planned:
        raise other_shape(volume.name, "type", has, planned)
