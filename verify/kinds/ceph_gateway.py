"""Something that is put through one object gateway comes back through each of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers.answers import text


@dataclass(frozen=True, slots=True)
class Want:
    """The gateways' addresses by name; `admin` has the keyring of client.admin."""

    addresses: dict[str, str]
    port: int
    admin: str


PATIENCE = 15
LIMIT = 90
# A user, a bucket and an object that nobody else has, over S3 with signatures of version 2
# (docs.ceph.com, radosgw, s3/authentication), which need nothing beside python3.
_CLIENT = """
import base64, email.utils, hashlib, hmac, http.client, json, secrets, subprocess, sys
port, homes = int(sys.argv[1]), json.loads(sys.argv[2])
token = secrets.token_hex(8)
name = "stook-verify-" + token
bucket, item = "/" + name, "/" + name + "/o"
found = {"token": token, "user": "", "put": "", "got": {}, "left": ""}
def admin(*words):
    done = subprocess.run(["timeout", "30", "radosgw-admin", *words, "--uid", name],
                          capture_output=True, text=True)
    if done.returncode:
        last = done.stderr.strip().splitlines() or ["code %d" % done.returncode]
        raise OSError("radosgw-admin: " + last[-1])
    return done.stdout
def ask(home, method, path, body=b""):
    date = email.utils.formatdate(usegmt=True)
    text = "\\n".join((method, "", "", date, path)).encode()
    sign = base64.b64encode(hmac.new(keys["secret_key"].encode(), text, hashlib.sha1).digest())
    sent = {"Date": date, "Authorization": "AWS %s:%s" % (keys["access_key"], sign.decode())}
    server = http.client.HTTPConnection(home, port, timeout=PATIENCE)
    try:
        server.request(method, path, body or None, sent)
        answer = server.getresponse()
        whole = answer.read(10000).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return "no answer: " + (str(error) or type(error).__name__)
    code = whole.partition("<Code>")[2].partition("</Code>")[0]
    return whole if answer.status in (200, 204) else "%d %s" % (answer.status, code)
try:
    keys = json.loads(admin("user", "create", "--display-name", name))["keys"][0]
    first = next(iter(homes.values()))
    found["put"] = ask(first, "PUT", bucket) or ask(first, "PUT", item, token.encode())
    if not found["put"]:
        found["got"] = {who: ask(home, "GET", item) for who, home in homes.items()}
except OSError as error:
    found["user"] = str(error)
try:
    admin("user", "rm", "--purge-data")
except OSError as error:
    found["left"] = str(error)
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was put, and what each gateway gave back; `error` where nothing could be put or got."""

    token: str
    user: str
    put: str
    got: dict[str, str]
    left: str


def commands(want: Want) -> Mapping[str, Command]:
    """All of it in one go, and gone after it; the pools that gateways make for it stay."""
    client = _CLIENT.replace("PATIENCE", str(PATIENCE))
    asked = f"python3 -c {quote(client)} {want.port} {quote(json.dumps(want.addresses))}"
    return {"object": Command(asked, f"node:{want.admin}", LIMIT, 1)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A refusal is an answer. Raises `Unreadable` for what the client does not print."""
    printed = text(outputs["object"], "S3").strip()
    try:
        found = json.loads(printed)
        got = {str(name): str(said) for name, said in found["got"].items()}
        token, user, put, left = (str(found[key]) for key in ("token", "user", "put", "left"))
        return Seen(token, user, put, got, left)
    except (AttributeError, LookupError, TypeError, ValueError):
        raise Unreadable(f"S3: it printed {printed[:200] or 'nothing'}") from None


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """The first thing that went wrong is why the rest was not tried."""
    if seen.user:
        return (Difference("a user of its own", "made", seen.user),)
    if seen.put:
        first = next(iter(want.addresses))
        return (Difference(f"put through {first}", "done", seen.put),)
    return (
        *(
            Difference(f"read through {name}", seen.token, seen.got.get(name, "nothing"))
            for name in want.addresses
            if seen.got.get(name) != seen.token
        ),
        *((Difference("removed", "all of it", seen.left),) if seen.left else ()),
    )
