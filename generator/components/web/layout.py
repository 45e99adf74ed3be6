"""What a `web:` part means, worked out once: who serves, from where, behind whom, with what.

Everything else in this component reads the layout, so that files, checks and facts agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from generator.claims import LogField, Watch
from generator.components.web.model import Web
from generator.planning.site import Node, Site

HTTP, NGINX, ADMIN = 80, 8080, 6082
PORTS = {"http_port": HTTP, "nginx_port": NGINX, "admin_port": ADMIN}
LOG = "/var/log/nginx/access.log"
DENY = "/etc/nginx/stook-denied.map"
HEALTH = "/stook-health"
SECRETS = "/etc/stook/secrets"
WATCHES = (
    Watch("wordpress-xmlrpc", "POST", "/xmlrpc.php"),
    # A right password is answered by a redirect, and so is all else that people do there and that
    # comes to an end. What the query says does not count: WordPress believes the body before it.
    Watch("wordpress-login", "POST", "/wp-login.php", ("1xx", "2xx", "4xx", "5xx")),
    Watch("wordpress-login-all", "POST", "/wp-login.php"),
)
# How nginx calls what stands in each place of a log line (ngx_http_log_module).
VARIABLES = {
    LogField.USER: "$logged_user",
    LogField.TIME: "$time_local",
    LogField.REQUEST: "$request",
    LogField.STATUS: "$status",
    LogField.BYTES: "$body_bytes_sent",
    LogField.REFERER: "$http_referer",
    LogField.AGENT: "$http_user_agent",
    LogField.FORWARDED: "$http_x_forwarded_for",
    LogField.CLIENT: "$remote_addr",
}
# What a form around an uploaded file may add to it.
FORM = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Layout:
    """The web tier. `elected` is the node that puts WordPress into the document root."""

    spec: Web
    nodes: tuple[str, ...]
    elected: str

    @property
    def root(self) -> str:
        return self.spec.wordpress.root

    @property
    def proxied(self) -> bool:
        return self.spec.edge.mode == "proxied"

    @property
    def terminated(self) -> bool:
        """Whether clients speak TLS with the load balancers."""
        return self.proxied and self.spec.edge.tls == "terminated"

    @property
    def proxies(self) -> tuple[str, ...]:
        return tuple(self.spec.edge.networks) if self.proxied else ()

    @property
    def host(self) -> str:
        """The name that requests are sent to."""
        return urlsplit(self.spec.wordpress.url).netloc

    @property
    def log(self) -> tuple[str | LogField, ...]:
        """A log line, client last: only nginx itself or Varnish has written the end of it."""
        last = LogField.CLIENT if self.proxied else LogField.FORWARDED
        return (
            *("- ", LogField.USER, " [", LogField.TIME, '] "', LogField.REQUEST, '" '),
            *(LogField.STATUS, " ", LogField.BYTES, ' "', LogField.REFERER, '" "'),
            *(LogField.AGENT, '" "', last, '"'),
        )

    def fastcgi(self, node: Node) -> str:
        """Where PHP listens on a node: the path of a socket, or `127.0.0.1:PORT`."""
        port = self.spec.php.listen
        return node.platform.paths["php-socket"] if port == "socket" else f"127.0.0.1:{port}"

    @property
    def database(self) -> str:
        """Host and port as WordPress's DB_HOST takes them."""
        database = self.spec.database
        host = f"[{database.host}]" if ":" in database.host else database.host
        return f"{host}:{database.port}"

    @property
    def body_size(self) -> int:
        """Bytes of the largest request."""
        return size(self.spec.php.upload_max) + FORM

    @property
    def settings(self) -> dict[str, str]:
        """Settings of PHP as `ini_get` returns them, sorted."""
        php = self.spec.php
        return dict(
            sorted(
                {
                    "cgi.fix_pathinfo": "0",
                    "display_errors": "0",
                    "expose_php": "0",
                    "log_errors": "1",
                    "max_execution_time": "60",
                    "memory_limit": php.memory_limit,
                    "opcache.enable": "1",
                    "opcache.interned_strings_buffer": "16",
                    "opcache.max_accelerated_files": "20000",
                    "opcache.memory_consumption": "192",
                    "opcache.revalidate_freq": str(php.revalidate),
                    "opcache.validate_timestamps": "1",
                    "post_max_size": str(self.body_size),
                    "realpath_cache_size": "4096K",
                    "realpath_cache_ttl": "600",
                    "session.save_handler": "files",
                    "session.save_path": "/var/lib/php/sessions",
                    "upload_max_filesize": php.upload_max,
                }.items()
            )
        )


def size(text: str) -> int:
    """Bytes of a size as PHP writes it: `64M`, `1G`."""
    return int(text[:-1]) * {"M": 1024**2, "G": 1024**3}[text[-1]]


def secret(name: str) -> str:
    """Where the file of a secret lies on a node."""
    return f"{SECRETS}/{name}"


def members(site: Site) -> tuple[str, ...]:
    """The nodes that the spec's selector names."""
    spec = site.spec.part(Web)
    return site.select(spec.nodes) if spec else ()


def resolve(site: Site) -> Layout | None:
    """The layout of a site's web part, or None where there is none."""
    spec = site.spec.part(Web)
    if spec is None:
        return None
    nodes = site.select(spec.nodes)
    return Layout(spec, nodes, nodes[0] if nodes else "")
