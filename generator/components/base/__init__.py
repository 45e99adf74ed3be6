"""What every node has: names, people, time, packages, disks and mounts."""

from generator.components.base.claims import claim, settle
from generator.components.base.expectations import expect, external, shared
from generator.components.base.layout import resolve
from generator.components.base.platform import Platform
from generator.components.base.rules import RULES, check
from generator.components.base.services import review
from generator.planning.component import Component

COMPONENT = Component(
    name="base",
    resolve=resolve,
    platform=Platform,
    rules=RULES,
    check=check,
    claim=claim,
    settle=settle,
    review=review,
    expect=expect,
    shared=shared,
    external=external,
)
