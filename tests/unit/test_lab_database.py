"""A lab's database is what the site says of it, and its secrets are told to nobody else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from verify.contract import ExternalService
from verify.lab import secrets
from verify.lab.database import Database, command, statements
from verify.lab.errors import LabError

HOSTS = ("wp.example.internal",)
SETTINGS = {"name": "shop`x", "user": "o'ne", "password": "db-password", "tls": "off"}


def database(hosts: tuple[str, ...] = HOSTS, **changes: str) -> Database:
    service = ExternalService("web.database", "mysql", hosts, 3307, SETTINGS | changes)
    return Database.of(service)


def test_tls_is_on_where_the_site_says_so() -> None:
    assert {value: database(tls=value).tls for value in ("on", "off")} == {"on": True, "off": False}


def test_a_database_that_a_lab_cannot_be_is_refused() -> None:
    with pytest.raises(LabError, match=r"web\.database"):
        database((*HOSTS, "another.example.internal"))
    with pytest.raises(LabError, match="a user"):
        Database.of(ExternalService("web.database", "mysql", HOSTS, 3306, {"name": "a"}))


def test_names_and_password_are_quoted_as_sql_wants_it() -> None:
    assert statements(database(), "a\\b'c").splitlines() == [
        "CREATE DATABASE IF NOT EXISTS `shop``x` CHARACTER SET utf8mb4;",
        r"CREATE OR REPLACE USER 'o''ne'@'%' IDENTIFIED BY 'a\\b''c' REQUIRE NONE;",
        "GRANT ALL PRIVILEGES ON `shop``x`.* TO 'o''ne'@'%';",
    ]


def test_a_database_with_tls_takes_nobody_without() -> None:
    assert "REQUIRE SSL;" in statements(database(tls="on"), "x")
    lines = command(database(tls="on"))
    assert lines[0].startswith("[ -s /etc/mysql/lab.crt ] || openssl req")
    assert "DNS:wp.example.internal" in lines[0]
    assert "--ssl-key=/etc/mysql/lab.key" in lines[-1]


def test_the_server_listens_on_the_port_of_the_spec_and_becomes_the_first_process() -> None:
    last = command(database())[-1]
    assert last.startswith("exec mariadbd ")
    assert "--port=3307" in last and "ssl" not in last


def test_secrets_are_random_and_private(tmp_path: Path) -> None:
    vault = tmp_path / "state" / "secrets"
    secrets.make(vault, {"a": "text", "b": "cephx"})
    values = secrets.read(vault, ["b", "a"])
    assert list(values) == ["b", "a"]
    assert len(set(values.values())) == 2 and min(map(len, values.values())) >= 32
    assert secrets.read(vault, ["a"]) == {"a": values["a"]}
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (vault, vault / "a")]
    assert modes == [0o700, 0o600]
    with pytest.raises(LabError, match="stook lab up"):
        secrets.read(vault, ["c"])
