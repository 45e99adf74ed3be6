"""Which ports are open to whom, with firewalld: a zone for peers and one for everybody else."""

from generator.component import Component
from generator.components.firewall.claims import claim, settle
from generator.components.firewall.expectations import expect, shared

FIREWALL = Component(name="firewall", claim=claim, settle=settle, expect=expect, shared=shared)
