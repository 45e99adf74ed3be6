"""The components, in the order in which their claims are made. Adding one adds a line here."""

from generator.component import Component
from generator.components.base import BASE
from generator.components.ceph import CEPH
from generator.components.fail2ban import FAIL2BAN
from generator.components.firewall import FIREWALL
from generator.components.gluster import GLUSTER
from generator.components.web import WEB

COMPONENTS: tuple[Component, ...] = (BASE, FIREWALL, GLUSTER, WEB, FAIL2BAN, CEPH)
