"""The site against its bundles: run with `pytest --pyargs verify.suite --stook-bundles DIR`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from verify.contract import Status, Verdict
from verify.report import printable


def about(*kinds: str) -> Callable[[Any], Any]:
    """Restrict a test to expectations of these kinds."""

    def mark(test: Any) -> Any:
        test.stook_kinds = kinds
        return test

    return mark


def test_expectation(verdict: Verdict) -> None:
    """The node is as the spec has it."""
    differences = [f"{d.what}: wanted {d.wanted}, found {d.found}" for d in verdict.differences]
    commands = [f"$ {line}" for command in verdict.commands for line in command.splitlines()]
    if verdict.status is not Status.PASS:
        lines = [f"{verdict.id} (spec: {verdict.spec})", *differences, *commands]
        pytest.fail("\n".join(map(printable, lines)), pytrace=False)


@about("package")
def test_package_as_testinfra_sees_it(verdict: Verdict, stook_host: Any) -> None:
    """A second opinion on the engine, by code that is not ours."""
    installed = stook_host.package(verdict.id.split("/", 2)[2]).is_installed
    assert installed is (verdict.status is Status.PASS)


@about("service")
def test_service_as_testinfra_sees_it(verdict: Verdict, stook_host: Any) -> None:
    """A unit that the engine calls right is one that testinfra finds and finds not masked."""
    service = stook_host.service(verdict.id.split("/", 2)[2])
    if verdict.status is Status.PASS:
        assert service.exists and not service.is_masked


@about("file")
def test_file_as_testinfra_sees_it(verdict: Verdict, stook_host: Any) -> None:
    """Where the engine finds the bundle's bytes testinfra finds the same digest."""
    path = "/" + verdict.id.split("/", 2)[2]
    if verdict.status is Status.PASS:
        observed = verdict.observed
        file = stook_host.file(path)
        assert (file.sha256sum, file.user) == (observed["sha256"], observed["owner"])
