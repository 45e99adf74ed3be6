"""GlusterFS: a trusted pool, its volumes and their mounts, formed from nothing but the bundles."""

from generator.components.gluster import trust
from generator.components.gluster.checks import check
from generator.components.gluster.claims import claim
from generator.components.gluster.copies import copies
from generator.components.gluster.expectations import expect, facts
from generator.components.gluster.layout import concerned, resolve
from generator.components.gluster.model import Gluster
from generator.components.gluster.platform import Platform
from generator.components.gluster.predictions import predict
from generator.components.gluster.rules import RULES
from generator.components.gluster.run_book import remarks, run_book
from generator.planning.component import Component

COMPONENT = Component(
    name="gluster",
    resolve=resolve,
    platform=Platform,
    nodes=concerned,
    model=Gluster,
    rules=(*RULES, *trust.RULES),
    check=check,
    claim=claim,
    expect=expect,
    facts=facts,
    predict=predict,
    copies=copies,
    run_book=run_book,
    remarks=remarks,
)
