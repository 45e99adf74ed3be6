"""The web tier: Varnish, nginx, PHP-FPM and WordPress, with the database elsewhere."""

from generator.components.web.claims import claim, settle
from generator.components.web.expectations import expect, external, facts
from generator.components.web.layout import members, resolve
from generator.components.web.model import Web
from generator.components.web.platform import Platform
from generator.components.web.predictions import predict
from generator.components.web.rules import RULES, check, review
from generator.components.web.run_book import run_book
from generator.planning.component import Component

COMPONENT = Component(
    name="web",
    resolve=resolve,
    platform=Platform,
    nodes=members,
    model=Web,
    rules=RULES,
    check=check,
    claim=claim,
    settle=settle,
    review=review,
    expect=expect,
    facts=facts,
    external=external,
    predict=predict,
    run_book=run_book,
)
