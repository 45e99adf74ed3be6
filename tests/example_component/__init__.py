"""An example of a component: kernel settings, as sysctl.d(5) has them."""

from generator.planning.component import Component
from tests.example_component.claims import claim
from tests.example_component.expectations import expect
from tests.example_component.layout import members, resolve
from tests.example_component.model import Sysctl
from tests.example_component.platform import Platform
from tests.example_component.rules import RULES, check

COMPONENT = Component(
    name="sysctl",
    model=Sysctl,
    resolve=resolve,
    platform=Platform,
    nodes=members,
    rules=RULES,
    check=check,
    claim=claim,
    expect=expect,
)
