"""Nobody of a spec has the name of an account or a group that a package of the platform makes."""

from __future__ import annotations

import pytest

from generator import platforms
from generator.language import source
from generator.language.decode import decode, digest
from generator.planning.resolve import resolve

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L"
SPEC = """\
stook: 1
site: shop
identity: 6f1c0f5e-6c1b-4b0e-9d57-0c9a6b7f2d11
networks: {internal: [10.77.0.0/24]}
nodes: {n1: {address: 10.77.0.11}}
"""


def refused(names: list[str], platform: str = "debian-12") -> set[object]:
    people = "".join(f"  {name}: {{ssh_keys: [{KEY}]}}\n" for name in names)
    read = source.parse("site.yaml", f"{SPEC}platform: {platform}\nadmins:\n{people}".encode())
    spec, found = decode(read)
    assert spec, found
    _, found = resolve(spec, digest(read))
    return {one.path[-1] for one in found if one.rule == "N115"}


@pytest.mark.parametrize("platform", platforms.names())
def test_what_the_packages_of_a_platform_make_is_refused(platform: str) -> None:
    made = [name for names in platforms.load(platform).accounts.values() for name in names]
    assert "varnishlog" in made and "sgx" in made
    assert refused([*made, "ops"], platform) == set(made)


def test_the_platforms_data_alone_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    own = platforms.load("debian-12").model_copy(update={"accounts": {"brewery": ["brewer"]}})
    monkeypatch.setattr(platforms, "load", lambda *_: own)
    assert refused(["brewer", "baker"]) == {"brewer"}
