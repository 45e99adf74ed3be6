"""Which room may know of which: read off the imports, so that it cannot drift."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from generator import pipeline
from generator.claims import (
    TYPES,
    AgreedFile,
    AgreedMount,
    AgreedUnit,
    Claim,
    Connection,
    Disk,
    Egress,
    ImageUser,
    Inverse,
    Lasting,
    Log,
    MountOption,
    MountOrder,
    Occupied,
    Repository,
    SudoRule,
    TimeSource,
)
from generator.components import TABLE as COMPONENTS
from generator.rendering import compare
from generator.rendering.scripts import script

ROOT = Path(__file__).parents[2]
# Checked together with others of their kind: by mount and fstab, by the jails that read it, by
# fstab, by the files that a family writes, by time, and by what lists all that is of its kind. What
# is occupied is on no node: other components are refused by it.
ELSEWHERE = {
    AgreedFile,
    AgreedMount,
    AgreedUnit,
    Connection,
    Disk,
    Egress,
    ImageUser,
    Lasting,
    Log,
    MountOption,
    MountOrder,
    Occupied,
    Repository,
    SudoRule,
    TimeSource,
}


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

    names = ("contract", "forms", "plain", "scales", "serialization", "since")
    own = tuple(f"verify.{name}" for name in names)
    for module in own:
        for name in imports(ROOT / f"{module.replace('.', '/')}.py"):
            assert name.startswith(own) or name.split(".")[0] in sys.stdlib_module_names, name


def test_the_generator_knows_the_contract_the_wants_their_forms_and_pages_only() -> None:
    # its pages look like those of reports (docs/adr/0016-pages.md)
    names = ("contract", "forms", "kinds", "page", "serialization")
    known = tuple(f"verify.{name}" for name in names)
    for path in modules("generator"):
        for name in imports(path):
            if name.split(".")[0] == "verify":
                assert name.startswith(known) or name == "verify", f"{path}: {name}"


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
    assert folders == {entry.load().name for entry in COMPONENTS}


def test_the_table_says_of_each_component_what_it_is() -> None:
    for entry in COMPONENTS:
        component = entry.load()
        assert entry.module == f"generator.components.{component.name}"
        assert bool(entry.key) == (component.model is not None)
        assert {rule.id[0] for rule in component.rules} == set(entry.letters), entry.module


def loaded_by_check(spec: str, folder: Path) -> set[str]:
    """The components that a `stook check` of a spec has imported."""
    (folder / "site.yaml").write_text(spec)
    code = (
        "import sys; from generator.commands.cli import main\n"
        "try: main(['check', sys.argv[1]])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print(*sys.modules)"
    )
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    names = (name.split(".") for name in done.stdout.split())
    return {name[2] for name in names if name[:2] == ["generator", "components"] and name[2:]}


def test_a_check_imports_only_the_components_of_its_spec(tmp_path: Path) -> None:
    base = (ROOT / "tests/unit/architecture/base.yaml").read_text()
    assert loaded_by_check(base, tmp_path) == {"base", "firewall"}
    jail = "fail2ban: {jails: {s: {watch: sshd, maxretry: 5, findtime: 9m, bantime: 1h}}}\n"
    assert loaded_by_check(base + jail, tmp_path) == {"base", "firewall", "fail2ban"}
    waiver = "accept: [{rule: G112, where: nodes, reason: none, by: ops, until: 2099-01-01}]\n"
    assert loaded_by_check(base + waiver, tmp_path) == {"base", "firewall", "gluster", "web"}


def test_what_a_check_says_needs_no_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the JSON Schema was built")

    monkeypatch.setattr(BaseModel, "model_json_schema", refuse)
    base = (ROOT / "tests/unit/architecture/base.yaml").read_text()
    (tmp_path / "site.yaml").write_text(f"{base}glusterr: {{}}\n")
    (found,) = pipeline.run(tmp_path).findings
    assert (found.rule, found.help) == ("S101", "did you mean `gluster`?")


def test_every_type_of_claim_has_a_file_and_is_in_the_table() -> None:
    every = set(every_type())
    assert every == set(TYPES)
    for form in every:
        home = ROOT / f"{form.__module__.replace('.', '/')}.py"
        assert home.parent.name == "claims" and home.stem in snake(form.__name__), form


def every_type(form: type[Claim] = Claim) -> Iterator[type[Claim]]:
    """The types of claims of the product: those that somebody can make."""
    for one in form.__subclasses__():
        # a dataclass with slots is made twice, and the first one is nobody's
        if getattr(sys.modules[one.__module__], one.__name__, None) is one:
            if one.__module__.startswith("generator."):
                yield one
            yield from every_type(one)


def snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def test_every_claim_has_a_check() -> None:
    for form in every_type():
        brings = form.expectations is not Claim.expectations
        assert brings != (form in ELSEWHERE), form


def test_every_line_of_a_plan_is_a_verb_that_apply_knows_with_one_inverse() -> None:
    known = script("generator.rendering.node", "apply.sh", family="apt").decode()
    inverses: dict[str, Inverse] = {}
    for site in sorted((ROOT / "bundles").glob("*/site.yaml")):
        plan = pipeline.run(site).plan
        assert plan
        claims = [
            c for n in plan.site.nodes for t in plan.claims.types() for c in plan.claims.of(t, n)
        ]
        for line in (line for claim in claims for line in claim.plan_lines()):
            verb = line.fields[0]
            assert verb in known
            assert inverses.setdefault(verb, line.inverse) is line.inverse, verb
    assert inverses["file"] is inverses["block"] is Inverse.REMOVE
    assert inverses["user"] is Inverse.LOCK and inverses["unit"] is Inverse.STOP
    # what holds data, or what others may have come to need
    assert {inverses[verb] for verb in ("disk", "package")} == {Inverse.KEEP}
    # what `diff` and `plan` tell is what `apply` does, and it does something for each of them
    told = {verb: compare.INVERSES[noun] for verb, noun in compare.NOUNS.items()}
    silent = {"mountpoint": Inverse.UNSEAL}
    mine = {verb: one for verb, one in inverses.items() if one is not Inverse.KEEP}
    assert mine.items() <= (told | silent).items()
    taken = set(re.findall(r"^ *gone (\S+) take_", known, re.MULTILINE))
    assert set(told | silent) == taken
