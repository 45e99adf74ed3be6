"""Ceph: monitors, managers, OSDs and pools, formed from nothing but the bundles and their keys."""

from generator.components.ceph import clients, coded, settings, validation
from generator.components.ceph.cephadm import files
from generator.components.ceph.checks import check, review
from generator.components.ceph.claims import claim
from generator.components.ceph.copies import copies
from generator.components.ceph.expectations import expect
from generator.components.ceph.facts import facts
from generator.components.ceph.layout import members, resolve
from generator.components.ceph.model import Ceph
from generator.components.ceph.platform import Platform
from generator.components.ceph.predictions import predict, status_messages
from generator.components.ceph.rules import RULES
from generator.components.ceph.run_book import run_book
from generator.planning.component import Component

COMPONENT = Component(
    name="ceph",
    resolve=resolve,
    platform=Platform,
    nodes=members,
    model=Ceph,
    rules=(*RULES, *settings.RULES, *clients.RULES, *coded.RULES, *validation.RULES),
    check=check,
    review=review,
    claim=claim,
    expect=expect,
    facts=facts,
    extras=files,
    predict=predict,
    status_messages=status_messages,
    copies=copies,
    validate=validation.validate,
    run_book=run_book,
)
