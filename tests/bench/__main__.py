"""`make bench`: what the generator costs, as ratios taken in one run on tmpfs.

Absolute figures move with the machine; a ratio against `cp -r` of the same result, or against bare
Python, does not. CPU is user plus system time of the whole process, the median of the runs. The
code is compiled before, as that of an installed package is.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
STOOK = [sys.executable, "-m", "generator"]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L ops"


def main() -> None:
    """Run every measurement and print one line for each."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as name:
        folder = Path(name)
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        for command in (["--help"], ["check", str(ROOT / "bundles/ha-wordpress")]):
            cost([*STOOK, *command], 1)
        bare, _ = cost([sys.executable, "-c", "pass"], 9)
        startup(bare)
        one_large_spec(folder)
        plans(folder)
        twice_the_nodes(folder)
        many_small_specs(folder)
        wrong_specs(folder)
        verification()


def cost(command: Sequence[str], runs: int = 3) -> tuple[float, int]:
    """CPU seconds (median) and peak memory in MiB of a whole process and what it waits for."""
    seconds, peak = [], 0
    for _ in range(runs):
        code = (
            "import resource, subprocess, sys;"
            "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
            "u = resource.getrusage(resource.RUSAGE_CHILDREN);"
            "print(u.ru_utime + u.ru_stime, u.ru_maxrss)"
        )
        command_line = [sys.executable, "-c", code, *command]
        done = subprocess.run(command_line, cwd=ROOT, check=True, capture_output=True, text=True)
        used, memory = done.stdout.split()
        seconds.append(float(used))
        peak = max(peak, int(memory) // 1024)
    return statistics.median(seconds), peak


def startup(bare: float) -> None:
    helped, _ = cost([*STOOK, "--help"], 9)
    checked, _ = cost([*STOOK, "check", str(ROOT / "bundles/ha-wordpress")], 9)
    print(f"stook --help    {1000 * (helped - bare):6.0f} ms CPU above bare Python (aim 60)")
    ratio = (checked - bare) / (helped - bare)
    print(
        f"stook check     {1000 * (checked - bare):6.0f} ms CPU above bare Python (aim 250), "
        f"{ratio:.1f} x --help (aim 5)"
    )


def spec(site: str, nodes: int) -> str:
    """A site with a volume for every three nodes; large ones have several networks' worth."""
    lines = [
        "stook: 1",
        f"site: {site}",
        "identity: 6f1c0f5e-6c1b-4b0e-9d57-0c9a6b7f2d11",
        "networks: {internal: 10.0.0.0/8}",
        "nodes:",
    ]
    lines += [
        f"  node{i}: {{address: 10.7.{i // 250}.{i % 250 + 1}, zone: z{i % 3}}}"
        for i in range(1, nodes + 1)
    ]
    lines += [
        f"admins: {{ops: {{ssh_keys: [{KEY}], from: [198.51.100.0/24]}}}}",
        "time: {servers: [192.0.2.1]}",
        "disks: {brick1: {device: /dev/xvdf, mount: /bricks/b1}}",
        "gluster:",
        '  nodes: "node[1:3]"',
        "  volumes:",
        "    wp: {replica: 3, brick: brick1/gv, mount: {path: /var/www/html}}",
    ]
    return "\n".join(lines) + "\n"


def one_large_spec(folder: Path) -> None:
    home = folder / "large"
    home.mkdir()
    (home / "site.yaml").write_text(spec("large", 1000))
    fresh = [sys.executable, "-c", "import shutil, sys; shutil.rmtree(sys.argv[1])"]

    def build() -> tuple[float, int]:
        for place in home.iterdir():
            if place.is_dir():
                subprocess.run([*fresh, str(place)], check=True)
        return cost([*STOOK, "build", str(home)], 1)

    builds = [build() for _ in range(3)]
    used = statistics.median(seconds for seconds, _ in builds)
    peak = max(memory for _, memory in builds)
    again, _ = cost([*STOOK, "build", str(home)])
    copies = []
    for index in range(3):
        target = folder / f"copy{index}"
        copies.append(cost(["cp", "-r", str(home), str(target)], 1)[0])
        shutil.rmtree(target)
    copy = statistics.median(copies)
    size = sum(p.stat().st_size for p in home.rglob("*") if p.is_file()) / 1e6
    print(
        f"1000 nodes      {used:6.2f} s CPU, {used / copy:.1f} x cp -r of the result "
        f"({copy:.2f} s, {size:.0f} MB; aim 4), peak {peak} MiB (aim 300)"
    )
    print(f"1000, unchanged {again:6.2f} s CPU, {again / copy:.1f} x cp -r")
    shutil.rmtree(home)


def plans(folder: Path) -> None:
    home = folder / "planned"
    home.mkdir()
    (home / "site.yaml").write_text(spec("planned", 1000))
    used, peak = cost([*STOOK, "plan", str(home)])
    print(f"1000, planned   {used:6.2f} s CPU (aim 2), peak {peak} MiB")
    shutil.rmtree(home)


def twice_the_nodes(folder: Path) -> None:
    """A jail on every node: what costs more than twice as much grows with the square."""
    used = []
    jail = "fail2ban: {jails: {x: {watch: sshd, maxretry: 5, findtime: 10m, bantime: 1h}}}\n"
    for nodes in (400, 800):
        home = folder / f"jails{nodes}"
        home.mkdir()
        (home / "site.yaml").write_text(spec("jails", nodes) + jail)
        used.append(cost([*STOOK, "build", str(home)], 1)[0])
        shutil.rmtree(home)
    print(
        f"a jail on each  {used[0]:6.2f} s CPU for 400 nodes, {used[1] / used[0]:.1f} x for 800 "
        "(aim 2.2)"
    )


def many_small_specs(folder: Path) -> None:
    homes = []
    for index in range(300):
        home = folder / f"site{index}"
        home.mkdir()
        (home / "site.yaml").write_text(spec(f"site{index}", 3))
        homes.append(str(home))
    used, peak = cost([*STOOK, "build", *homes], 1)
    print(f"300 x 3 nodes   {used:6.2f} s CPU in one call, peak {peak} MiB")


def wrong_specs(folder: Path) -> None:
    """What takes longest to say: specs of nearly 2 MB in which all is wrong, and one with more."""
    head = spec("wrong", 3)
    for name, text in {
        "unknown keys": head + "".join(f"zz{i}: 1\n" for i in range(160_000)),
        "fewer of them": head + "".join(f"zz{i}: 1\n" for i in range(45_000)),
        "one key twice": head + "a: 1\n" * 390_000,
        "anchors": head + "a:\n" + "  - &a 1\n" * 190_000,
        "nodes, mistyped": head.replace(
            "nodes:\n",
            "nodes:\n" + "".join(f"  m{i}: {{adress: 10.0.0.1}}\n" for i in range(30_000)),
        ),
        "a range": head.replace(
            "  node1: {", '  "m[1:100000]": {address: "10.9.0.[1:3]"}\n  node1: {'
        ),
        "too large": head + "#" * 3_000_000,
    }.items():
        home = folder / "wrong"
        home.mkdir(exist_ok=True)
        (home / "site.yaml").write_text(text)
        command = [*STOOK, "check", str(home)]
        code = f"import subprocess; assert subprocess.run({command!r}).returncode == 1"
        used, peak = cost([sys.executable, "-c", code], 1)
        print(f"wrong, {name:15} {used:6.2f} s CPU, peak {peak} MiB (aims 4, 300)")


def verification() -> None:
    """One run over the reference site with this machine in the place of its nodes.

    Most answers are `unknown` here; asking, reading and judging cost the same.
    """
    from verify import engine
    from verify.bundles import load
    from verify.selection import Options
    from verify.transport import Program

    class Here:
        name = "bench"

        def node(self, name: str) -> Program:
            return Program(["sh", "-s"])

        def outside(self) -> Program:
            return Program(["sh", "-s"])

    bundle = load(ROOT / "bundles/ha-wordpress")
    options = Options(wait=False, only=tuple(f"*/{kind}/*" for kind in BENCHED))
    engine.run(bundle, Here(), options)
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    report = engine.run(bundle, Here(), options)
    wall = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    nodes = len(bundle.manifests)
    checks = sum(v.status != "blocked" for v in report.verdicts)
    print(
        f"verification    {1000 * used / nodes:6.1f} ms controller CPU and {wall / nodes:.2f} s "
        f"wall per node, {checks // nodes} checks in one trip"
    )


# Kinds whose commands take no time of their own here: what is left is the engine's.
BENCHED = ("file", "block", "package", "listener", "listeners", "mount", "mounts", "fstab", "hosts")

if __name__ == "__main__":
    main()
