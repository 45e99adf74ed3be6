"""Questions to a script in Python, in one process: NAME QUESTION... Each has [code, out, errors].

A question is JSON: what is on the script's standard input, and its words. Such a script imports for
most of its time: here once for all that is asked.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
import traceback
from pathlib import Path
from types import CodeType


class Printed(io.StringIO):
    """What is printed; a script that closes its streams at its end closes none of these."""

    def close(self) -> None:
        pass


def put(program: CodeType, path: str, given: str, words: list[str]) -> tuple[int, str, str]:
    out, err, code = Printed(), Printed(), 0
    sys.argv, sys.stdin = [path, *words], io.StringIO(given)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            exec(program, {"__name__": "__main__", "__file__": path})
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
            if code and not isinstance(end.code, int):
                err.write(f"{end.code}\n")
        except Exception:
            code = 1
            err.write(traceback.format_exc())
    return code & 255, out.getvalue(), err.getvalue()


def main(name: str, *questions: str) -> None:
    path = shutil.which(name)
    if not path:
        for _ in questions:
            print(json.dumps((127, "", f"{name}: not found")))
        return
    sys.path[0] = str(Path(path).parent)
    program = compile(Path(path).read_text("utf-8"), path, "exec", dont_inherit=True)
    for question in questions:
        given, *words = json.loads(question)
        print(json.dumps(put(program, path, given, words)))


if __name__ == "__main__":
    main(*sys.argv[1:])
