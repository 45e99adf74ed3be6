"""What the lab's machine is made of, where no machine is needed to tell."""

from __future__ import annotations

import struct

import yaml

from verify.lab.vm import clock, image
from verify.lab.vm.world import MAC, World


def test_the_clock_answers_the_question_that_was_asked() -> None:
    request = bytes([0x23, 0, 6]) + bytes(37) + b"question"
    reply = clock.answer(request, 0.5)
    assert len(reply) == 48
    assert reply[0] & 7 == 4, "mode: server"
    assert reply[24:32] == b"question"
    assert struct.unpack(">II", reply[40:48]) == (2_208_988_800, 2**31)


def test_the_network_of_the_machine_is_the_specs() -> None:
    network = yaml.safe_load(World("10.77.0.11", "10.77.0.254").network_config())
    card = network["ethernets"]["eth0"]
    assert card["match"] == {"macaddress": MAC}
    assert card["addresses"] == ["10.77.0.11/24"]
    assert card["routes"] == [{"to": "0.0.0.0/0", "via": "10.77.0.254"}]


def test_an_image_is_known_by_its_packages() -> None:
    assert image.digest(["a", "b"], "bookworm") == image.digest(["a", "b"], "bookworm")
    assert image.digest(["a", "b"], "bookworm") != image.digest(["a", "c"], "bookworm")
    assert image.digest(["a", "b"], "bookworm") != image.digest(["a", "b"], "trixie")
