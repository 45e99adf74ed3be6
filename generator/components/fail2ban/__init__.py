"""fail2ban: whoever attacks is shut out, by filters that are made from the log's own format."""

from generator.components.fail2ban import validation
from generator.components.fail2ban.claims import claim, settle
from generator.components.fail2ban.expectations import expect, shared
from generator.components.fail2ban.jails import facts, members, resolve
from generator.components.fail2ban.model import Fail2ban
from generator.components.fail2ban.platform import Platform
from generator.components.fail2ban.rules import RULES, check, review
from generator.planning.component import Component

COMPONENT = Component(
    name="fail2ban",
    resolve=resolve,
    platform=Platform,
    nodes=members,
    model=Fail2ban,
    rules=(*RULES, *validation.RULES),
    check=check,
    claim=claim,
    settle=settle,
    review=review,
    validate=validation.validate,
    expect=expect,
    shared=shared,
    facts=facts,
)
