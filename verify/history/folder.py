"""A folder of reports that are kept: SITE.STARTED.json, one for each site and run, in UTC."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path

from verify.contract import Report
from verify.plain import ContractError
from verify.reports import load_format
from verify.serialization import read_reports

LARGEST = 128 << 20
"""Bytes of one report, and of all that a run reads of a folder."""
MOST_RUNS = 20
FORM = "%Y%m%dT%H%M%SZ"
NAME = r"\.([0-9]{8}T[0-9]{6}Z)(?:_([0-9]{1,4}))?\.json"

Check = Callable[[Path, bytes], None]
"""Raises `ContractError` for a file whose content is nobody's that counts."""


def unchecked(path: Path, content: bytes) -> None:
    """No file has to be anybody's."""


def content_of(path: Path, most: int = LARGEST, what: str = "a report") -> bytes:
    """All of a regular file. Raises `ContractError` where there is none, or too much of it."""
    try:
        # a pipe would be waited for before anybody could say what it is
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ContractError(f"{path} is no regular file; is this {what}?")
            content = file.read(most + 1)
    except OSError as error:
        raise ContractError(f"{path}: {error.strerror}; is this {what}?") from None
    if len(content) > most:
        raise ContractError(f"{path} has more than {most >> 20} MiB; is this {what}?")
    return content


def load(path: Path, check: Check = unchecked) -> tuple[Report, ...]:
    """The sites of a report. Raises `ContractError` for what cannot be used, and says why."""
    content = content_of(path)
    check(path, content)
    return read_reports(content, str(path))


def of_site(reports: Sequence[Report], site: str, path: Path) -> Report:
    """The one of a site. Raises `ContractError` where there is none, or more than one."""
    own = [report for report in reports if report.site == site]
    if len(own) != 1:
        names = ", ".join(report.site for report in reports) or "none"
        raise ContractError(f"{path} has {len(own)} reports of site {site}; it has {names}")
    return own[0]


def last(
    folder: Path, site: str, check: Check = unchecked, now: datetime | None = None
) -> tuple[tuple[Report, ...], tuple[str, ...]]:
    """The last reports of a site, the newest first, and what is wrong with those left out.

    One that is not from before `now` would be the last one until then.
    """
    until = now.astimezone(UTC).strftime(FORM) if now else "9"
    reports: list[Report] = []
    wrong: list[str] = []
    room = LARGEST
    for path in reversed(names(folder, site)):
        try:
            if _moment(path) > until:
                raise ContractError(f"{path} is of a moment that has not come yet")
            content = content_of(path)
            room -= len(content)
            if len(reports) == MOST_RUNS or (reports and room < 0):
                break
            check(path, content)
            one = of_site(read_reports(content, str(path)), site, path)
            # a copy under a later name would hide what has been since, whoever signed it
            if _moment(path) != _begun(one):
                raise ContractError(f"{path} is of another moment than its name: {one.started}")
            reports.append(one)
        except ContractError as error:
            wrong.append(str(error))
            if len(wrong) == MOST_RUNS:
                break
    return tuple(reports), tuple(wrong)


def _begun(report: Report) -> str:
    """Raises `ContractError` for what is no moment."""
    try:
        return datetime.fromisoformat(report.started).astimezone(UTC).strftime(FORM)
    except (ValueError, OverflowError):
        raise ContractError(f"{report.started!r} is no moment") from None


def names(folder: Path, site: str) -> list[Path]:
    """The kept reports of a site, the oldest first."""
    pattern = re.compile(re.escape(site) + NAME)
    matches = ((pattern.fullmatch(path.name), path) for path in _entries(folder))
    keyed = [(match[1], int(match[2] or 0), path) for match, path in matches if match]
    return [path for *_, path in sorted(keyed)]


def _entries(folder: Path) -> Iterator[Path]:
    try:
        yield from folder.iterdir()
    except OSError as error:
        raise ContractError(f"{folder}: {error.strerror}") from None


def keep(folder: Path, report: Report, sign: Callable[[bytes], bytes] | None = None) -> Path:
    """Write a report beside the others, whole, under a name that no other one has.

    Its signature is there before it; where `sign` raises, the report is there without, and so it
    raises. Raises OSError, too.
    """
    content = load_format("json").write([report]).encode("utf-8")
    begun = _begun(report)
    for number in range(10_000):
        again = f"_{number}" if number else ""
        path = folder / f"{report.site}.{begun}{again}.json"
        part = folder / f".{path.name}.part"
        # of two runs that want one name the part is one's alone, and the name is looked at after it
        with suppress(FileExistsError), part.open("xb") as file:
            try:
                if path.exists():
                    continue
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                try:
                    if sign:
                        _beside(path).unlink(missing_ok=True)
                        with _beside(path).open("xb") as signature:
                            signature.write(sign(content))
                finally:
                    part.rename(path)
                return path
            finally:
                part.unlink(missing_ok=True)
    raise FileExistsError(17, "there are too many of this second", str(folder))


def thin(folder: Path, report: Report, most: int | None, days: int | None) -> None:
    """Delete reports of a site beyond so many, and those that are older than so many days.

    The last one stays whatever its age, and so does what is of a later moment than this report: of
    two clocks one was wrong. Raises OSError.
    """
    begun = _begun(report)
    older = [path for path in names(folder, report.site) if _moment(path) <= begun][:-1]
    gone = set(older[: max(0, len(older) + 1 - most)]) if most else set()
    if days is not None:
        gone |= {path for path in older if _days(_moment(path), begun) > days}
    for path in gone:
        path.unlink(missing_ok=True)
        _beside(path).unlink(missing_ok=True)


def _moment(path: Path) -> str:
    """As its name has it: such words sort as what they stand for."""
    return path.name.split(".")[-2][:16]


def _days(early: str, late: str) -> float:
    """How many lie between two moments; a name that is none is as old as can be."""
    try:
        return (datetime.strptime(late, FORM) - datetime.strptime(early, FORM)) / timedelta(days=1)
    except ValueError:
        return inf


def _beside(path: Path) -> Path:
    """Where the signature of a kept report is."""
    return Path(f"{path}.sig")
