"""Questions to firewall-cmd in one process: QUESTION... Prints [code, output, errors] for each.

The program is a script that imports for most of its time: here once for all that is asked.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
from pathlib import Path
from types import CodeType


def put(program: CodeType, path: str, question: str) -> tuple[object, str, str]:
    out, err, code = io.StringIO(), io.StringIO(), None
    sys.argv = ["firewall-cmd", *question.split()]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            exec(program, {"__name__": "__main__", "__file__": path})
        except SystemExit as end:
            code = end.code
    return code or 0, out.getvalue(), err.getvalue()


def main(*questions: str) -> None:
    path = shutil.which("firewall-cmd")
    if not path:
        for _ in questions:
            print(json.dumps((127, "", "firewall-cmd: not found")))
        return
    sys.path[0] = str(Path(path).parent)
    program = compile(Path(path).read_text("utf-8"), path, "exec", dont_inherit=True)
    for question in questions:
        print(json.dumps(put(program, path, question)))


if __name__ == "__main__":
    main(*sys.argv[1:])
