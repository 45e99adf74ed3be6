"""What every node has: names, people, time, packages, disks and mounts."""

from generator.component import Component
from generator.components.base.claims import claim, settle
from generator.components.base.expectations import expect, shared
from generator.components.base.rules import RULES, check

BASE = Component(
    name="base",
    rules=RULES,
    check=check,
    claim=claim,
    settle=settle,
    expect=expect,
    shared=shared,
)
