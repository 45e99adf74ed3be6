"""Signatures of reports, as OpenSSH makes and checks them: `ssh-keygen -Y sign` and `-Y verify`.

Source: ssh-keygen(1), "ALLOWED SIGNERS"; PROTOCOL.sshsig of OpenSSH for the form.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from verify.history.folder import Check, content_of
from verify.plain import ContractError

NAMESPACE = "report@stook"
"""What a signature is for: one that was made for a commit or a file is none of a report."""
LARGEST = 1 << 16
LONGEST = 60
"""Seconds for checking; signing may wait for a person."""


def beside(path: Path) -> Path:
    """Where the signature of a file is, as ssh-keygen has it."""
    return Path(f"{path}.sig")


def fingerprint(key: Path) -> str:
    """Of a private key, or of a public one whose other half an agent has.

    Raises `ContractError` for what is no key.
    """
    return _run(["-l", "-f", str(key)], b"", f"{key} is no key").decode("utf-8", "replace").strip()


def sign(key: Path, content: bytes) -> bytes:
    """A signature of some bytes. Raises `ContractError` where the key does not sign.

    ssh-keygen asks for a passphrase, or for a touch of the key, where there is somebody to ask.
    """
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE]
    try:
        done = subprocess.run(words, input=content, stdout=subprocess.PIPE, check=False)
    except OSError as error:
        raise ContractError(f"ssh-keygen: {error.strerror}") from None
    if done.returncode or not done.stdout:
        raise ContractError(f"{key} does not sign; ssh-keygen says above why")
    return done.stdout


def checker(signers: Path) -> Check:
    """What raises `ContractError` for a file that none of these signers has signed."""

    def check(path: Path, content: bytes) -> None:
        signature = content_of(beside(path), LARGEST, "a signature")
        with tempfile.NamedTemporaryFile(prefix="stook-", suffix=".sig") as file:
            # the bytes that were looked at, whatever lies there by now
            file.write(signature)
            file.flush()
            _checked(path, content, file.name, signers)

    return check


def _checked(path: Path, content: bytes, signature: str, signers: Path) -> None:
    where = ["-s", signature, "-f", str(signers)]
    why = f"{path} is signed by none of {signers}"
    people = _run(["-Y", "find-principals", *where], b"", why).decode("utf-8", "replace")
    for name in _names(people.split("\n")):
        words = ["ssh-keygen", "-Y", "verify", "-I", name, "-n", NAMESPACE, *where]
        done = subprocess.run(words, input=content, capture_output=True, timeout=LONGEST)
        if done.returncode == 0:
            return
    raise ContractError(f"{path} is not what its signature is of, or that is of no report")


def _names(lines: Sequence[str]) -> Iterator[str]:
    """One line of signers may have several, and patterns, each of which stands for itself."""
    for line in lines:
        yield from (name for name in line.split(",") if name and not name.startswith(("!", "-")))


def _run(words: Sequence[str], content: bytes, why: str) -> bytes:
    try:
        done = subprocess.run(
            ["ssh-keygen", *words], input=content, capture_output=True, timeout=LONGEST, check=True
        )
    except OSError as error:
        raise ContractError(f"ssh-keygen: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise ContractError(f"{why}: ssh-keygen takes too long") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
        raise ContractError(f"{why}: {said}") from None
    return done.stdout
