"""The one form that addresses and networks of a spec have."""

from __future__ import annotations

import ipaddress

import pytest

from generator.language import forms


@pytest.mark.parametrize("text", ["10.0.0.0/8", "192.0.2.1", "::/0", "2001:db8::/32", "fe80::1"])
def test_what_packets_come_from_is_taken(text: str) -> None:
    assert forms.network(text) == ipaddress.ip_network(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("fe80::1%eth0", "zone id"),
        ("::ffff:10.0.0.0/104", "IPv4 written as IPv6"),
        ("::ffff:10.0.0.1", "IPv4 written as IPv6"),
        ("224.0.0.0/4", "multicast"),
        ("ff02::1", "multicast"),
        ("0.0.0.0", "no machine's"),
        ("0.1.0.0/16", "no machine's"),
        ("255.255.255.255", "no machine's"),
        ("::", "no machine's"),
        ("10.0.0.1/8", "the network is 10.0.0.0/8"),
        ("example.com", r"no network \(10.*no address"),
        ("10.0.0.010", "zero in front"),
    ],
)
def test_what_no_packet_comes_from_is_not(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        forms.network(text)


@pytest.mark.parametrize(
    ("texts", "versions"),
    [
        (["0.0.0.0/1", "128.0.0.0/1"], (4,)),
        (["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3", "224.0.0.0/3"], (4,)),
        (["0.0.0.0/1", "128.0.0.0/2"], ()),
        (["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"], (4,)),
        (["::/0", "10.0.0.0/8"], (6,)),
        (["2000::/3"], (6,)),
        (["2000::/4", "8000::/1"], ()),
        ([], ()),
    ],
)
def test_networks_that_are_everybody_together(texts: list[str], versions: tuple[int, ...]) -> None:
    assert forms.everybody(map(ipaddress.ip_network, texts)) == versions


@pytest.mark.parametrize(
    "text", ["db", "db.example", "10.0.0.1", "2001:db8::1", "1a.example", "127.0.0.1", "::1"]
)
def test_a_host_is_a_name_or_an_address(text: str) -> None:
    assert forms.host(text) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("db.example:3307", "has a port in it: write `db.example`"),
        ("10.0.0.1:3307", "has a port in it"),
        ("10.77", "is no address"),
        ("10.0.0.256", "is no address"),
        ("a:b:c", "is no address"),
        ("x..y", "labels"),
        ("-x", "labels"),
        ("x-.y", "labels"),
        (f"{'x' * 64}.y", "labels"),
        ("fe80::1", "another machine on each link"),
        ("224.0.0.1", "multicast"),
        ("0.0.0.0", "no machine's"),
    ],
)
def test_a_host_is_nothing_else(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        forms.host(text)


@pytest.mark.parametrize("text", ["a\x85b", "a\u2028b", "a\u2029", "a\x9b", "a\tb", "a\nb", "\x00"])
def test_a_line_ends_for_no_reader(text: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        forms.single_line(text)


def test_nobody_comes_from_a_machine_itself_or_over_a_family_that_is_not_there() -> None:
    block = ipaddress.ip_network
    assert "itself" in forms.nobody_from(block("127.0.0.0/8"), {4, 6})
    assert "itself" in forms.nobody_from(block("::1"), {4, 6})
    assert "IPv6" in forms.nobody_from(block("2001:db8::/32"), {4})
    assert not forms.nobody_from(block("2001:db8::/32"), {4, 6})
    assert not forms.nobody_from(block("126.0.0.0/8"), {4})
