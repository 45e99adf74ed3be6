"""A user, a bucket and an object that nobody else has, over S3: SECONDS PORT ADDRESSES-BY-NAME.

Signatures of version 2 (docs.ceph.com, radosgw, s3/authentication) need nothing beside python3.
Prints as JSON what was put, what each gateway gave back, and what could not be removed.
"""

from __future__ import annotations

import base64
import email.utils
import hashlib
import hmac
import http.client
import json
import secrets
import subprocess
import sys


def admin(name: str, *words: str) -> str:
    done = subprocess.run(
        ["timeout", "30", "radosgw-admin", *words, "--uid", name], capture_output=True, text=True
    )
    if done.returncode:
        last = done.stderr.strip().splitlines() or [f"code {done.returncode}"]
        raise OSError(f"radosgw-admin: {last[-1]}")
    return done.stdout


def signed(keys: dict[str, str], method: str, path: str) -> dict[str, str]:
    date = email.utils.formatdate(usegmt=True)
    text = "\n".join((method, "", "", date, path)).encode()
    sign = base64.b64encode(hmac.new(keys["secret_key"].encode(), text, hashlib.sha1).digest())
    return {"Date": date, "Authorization": f"AWS {keys['access_key']}:{sign.decode()}"}


class Gateways:
    """The gateways' addresses by name, and whom they know."""

    def __init__(self, wait: str, port: str, homes: str) -> None:
        self.wait, self.port = float(wait), int(port)
        self.homes: dict[str, str] = json.loads(homes)
        self.keys: dict[str, str] = {}

    def ask(self, home: str, method: str, path: str, body: bytes = b"") -> str:
        server = http.client.HTTPConnection(home, self.port, timeout=self.wait)
        try:
            server.request(method, path, body or None, signed(self.keys, method, path))
            answer = server.getresponse()
            whole = answer.read(10000).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            return "no answer: " + (str(error) or type(error).__name__)
        code = whole.partition("<Code>")[2].partition("</Code>")[0]
        return whole if answer.status in (200, 204) else f"{answer.status} {code}"

    def put(self, bucket: str, token: str) -> str:
        first = next(iter(self.homes.values()))
        response = self.ask(first, "PUT", bucket)
        return response or self.ask(first, "PUT", f"{bucket}/o", token.encode())

    def get(self, bucket: str) -> dict[str, str]:
        return {who: self.ask(home, "GET", f"{bucket}/o") for who, home in self.homes.items()}


def main(wait: str, port: str, homes: str) -> None:
    gateways, token = Gateways(wait, port, homes), secrets.token_hex(8)
    name = f"stook-verify-{token}"
    result: dict[str, object] = {"token": token, "user": "", "put": "", "got": {}, "left": ""}
    try:
        created = admin(name, "user", "create", "--display-name", name)
        gateways.keys = json.loads(created)["keys"][0]
        result["put"] = gateways.put(f"/{name}", token)
        if not result["put"]:
            result["got"] = gateways.get(f"/{name}")
    except OSError as error:
        result["user"] = str(error)
    try:
        admin(name, "user", "rm", "--purge-data")
    except OSError as error:
        result["left"] = str(error)
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
