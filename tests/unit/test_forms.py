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
        (["::/0", "10.0.0.0/8"], (6,)),
        ([], ()),
    ],
)
def test_networks_that_are_everybody_together(texts: list[str], versions: tuple[int, ...]) -> None:
    assert forms.everybody(map(ipaddress.ip_network, texts)) == versions
