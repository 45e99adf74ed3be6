"""What the web tier connects to under accounts that are not root's."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from generator.claims import Connection
from generator.components.web import layout as web
from generator.components.web.layout import Layout
from generator.language.findings import Path
from generator.planning.site import Node


def connections(node: Node, tier: Layout) -> Iterator[Connection]:
    """Varnish asks nginx, nginx PHP, and PHP the database; WordPress asks itself for its jobs."""
    php, own = tier.spec.php.listen, urlsplit(tier.spec.wordpress.url).port
    numbers: dict[Path, int] = {("web",): web.NGINX, ("web", "database"): tier.spec.database.port}
    if php != "socket":
        numbers["web", "php", "listen"] = php
    if own:
        numbers["web", "wordpress", "url"] = own
    for spec, number in numbers.items():
        yield Connection(node=node.name, spec=spec, role="web/wordpress", first=number, last=number)
