"""Which room may know of which: read off the imports, so that it cannot drift."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from generator.claims import Claim
from generator.components import COMPONENTS
from generator.expect import ELSEWHERE, TABLE

ROOT = Path(__file__).parents[2]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(package: str) -> Iterator[Path]:
    yield from sorted((ROOT / package).rglob("*.py"))


def test_verification_never_imports_the_generator() -> None:
    for path in modules("verify"):
        assert not [name for name in imports(path) if name.split(".")[0] == "generator"], path


def test_the_contract_needs_only_the_standard_library() -> None:
    import sys

    for name in imports(ROOT / "verify/contract.py"):
        assert name.split(".")[0] in sys.stdlib_module_names, name


def test_the_generator_knows_the_contract_and_the_wants_only() -> None:
    for path in modules("generator"):
        for name in imports(path):
            if name.split(".")[0] == "verify":
                assert name.startswith(("verify.contract", "verify.kinds")) or name == "verify", (
                    f"{path}: {name}"
                )


def test_components_never_import_each_other() -> None:
    # expectations of one component name what another one claims, never its code
    for path in modules("generator/components"):
        own = path.relative_to(ROOT / "generator/components").parts[0]
        for name in imports(path):
            if name.startswith("generator.components.") and own != "__init__.py":
                assert name.split(".")[2] == own, f"{path}: {name}"


def test_only_bundle_writes() -> None:
    writers = ("write_text", "write_bytes", "os.replace", "mkdir(")
    for path in modules("generator"):
        text = path.read_text("utf-8")
        # a first spec, and the one file that must never be in a bundle, have writers of their own;
        # what runs on nodes never runs here
        if path.parent.name != "files" and path.name not in (
            "bundle.py",
            "scaffolding.py",
            "secrets.py",
        ):
            assert not [word for word in writers if word in text], path


def test_every_component_folder_is_in_the_table() -> None:
    folders = {p.parent.name for p in (ROOT / "generator/components").glob("*/__init__.py")}
    assert folders == {component.name for component in COMPONENTS}


def test_every_claim_has_a_check() -> None:
    from generator import claims

    forms = {
        form
        for form in vars(claims).values()
        if isinstance(form, type) and issubclass(form, Claim) and form is not Claim
    }
    # files and blocks get theirs where their bytes and lines are known
    assert forms == set(TABLE) | ELSEWHERE | {claims.File, claims.Block}
