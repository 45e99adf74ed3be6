"""Files to disk and back: the only module that writes bundles.

Each file is written whole under another name and renamed; files that are already right are not
touched; the manifest comes last. So a build that is killed leaves a bundle whose digests
disagree, which `apply` refuses, `build --check` names, and the next build repairs.
"""

from __future__ import annotations

import errno
import fcntl
import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from generator.language.findings import Finding, Rule
from generator.rendering.handbook.book import FOLDER, SUMS
from generator.rendering.render import SITE_FILE, RenderedSite
from generator.rendering.userdata import ARCHIVE, PACKED, Rendered

DIFFERS = Rule(
    "B101",
    "a bundle that is not what the spec says",
    "Somebody edited it, a build was killed, or the spec has moved on; `apply` refuses it "
    "or does what nobody wants any more.",
    "run `stook build`",
)
BUSY = Rule(
    "B102",
    "another build is running",
    "Two builds of one site at once would mix their files.",
    "wait for it to end",
)
BLOCKED = Rule(
    "B103",
    "a place that cannot be written",
    "The disk is full or can only be read, a right is missing, or a directory stands where a file "
    "of the bundle belongs. What was written before is whole; the next build goes on from there.",
    "make room or give the right, move away what stands there, or build with --out DIR elsewhere",
)
SAME_FOLDER = Rule(
    "B104",
    "two specs for one folder",
    "The second one's bundles would replace the first one's.",
    "give every site a name of its own",
)
RULES = (DIFFERS, BUSY, BLOCKED, SAME_FOLDER)

LOCK = ".stook.lock"
NEW = ".stook.new"


class Busy(Exception):  # noqa: N818 - says what the folder is
    """Another build holds the folder."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a site folder against a second build. Raises Busy or OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield


def write(folder: Path, rendered: RenderedSite) -> tuple[Finding, ...]:
    """Bring a site folder to what was rendered; say what stood in the way."""
    try:
        with locked(folder):
            _write(folder, rendered)
    except Busy:
        return (BUSY.at((), f"another build holds {folder}"),)
    except OSError as error:
        return (_blocked(error, folder),)
    return ()


# What keeps a file from being written, and the way out of it, other than to build elsewhere.
_IN_THE_WAY: Mapping[int, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", "free some space there"),
    errno.EDQUOT: ("your quota is used up", "free some space"),
    errno.EROFS: ("the file system can only be read", "mount it for writing"),
    errno.EACCES: ("you have no right to write there", "build as its owner"),
    errno.EPERM: (
        "the system does not permit it",
        "look for `lsattr`'s `i` or another owner there",
    ),
    errno.EISDIR: ("a directory stands where a file belongs", "move it away"),
    errno.ENOTDIR: ("a file stands where a directory belongs", "move it away"),
    errno.ELOOP: ("a link stands where a directory belongs, and is not followed", "move it away"),
    errno.EIO: ("the disk fails", "look into the kernel's log"),
}


def _blocked(error: OSError, folder: Path) -> Finding:
    # of a file that is renamed, the name that it was to get
    name = error.filename2 or error.filename
    place = Path(os.fsdecode(name)) if name else folder
    place = folder if place.name in (NEW, LOCK) else place
    what, way = _IN_THE_WAY.get(error.errno or 0, (error.strerror or str(error), ""))
    way = f"{way}, or build with --out DIR elsewhere" if way else ""
    return BLOCKED.at((), f"cannot write {place}: {what}", way)


def _write(folder: Path, rendered: RenderedSite) -> None:
    (folder / NEW).unlink(missing_ok=True)  # of a build that was killed
    for name in _gone(folder, _site_of(rendered), rendered):
        _remove(folder, name, _listed(folder / name))
    made: set[str] = set()
    for node, files in rendered.files.items():
        known = _listed(folder / node) if node else _extras(folder)
        _remove(folder, node, known - {f.path for f in files})
        for file in files:
            _put(str(folder), node, file, made)


def _put(folder: str, node: str, file: Rendered, made: set[str]) -> None:
    path, new = "/".join(filter(None, (folder, node, file.path))), f"{folder}/{NEW}"
    parent = os.path.dirname(path)  # noqa: PTH120 - pathlib doubles the cost of a large build
    if parent not in made:
        _follow_no_link(folder, node, file.path)
        os.makedirs(parent, exist_ok=True)  # noqa: PTH103
        made.add(parent)
    if _same(path, file):
        return
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, file.mode)
    try:
        with os.fdopen(handle, "wb", closefd=False) as out:
            out.write(file.content)
        os.fchmod(handle, file.mode)
    finally:
        os.close(handle)
    os.replace(new, path)  # noqa: PTH105


def _follow_no_link(folder: str, node: str, path: str) -> None:
    """A site that somebody sent may have links to anywhere. Raises OSError for one on the way."""
    place = folder
    for part in (*filter(None, (node,)), *path.split("/")[:-1]):
        place += f"/{part}"
        if os.path.islink(place):  # noqa: PTH114 - as above
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), place)


def _same(path: str, file: Rendered) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        status = os.fstat(handle)
        content = file.content
        if status.st_size != len(content) or status.st_mode & 0o7777 != file.mode:
            return False
        return os.read(handle, len(content) + 1) == content
    finally:
        os.close(handle)


def _site_of(rendered: RenderedSite) -> str:
    return str(json.loads(rendered.files[""][-1].content)["site"])


def _gone(folder: Path, site: str, rendered: RenderedSite) -> Iterator[str]:
    """The node folders of this site whose node is no longer in the spec."""
    for place in sorted(folder.iterdir()):
        if place.name in rendered.files or not (place / "manifest.json").is_file():
            continue
        if _manifest(place).get("site") == site:
            yield place.name


def _manifest(place: Path) -> Mapping[str, object]:
    try:
        data = json.loads((place / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _listed(place: Path) -> set[str]:
    """What an earlier build has written to a node's folder, by its own manifest."""
    files = _manifest(place).get("files")
    if not isinstance(files, dict):
        return set()
    inside = {str(path) for path in files if _inside(str(path))}
    return inside | {"manifest.json", ARCHIVE, PACKED}


def _extras(folder: Path) -> set[str]:
    """What an earlier build has written beside the nodes, by its own site.json and handbook."""
    try:
        names = json.loads((folder / SITE_FILE).read_bytes())["facts"]["extras"]
        extras = {str(name) for name in names if "/" not in str(name)}
    except (OSError, ValueError, LookupError, TypeError):
        extras = set()
    return extras | _handbook(folder)


def _handbook(folder: Path) -> set[str]:
    """The pages that an earlier build has written, by their own sums."""
    try:
        sums = (folder / SUMS).read_text("utf-8")
    except (OSError, ValueError):
        return set()
    names = (line.partition("  ")[2] for line in sums.splitlines())
    return {f"{FOLDER}/{name}" for name in names if name and _inside(name)} | {SUMS}


def _inside(path: str) -> bool:
    return path.isprintable() and not path.startswith("/") and ".." not in path.split("/")


def _remove(folder: Path, node: str, paths: Iterable[str]) -> None:
    """Remove exactly these files, and the folders that are empty then."""
    place = folder / node
    for path in sorted(paths):
        _follow_no_link(str(folder), node, path)
        (place / path).unlink(missing_ok=True)
        parent = (place / path).parent
        while parent != place.parent and parent.is_dir() and not any(parent.iterdir()):
            parent.rmdir()
            parent = parent.parent


@dataclass(frozen=True, slots=True)
class Difference:
    """A file of a node's folder, or beside the nodes (""), and what is wrong with it, in words."""

    node: str
    path: str
    what: str


def differences(folder: Path, rendered: RenderedSite) -> Iterator[Difference]:
    """What a folder has otherwise than was rendered: changed, missing and left over."""
    for node, files in rendered.files.items():
        place = folder / node
        for file in files:
            word = _difference(place, file)
            if word:
                yield Difference(node, file.path, word)
        known = _listed(place) if node else _extras(folder)
        for path in sorted(known - {f.path for f in files}):
            if (place / path).exists():
                yield Difference(node, path, "is left over")
    if folder.is_dir():
        for name in _gone(folder, _site_of(rendered), rendered):
            yield Difference(name, "", "is of a node that the spec does not have")


def _difference(place: Path, file: Rendered) -> str:
    path = place / file.path
    if not path.is_file() or path.is_symlink():
        return "is missing" if file.committed else ""
    if not file.committed:
        return "" if _unpacked(path) == _unpacked_bytes(file.content) else "has other contents"
    if _digest(path) != hashlib.sha256(file.content).digest():
        return "has other contents"
    # a checkout keeps one bit of a mode, so that is all that can be compared
    return (
        "has another mode" if bool(path.stat().st_mode & 0o100) != bool(file.mode & 0o100) else ""
    )


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def _unpacked(path: Path) -> bytes:
    return _unpacked_bytes(path.read_bytes())


def _unpacked_bytes(content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError):
        return b""


def load(folder: Path) -> Mapping[str, bytes]:
    """The committed files of a built site folder, by path below it."""
    names = (name for name in sorted(_extras(folder)) if (folder / name).is_file())
    contents = {name: (folder / name).read_bytes() for name in (SITE_FILE, *names)}
    for place in sorted(folder.iterdir()):
        if (place / "manifest.json").is_file():
            paths = (_listed(place) | {"manifest.json"}) - {ARCHIVE, PACKED}
            for path in sorted(paths):
                if (place / path).is_file():
                    contents[f"{place.name}/{path}"] = (place / path).read_bytes()
    return contents
