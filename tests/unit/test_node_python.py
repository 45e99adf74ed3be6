"""Python that runs on nodes: one file, the standard library, the oldest python3 of a platform."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest

from generator.rendering.scripts import script
from tests.unit.test_architecture import imports

ROOT = Path(__file__).parents[2]
# Debian 12 has 3.11; Enterprise Linux 9, the oldest release that is maintained, has 3.9
OLDEST = (3, 9)
GLUSTER = "generator.components.gluster"
SCRIPTS = {
    "fetch": ("generator.rendering.node", "fetch"),
    "gluster-form": (GLUSTER, "files", "form.py"),
    "gluster-keep": (GLUSTER, "files", "keep.py"),
    "gluster-restart": (GLUSTER, "files", "restart.py"),
}


def tree(name: str) -> ast.Module:
    return ast.parse(script(*SCRIPTS[name]), feature_version=OLDEST)


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_needs_the_standard_library_only(name: str) -> None:
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        else:
            continue
        assert {module.split(".")[0] for module in modules} <= sys.stdlib_module_names


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_name_is_given_twice(name: str) -> None:
    names = Counter(
        node.name for node in tree(name).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    )
    names.update(
        target.id
        for node in tree(name).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    )
    assert [given for given, times in names.items() if times > 1] == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_comments_and_head_are_there(name: str) -> None:
    text = script(*SCRIPTS[name]).decode()
    assert text.startswith(("#!/usr/bin/python3\n", "#!/usr/bin/python3 -I\n"))
    assert (ast.get_docstring(tree(name)) or "").startswith(f"{name}: ")
    package, *path = SCRIPTS[name]
    source = resources.files(package).joinpath(*path).read_text("utf-8")
    comments = [line for line in source.splitlines() if line.strip().startswith("#")]
    assert [line for line in comments if line not in text.splitlines()] == []


def test_the_modules_stand_in_the_order_of_their_use() -> None:
    text = script(*SCRIPTS["gluster-form"]).decode()
    sections = [line.split()[-1] for line in text.splitlines() if line.startswith("# ------")]
    assert sections == ["node", "cluster", "plan", "recipes", "main"]


def test_the_generator_takes_them_as_text() -> None:
    for path in (ROOT / "generator").rglob("*.py"):
        if path.parent.name != "files":
            assert not [name for name in imports(path) if ".files." in name], path
