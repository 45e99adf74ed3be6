"""Where the report of a run goes, and which earlier ones it is compared with."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verify.plain import ContractError
from verify.reports import code_of, load_format

if TYPE_CHECKING:
    from verify.bundles import Bundle
    from verify.contract import Report
    from verify.controls import Catalogue

LONGEST = 300
"""Characters of what is wrong with an earlier report, which anybody may have written."""
Past = Mapping[str, tuple[tuple["Report", ...], tuple[str, ...]]]
"""Of each site its earlier reports, the newest first, and what is wrong with others."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a report is held against besides the bundles: earlier ones, and a catalogue.

    `idle` is what of the catalogue is about nothing that any of the sites has.
    """

    past: Past
    catalogue: Catalogue | None = None
    idle: tuple[str, ...] = ()

    def of(self, report: Report, bundle: Bundle) -> Report:
        """The report with what has changed, and with its controls."""
        from verify.controls import Catalogue, assigned
        from verify.history.changes import compare

        earlier, wrong = self.past.get(report.site, ((), ()))
        lines = (f"an earlier report: {_short(text)}" for text in wrong)
        return replace(
            assigned(report, bundle, self.catalogue or Catalogue()),
            since=compare(report, earlier, bundle) if earlier else None,
            not_checked=(*report.not_checked, *lines, *map(_short, self.idle)),
        )


@dataclass(frozen=True, slots=True)
class Destination:
    """What the options of a report say."""

    form: str
    output: Path | None
    keep: Path | None
    keep_last: int | None
    keep_days: int | None
    since: Path | None
    controls: tuple[Path, ...]
    sign: Path | None
    signers: Path | None

    def prepare(self, sites: Sequence[Bundle]) -> Beside:
        """What a report is held against besides the bundles, before anybody is asked for one.

        Raises UsageError for a place where no report can be, and for what cannot be read.
        """
        if not self.keep and (self.keep_last or self.keep_days):
            raise click.UsageError("--keep-last and --keep-days need --keep FOLDER")
        if self.signers and not (self.since or self.keep):
            raise click.UsageError("--signers needs --since or --keep")
        if self.output:
            _writable(self.output)
        if self.keep:
            _open(self.keep)
        if self.sign:
            self._may_sign(self.sign)
        return Beside(self._past(sites), *self._catalogue(sites))

    def _may_sign(self, key: Path) -> None:
        from verify.history.signing import beside, fingerprint

        if not self.output and not self.keep:
            raise click.UsageError("--sign needs --output or --keep")
        try:
            fingerprint(key)
        except ContractError as error:
            raise click.UsageError(f"--sign {_short(str(error))}") from None
        if self.output:
            if self.output.exists() and not self.output.is_file():
                raise click.UsageError(f"--sign: {self.output} is no file")
            _writable(beside(self.output))

    def _signature(self, content: bytes) -> bytes:
        from verify.history.signing import sign

        assert self.sign
        return sign(self.sign, content)

    def _past(self, sites: Sequence[Bundle]) -> Past:
        earlier = self.since or self.keep
        names = [one.site.site for one in sites]
        try:
            return _past(earlier, names, self.signers) if earlier else {}
        except ContractError as error:
            raise click.UsageError(f"--since {_short(str(error))}") from None

    def _catalogue(self, sites: Sequence[Bundle]) -> tuple[Catalogue | None, tuple[str, ...]]:
        if not self.controls:
            return None, ()
        from verify.controls import idle
        from verify.controls.reading import load

        try:
            catalogue = load(self.controls)
        except ContractError as error:
            lines = map(_short, str(error).split("\n"))
            raise click.UsageError("--controls " + "\n  ".join(lines)) from None
        return catalogue, idle(catalogue, sites)

    def write(self, sites: Sequence[Bundle], reports: Sequence[Report], beside: Beside) -> int:
        """All of it, with what has changed; the result is what the command ends with."""
        pairs = zip(sites, reports, strict=True)
        whole = [beside.of(report, bundle) for bundle, report in pairs]
        lost = [*self._keep(whole), *self._show(whole)]
        if lost:
            # after the report, which is all that there is now of this run
            raise click.UsageError("\n  ".join(lost))
        return code_of(self.form, whole)

    def _keep(self, reports: Sequence[Report]) -> Iterator[str]:
        """What goes wrong, if anything does."""
        from verify.history import folder

        for report in reports if self.keep else ():
            assert self.keep
            try:
                folder.keep(self.keep, report, self._signature if self.sign else None)
                folder.thin(self.keep, report, self.keep_last, self.keep_days)
            except (OSError, ContractError) as error:
                why = getattr(error, "strerror", "") or str(error)
                yield f"--keep {self.keep}: {_short(why)}"

    def _show(self, reports: Sequence[Report]) -> Iterator[str]:
        """The same of the report itself."""
        if self.output:
            yield from self._save(self.output, load_format(self.form).write(reports))
            click.echo(load_format("text").write(reports).splitlines()[-1], err=True)
        elif self.form == "text" and sys.stdout.isatty():
            _coloured(reports)
        else:
            click.echo(load_format(self.form).write(reports), nl=False)

    def _save(self, output: Path, text: str) -> Iterator[str]:
        from verify.history.signing import beside

        try:
            save(output, text.encode("utf-8"))
            if self.sign:
                save(beside(output), self._signature(text.encode("utf-8")))
        except OSError as error:
            raise click.UsageError(f"--output {output}: {error.strerror}") from None
        except ContractError as error:
            yield f"--sign {_short(str(error))}"


def _writable(output: Path) -> None:
    there = output.exists()
    try:
        with output.open("ab"):
            pass
    except OSError as error:
        raise click.UsageError(f"--output {output}: {error.strerror}") from None
    if not there:
        output.unlink()


def _open(folder: Path) -> None:
    """A folder that is made if need be; what is kept there is for whoever may look into it."""
    probe = folder / f".{os.getpid()}"
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise click.UsageError(f"--keep {folder}: {error.strerror}") from None


def _past(path: Path, sites: Sequence[str], signers: Path | None) -> Past:
    from verify.history import folder
    from verify.history.signing import checker

    check = checker(signers) if signers else folder.unchecked
    if path.is_dir():
        now = datetime.now(UTC)
        return {site: folder.last(path, site, check, now) for site in sites}
    reports = folder.load(path, check)
    return {site: ((folder.of_site(reports, site, path),), ()) for site in sites}


def _short(text: str) -> str:
    from verify.report import cut, printable

    return printable(cut(text, LONGEST))


def save(path: Path, content: bytes) -> None:
    """All of it or nothing: node_exporter and build servers read whenever they like."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    whole = path.resolve()
    part = whole.with_name(f".{whole.name}.{os.getpid()}")
    try:
        part.write_bytes(content)
        part.replace(whole)
    finally:
        part.unlink(missing_ok=True)


def _coloured(reports: Sequence[Report]) -> None:
    """On a terminal, in colours unless NO_COLOR is set (rich sees to that)."""
    from rich.console import Console

    from verify.reports.text import STYLES, lines

    console = Console(highlight=False, soft_wrap=True)
    for style, text in lines(reports):
        console.print(text, style=STYLES.get(style), markup=False, emoji=False)
