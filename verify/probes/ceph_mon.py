"""Questions to the monitors: SECONDS QUESTION... One prints its answer, many [code, out, errors].

What `ceph` sends, through the library that it sends it with, all questions over one connection.
Before each of them `ceph` also has the monitors list all their commands, which costs four times as
much.
"""

from __future__ import annotations

import json
import os
import sys
import threading

Answer = tuple[int, bytes, str]


def ask(cluster: object, question: str) -> Answer:
    try:
        code, out, said = cluster.mon_command(question, b"")  # type: ignore[attr-defined]
    except Exception as error:
        return 1, b"", str(error) or type(error).__name__
    return (1, out, f"[errno {-code}] {said}") if code else (0, out, "")


def answers(patience: str, questions: list[str]) -> list[Answer]:
    results: list[Answer] = [(1, b"", "")] * len(questions)

    def put(number: int) -> None:
        results[number] = ask(cluster, questions[number])

    try:
        import rados  # type: ignore[import-not-found]

        cluster = rados.Rados(name="client.admin", conffile="")
        cluster.conf_set("client_mount_timeout", patience)
        cluster.conf_set("rados_mon_op_timeout", patience)
        cluster.connect()
    except Exception as error:
        return [(1, b"", str(error) or type(error).__name__)] * len(questions)
    threads = [threading.Thread(target=put, args=(number,)) for number in range(len(questions))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return results


def main(patience: str, *questions: str) -> None:
    results, failed = answers(patience, list(questions)), 0
    if len(results) == 1:
        failed, out, said = results[0]
        sys.stdout.buffer.write(out)
        sys.stderr.write(said)
    else:
        for code, out, said in results:
            print(json.dumps((code, out.decode("utf-8", "backslashreplace"), said)))
    sys.stdout.flush()
    sys.stderr.flush()
    # without tidying up: the library's threads still run, and have been seen to crash then
    os._exit(failed)


if __name__ == "__main__":
    main(*sys.argv[1:])
