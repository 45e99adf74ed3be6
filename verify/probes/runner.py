"""Programs of a trip, each in a process of its own that need not start python: FILE AFTER BYTES.

FILE is JSON: the source of each program by its name, and by number which of them is run, its words
(a number stands for seconds, which are stretched) and its limit in seconds. Each line of standard
input is a number to start. What it prints goes to NUMBER.out and NUMBER.err, of at most so many
BYTES, and `NUMBER CODE` to the pipe `events` when it has ended. As timeout(1) does it, one that
runs on at its limit is asked to end, and has to AFTER so many seconds.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
import types
from importlib import import_module
from pathlib import Path

# What most of them import is read once.
for module in ("hashlib", "re", "socket", "subprocess"):
    import_module(module)
# As python ends where its output cannot be written.
LOST = 120
TIMES = int(os.environ.get("STOOK_TIMES", "1"))


def ended(child: int, seconds: float) -> int | None:
    """The code of a process, as a shell has it; None for one that runs on."""
    end = time.monotonic() + seconds
    while True:
        known, status = os.waitpid(child, os.WNOHANG)
        if known:
            return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
        left = end - time.monotonic()
        if left <= 0:
            return None
        signal.sigtimedwait([signal.SIGCHLD], left)


def limited(child: int, limit: int, after: int) -> int:
    code = ended(child, limit)
    if code is not None:
        return code
    os.killpg(child, signal.SIGTERM)
    if ended(child, after) is not None:
        return 124
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return 137


def play(number: str, size: int, source: types.CodeType, words: list[object]) -> int:
    """What `python3 -c` would run, with streams and words of its own."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    size = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    for end, path in enumerate(("/dev/null", f"{number}.out", f"{number}.err")):
        opened = os.open(path, os.O_RDONLY if end == 0 else os.O_WRONLY | os.O_TRUNC | os.O_CREAT)
        os.dup2(opened, end)
        os.close(opened)
    sys.stdin = os.fdopen(0)
    sys.argv = ["-c", *(str(w * TIMES) if isinstance(w, int) else str(w) for w in words)]
    sys.modules["__main__"] = main = types.ModuleType("__main__")
    try:
        exec(source, main.__dict__)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return (end.code or 0) & 255
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def become(number: str, size: int, source: types.CodeType, words: list[object]) -> None:
    """It never comes back, and what could not be printed whole is no success."""
    code = LOST
    try:
        ended = play(number, size, source, words)
        sys.stdout.flush()
        sys.stderr.flush()
        code = ended
    finally:
        os._exit(code)


def run(number: str, job: tuple[str, list[object], int], source: types.CodeType) -> None:
    """Start it, wait for it and say how it ended; in a process that is there for that alone."""
    _, words, limit = job
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        become(number, int(sys.argv[3]), source, words)
    code = limited(child, limit, int(sys.argv[2]))
    # a machine that boots clears its /tmp: no file of that name is to take the pipe's place
    os.write(os.open("events", os.O_WRONLY), f"{number} {code}\n".encode())


def main(file: str) -> None:
    texts, jobs = json.loads(Path(file).read_text())
    sources = {name: compile(text, "<string>", "exec", 0, True) for name, text in texts.items()}
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        number = line.strip()
        if not os.fork():
            code = LOST
            try:
                run(number, jobs[number], sources[jobs[number][0]])
                code = 0
            finally:
                os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
