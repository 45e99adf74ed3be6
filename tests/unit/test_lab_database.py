"""A lab's database is what the site's facts say, and its secrets are told to nobody else."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from verify.lab import secrets
from verify.lab.database import Database, command, statements
from verify.lab.errors import LabError

FACTS = {
    "host": "wp.example.internal",
    "port": 3307,
    "name": "shop`x",
    "user": "o'ne",
    "password": "db-password",
    "tls": "off",
}


def database(**changes: Any) -> Database:
    return Database.read(FACTS | changes)


def test_tls_is_on_where_the_facts_say_so() -> None:
    said = {value: database(tls=value).tls for value in ("on", "off", True, False)}
    assert said == {"on": True, "off": False, True: True, False: False}


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
