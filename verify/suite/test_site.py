"""The site against its bundles: run with `pytest --pyargs verify.suite --stook-bundles DIR`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from verify.contract import Status, Verdict
from verify.report import printable

T = TypeVar("T")


def about(*kinds: str) -> Callable[[Any], Any]:
    """Restrict a test to expectations of these kinds."""

    def mark(test: Any) -> Any:
        test.stook_kinds = kinds
        return test

    return mark


def answer(ask: Callable[[], T]) -> T:
    """What testinfra says; what it says instead of an answer comes from a node, too."""
    try:
        return ask()
    except Exception as error:
        said = printable(str(error))
        if "Permission denied" in said:
            pytest.skip(f"testinfra may not look there without --sudo: {said}")
        return pytest.fail(f"testinfra: {said}", pytrace=False)


def agree(what: str, engine: object, other: object) -> None:
    """Two opinions on one thing."""
    if engine != other:
        said = printable(f"{what}: the engine found {engine}, testinfra {other}")
        pytest.fail(said, pytrace=False)


def test_expectation(verdict: Verdict) -> None:
    """The node is as the spec has it."""
    differences = [f"{d.what}: wanted {d.wanted}, found {d.found}" for d in verdict.differences]
    commands = [f"$ {line}" for command in verdict.commands for line in command.splitlines()]
    if verdict.status is not Status.PASS:
        lines = [f"{verdict.id} (spec: {verdict.spec})", *differences, *commands]
        pytest.fail("\n".join(map(printable, lines)), pytrace=False)


@about("file")
def test_file_as_testinfra_sees_it(verdict: Verdict, stook_host: Any) -> None:
    """Where the engine finds the bundle's bytes testinfra finds the same digest."""
    path = "/" + verdict.id.split("/", 2)[2]
    if verdict.status is Status.PASS:
        file = stook_host.file(path)
        seen = (verdict.observed["sha256"], verdict.observed["owner"])
        agree(path, seen, answer(lambda: (file.sha256sum, file.user)))


@about("package")
def test_package_as_testinfra_sees_it(verdict: Verdict, stook_host: Any) -> None:
    """A second opinion on the engine, by code that is not ours."""
    name = verdict.id.split("/", 2)[2]
    installed = answer(lambda: stook_host.package(name).is_installed)
    agree(f"{name} is installed", verdict.status is Status.PASS, installed)


@about("service")
def test_service_as_testinfra_sees_it(verdict: Verdict, stook_host: Any) -> None:
    """A unit that the engine calls right is one that testinfra finds and finds not masked."""
    name = verdict.id.split("/", 2)[2]
    if verdict.status is Status.PASS:
        service = stook_host.service(name)
        there = answer(lambda: service.exists and not service.is_masked)
        agree(f"{name} is there and not masked", True, there)
