"""The database of a lab: a server of its own, because a site's database is no part of the site.

It is made from what the site says of it, and holds what was written until the lab is down.
"""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import Self

from verify.contract import ExternalService
from verify.lab.errors import LabError

SQL = "/etc/mysql/lab.sql"
KEY, CERTIFICATE = "/etc/mysql/lab.key", "/etc/mysql/lab.crt"
# It answers only when `SQL` has been worked off.
READY = ("mariadb-admin", "--silent", "ping")


@dataclass(frozen=True, slots=True)
class Database:
    """What the nodes expect to find: `secret` names the one that holds the user's password."""

    host: str
    port: int
    name: str
    user: str
    secret: str
    tls: bool

    @classmethod
    def of(cls, service: ExternalService) -> Self:
        """From what a site says of its database. Raises `LabError` for one that it cannot be."""
        try:
            (host,), settings = service.hosts, service.settings
            name, user, secret = (settings[key] for key in ("name", "user", "password"))
        except (LookupError, ValueError):
            raise LabError(
                f"the lab cannot stand in for {service.name}: it has to have one host, a name, a "
                "user and a password"
            ) from None
        return cls(host, service.port, name, user, secret, settings.get("tls") == "on")


def statements(database: Database, password: str) -> str:
    """SQL that makes the database and its user at each start, one statement per line."""
    name, user = _identifier(database.name), f"{_text(database.user)}@'%'"
    transport = "SSL" if database.tls else "NONE"
    return (
        f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4;\n"
        f"CREATE OR REPLACE USER {user} IDENTIFIED BY {_text(password)} REQUIRE {transport};\n"
        f"GRANT ALL PRIVILEGES ON {name}.* TO {user};\n"
    )


def command(database: Database) -> tuple[str, ...]:
    """Lines of shell that become the server, in an image with Debian's packages of it."""
    options = ["--user=mysql", "--bind-address=*", f"--port={database.port}"]
    options += [f"--init-file={SQL}", "--skip-name-resolve"]
    files = [SQL]
    certificate: tuple[str, ...] = ()
    if database.tls:
        options += [f"--ssl-cert={CERTIFICATE}", f"--ssl-key={KEY}"]
        files += [KEY, CERTIFICATE]
        certificate = (f"[ -s {CERTIFICATE} ] || {_certify(database.host)}",)
    return (
        *certificate,
        f"chown mysql: {' '.join(files)}",
        "install -d -o mysql /run/mysqld",
        f"exec mariadbd {' '.join(map(quote, options))}",
    )


def _certify(host: str) -> str:
    words = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec"]
    words += ["-pkeyopt", "ec_paramgen_curve:P-256", "-days", "3650", "-subj", "/CN=database"]
    words += ["-addext", f"subjectAltName=DNS:{host}", "-keyout", KEY, "-out", CERTIFICATE]
    return " ".join(map(quote, words))


def _identifier(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
