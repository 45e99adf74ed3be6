"""The `web:` part of a spec: WordPress behind Varnish, nginx and PHP-FPM."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from generator.language import forms
from generator.language.spec import (
    HostName,
    Names,
    OneLine,
    Part,
    Port,
    SafePath,
    SecretRef,
    Text,
    like,
)


def _url(value: str) -> str:
    parts = urlsplit(value)
    if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", value) or not parts.hostname:
        raise ValueError(
            "must be `http://NAME` or `https://NAME`, without a path or a `/` at its end"
        )
    return value


def _network(value: str) -> str:
    try:
        return str(forms.network(value))
    except ValueError as error:
        raise ValueError(f"must be a network, such as 10.1.0.0/24: {error}") from None


def _database_host(value: object) -> object:
    name, colon, port = value.partition(":") if isinstance(value, str) else ("", "", "")
    if colon and ":" not in port:
        raise ValueError(f"has a port in it: write `host: {name}` and `port: {port}`")
    return value


DatabaseHost = Annotated[HostName, BeforeValidator(_database_host)]
Url = Annotated[Text, AfterValidator(_url)]
Network = Annotated[Text, AfterValidator(_network)]
Size = Annotated[Text, like(r"^[1-9][0-9]{0,4}[MG]$", "a size in M or G, such as `256M`")]
DatabaseName = Annotated[
    Text,
    like(r"^[A-Za-z0-9_$-]{1,64}$", "a name of letters, digits, `_`, `$` and `-`, 64 at the most"),
]
MailAddress = Annotated[OneLine, like(r"^[^\s@]+@[^\s@]+$", "a mail address: NAME@DOMAIN")]
LoginName = Annotated[
    Text,
    like(
        r"^[A-Za-z0-9_.@-]{1,60}$",
        "a login name: letters, digits, `_`, `.`, `@` and `-`, 60 at the most",
    ),
]


class Edge(Part):
    """What stands between the nodes and the world."""

    mode: Literal["direct", "proxied"] = "direct"
    """`direct`: clients reach the nodes themselves; `proxied`: load balancers do it for them."""
    networks: Annotated[list[Network], Field(max_length=64)] = Field(default_factory=list)
    """Networks of the load balancers; port 80 is open to them only, and their word is believed."""
    tls: Literal["terminated", "none"] = "none"
    """Whether the load balancers speak TLS with clients."""


class Tarball(Part):
    """A release of WordPress, as wordpress.org publishes it."""

    tarball: Annotated[
        OneLine, like(r"^https?://[^\s]+\.tar\.gz$", "an http or https address of a `.tar.gz`")
    ]
    """Where to fetch it."""
    sha256: Annotated[Text, like(r"^[0-9a-f]{64}$", "a SHA-256: 64 digits and letters a to f")]
    """Its SHA-256, in hex."""


class WordPressAdmin(Part):
    """The first account; with it, WordPress is installed into an empty database."""

    user: LoginName
    """Login name."""
    email: MailAddress
    """Mail address."""
    password: SecretRef = SecretRef(secret="wordpress-admin")
    """First password."""


class WordPress(Part):
    """The application."""

    root: SafePath
    """Directory of its files; on a mount that all web nodes share where there are several."""
    url: Url
    """Address that people use."""
    source: Literal["package"] | Tarball = "package"
    """The platform's own package, or a release."""
    salts: SecretRef = SecretRef(secret="wordpress-salts")
    """Any text; the keys and salts of WordPress are derived from it, the same on every node."""
    admin: WordPressAdmin | None = None
    """First account, where Stook is to install WordPress into an empty database."""


class Database(Part):
    """The database, which is elsewhere."""

    host: DatabaseHost
    """Name or address of the server."""
    port: Port = 3306
    """Its port."""
    name: DatabaseName
    """Name of the database."""
    user: DatabaseName
    """Name of the account."""
    password: SecretRef
    """Password of the account."""
    tls: Literal["off", "on"] = "off"
    """Whether the connection is encrypted, and the server's certificate checked."""


class Php(Part):
    """The few settings of PHP that a site has to choose."""

    memory_limit: Size = "256M"
    """Most memory that one request may use."""
    upload_max: Size = "64M"
    """Largest file that can be uploaded."""
    listen: Literal["socket"] | Port = "socket"
    """`socket`: one that the web server's account alone may open; or a port of the node itself."""
    children: Annotated[int, Field(ge=2, le=1000)] = 10
    """Most requests that PHP works on at once."""
    revalidate: Annotated[int, Field(ge=0, le=3600)] = 10
    """Seconds after which a changed file of PHP is noticed (`opcache.revalidate_freq`)."""


class Web(Part):
    """WordPress on the nodes that the selector names."""

    nodes: Names = Field(default_factory=list)
    """Nodes that serve; without it, all."""
    edge: Edge = Field(default_factory=Edge)
    """What stands in front."""
    wordpress: WordPress
    """The application."""
    database: Database
    """Its database."""
    php: Php = Field(default_factory=Php)
    """Settings of PHP."""
