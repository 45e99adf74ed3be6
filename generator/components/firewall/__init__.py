"""Which ports are open to whom: a zone for peers and one for everybody else.

firewalld or nftables has them in the kernel, whichever the platform takes.
"""

from generator.components.firewall.claims import claim, settle
from generator.components.firewall.expectations import expect, shared
from generator.components.firewall.layout import resolve
from generator.components.firewall.model import Firewall
from generator.components.firewall.platform import Platform
from generator.components.firewall.remarks import remarks
from generator.components.firewall.rules import RULES, check
from generator.planning.component import Component

COMPONENT = Component(
    name="firewall",
    resolve=resolve,
    platform=Platform,
    model=Firewall,
    rules=RULES,
    check=check,
    claim=claim,
    settle=settle,
    expect=expect,
    shared=shared,
    remarks=remarks,
)
