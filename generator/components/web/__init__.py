"""The web tier: Varnish, nginx, PHP-FPM and WordPress, with the database elsewhere."""

from generator.component import Component
from generator.components.web.claims import claim, settle
from generator.components.web.expectations import expect, facts
from generator.components.web.model import Web
from generator.components.web.predictions import predict
from generator.components.web.rules import RULES, check

WEB = Component(
    name="web",
    key="web",
    model=Web,
    rules=RULES,
    check=check,
    claim=claim,
    settle=settle,
    expect=expect,
    facts=facts,
    predict=predict,
)
