"""A program that is run in a container: all that it printed, and how it ended.

The docker SDK's own `exec_run` takes the connection over and reads past what had arrived with the
answer's head: on a busy machine the first bytes are lost, and with them a whole output, or the
rhythm of the frames. Asked for without taking the connection over, the same frames are the body of
the answer (Docker's Engine API, ExecStart).
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container

STDOUT, STDERR = 1, 2
HEAD = 8
"""Bytes before each frame: the stream, three of nothing, and the length in four, big end first."""


def execute(
    client: DockerClient, container: Container, words: Sequence[str]
) -> tuple[int, bytes, bytes]:
    """The exit code, the output and the errors. Raises APIError."""
    api = client.api
    made = api.exec_create(container.id, list(words))["Id"]
    address = f"{api.base_url}/v{api.api_version}/exec/{made}/start"
    answer = api.post(address, json={"Detach": False, "Tty": False}, timeout=None)
    if answer.status_code != HTTPStatus.OK:
        raise APIError(answer.text, answer)
    out, err = streams(answer.content)
    return int(api.exec_inspect(made)["ExitCode"]), out, err


def streams(content: bytes) -> tuple[bytes, bytes]:
    """The two streams that frames were taken from. Raises ValueError where they are no frames."""
    parts: dict[int, list[bytes]] = {STDOUT: [], STDERR: []}
    while content:
        stream, length = content[0], int.from_bytes(content[4:HEAD], "big")
        if stream not in parts or len(content) < HEAD + length:
            raise ValueError(f"no frame of a stream: {content[:HEAD]!r}")
        parts[stream].append(content[HEAD : HEAD + length])
        content = content[HEAD + length :]
    return b"".join(parts[STDOUT]), b"".join(parts[STDERR])
