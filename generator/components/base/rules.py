"""What can be wrong with the base parts of a spec beyond the sites's own consistency."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.components.base import armor, keys, mount_options, services
from generator.components.base.layout import Layout, image_account, image_user
from generator.language import forms
from generator.language.findings import Finding, Path, Rule, Severity
from generator.language.spec import ServicePort, ServiceSpec
from generator.planning.nodes import is_this_machine
from generator.planning.resolve import selector
from generator.planning.rules import BAD_BLOCK
from generator.planning.site import Site
from generator.platforms import families

UNSIGNED = Rule(
    "N131",
    "an unsigned repository",
    "Whoever can answer for that address can install anything on the nodes as root.",
    "give `key`, the signer's armored public key; `trusted: true` is for `file:` only",
    source="apt-secure(8)",
)
OUR_OPTION = Rule(
    "N132",
    "a mount option that belongs to us",
    "Boot order and the behaviour of an absent disk are decided by the mount's options; a "
    "second word on them makes one of the two win silently.",
    "leave out `nofail`, `noauto`, `_netdev`, `x-systemd.*` and `x-mount.*`",
    source="systemd.mount(5)",
)
CIRCULAR_TIME = Rule(
    "N133",
    "a time server that is a node",
    "Nodes that follow each other agree on a wrong time.",
    "name servers outside the site",
    Severity.WARNING,
    source="chrony.conf(5)",
)
BAD_OPTION = Rule(
    "N134",
    "a mount option that cannot be written",
    "fstab separates fields by blanks and options by commas.",
    "give one option per item, without blanks or commas",
    source="fstab(5)",
)
IMAGE_USER = Rule(
    "N135",
    "an account of the image that the spec does not speak of",
    "The image's cloud-init makes an account that is root by sudo without a password, for whoever "
    "has the key that the provider was given. What is nobody's in the spec is beyond it.",
    "give `access: {image_user: remove}`, which closes it, or `keep`",
    Severity.WARNING,
    source="cloud-init: default_user; TRAPS H23",
)
OPEN_SSH = Rule(
    "N136",
    "ssh that is open to everybody",
    "Whatever sshd's next hole will be, everybody can try it, and the logs are full of strangers. "
    "One person without `from` opens it for all.",
    "give `from` with the networks that the person comes from",
    Severity.WARNING,
    source="TRAPS F17",
)
BAD_KEY = Rule(
    "N137",
    "a public key that is none",
    "sshd passes over a line that it cannot read without a word, and the person does not get in.",
    "copy the whole line of the .pub file once more",
    source="RFC 4253 section 6.6, RFC 8709, RFC 5656; openssh PROTOCOL.u2f",
)
EXAMPLE_KEY = Rule(
    "N138",
    "the example's key",
    "Nobody has its private half, so nobody gets in.",
    "replace it by the line of your own .pub file",
)
NO_EFFECT = Rule(
    "N139",
    "a word on the image's account that has no effect",
    "What is said of an account that is not there, or that is an admin's, is done by nobody: an "
    "admin has the keys, groups and rights of `admins` and nothing of what the image gave it.",
    "leave `access.image_user` out, or call the admin otherwise",
    Severity.WARNING,
    source="cloud-init: default_user",
)
DELIVERY = Rule(
    "N140",
    "a delivery of secrets that is half said",
    "Where secrets are to be fetched by a command and there is none, every unit that needs one "
    "waits for ever; a command beside `copy` is never run.",
    "give `command` with `delivery: command`, and only then",
)
BAD_ARMOR = Rule(
    "N141",
    "a signer's key that is none",
    "A package manager that cannot read the key refuses the whole repository, on every node and at "
    "every run.",
    "copy the whole armored block once more, from BEGIN PGP PUBLIC KEY BLOCK to END",
    source="RFC 9580 section 6",
)
REFUSED_OPTION = Rule(
    "N145",
    "a mount option that the file system does not take",
    "The kernel refuses the whole mount, at every boot; the data is there, and nobody sees it.",
    "leave it out, or write it as the manual of the file system has it",
    source="mount(8), xfs(5), ext4(5); fsconfig(2) of Linux 6.18, asked for each",
)
NOT_LOCAL = Rule(
    "N148",
    "a local address that the node does not have",
    "Nothing can listen there, and the check that something does is red for ever.",
    "write `*`, `0.0.0.0`, `[::]`, `127.0.0.1`, `[::1]` or an address of each node that has the "
    "service, IPv6 in brackets",
    source="ss(8)",
)
SUITES = Rule(
    "N149",
    "a suite and components that do not fit",
    "A suite is divided into components, and a flat repository, whose path ends in `/`, has none; "
    "the package manager refuses all of its sources for one line that is otherwise.",
    "give `components: [main]` with a suite's name, and none with a path that ends in `/`",
    source="sources.list(5)",
)
LOGIN = Rule(
    "N155",
    "a password in an address",
    "A spec is read by many, and so is what it becomes: the bundle, and on the node a list of "
    "sources that every account can read. Secrets never stand in either.",
    "write the address without it, and keep the login where the package manager looks for one, "
    "readable by root only; Stook does not bring it there",
)
RULES = (
    UNSIGNED,
    OUR_OPTION,
    CIRCULAR_TIME,
    BAD_OPTION,
    IMAGE_USER,
    OPEN_SSH,
    BAD_KEY,
    EXAMPLE_KEY,
    NO_EFFECT,
    DELIVERY,
    BAD_ARMOR,
    REFUSED_OPTION,
    NOT_LOCAL,
    SUITES,
    LOGIN,
    *services.RULES,
)

# Local addresses that every machine has.
_ANYWHERE = re.compile(r"\*|0\.0\.0\.0|\[::\]|\[::1\]|127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}")
_OURS = ("nofail", "noauto", "auto", "_netdev", "x-systemd.", "x-mount.", "X-mount.")


def check(site: Site, part: Layout) -> Iterator[Finding]:
    """Everything about repositories, services, disks and time servers."""
    yield from _repositories(site)
    yield from _secrets(site)
    yield from _services(site)
    yield from services.check(site)
    yield from _options(site)
    yield from _time(site)
    yield from _image_users(site)
    yield from _people(site)


def _repositories(site: Site) -> Iterator[Finding]:
    for name, item in site.spec.repositories.items():
        local = item.uri.startswith("file:")
        if not item.key and not (item.trusted and local):
            yield UNSIGNED.at(("repositories", name), f"repository `{name}` has no key")
        for family in sorted({node.platform.family for node in site.nodes.values()}):
            if why := families.load(family).refuses(item.suites, item.components):
                yield SUITES.at(("repositories", name, "suites"), why)
            if forms.has_login(item.uri):
                message = f"the address of `{name}` has a login in it"
                yield LOGIN.at(("repositories", name, "uri"), message, _login(family))
        if item.key and (problem := armor.wrong(item.key)):
            yield BAD_ARMOR.at(("repositories", name, "key"), f"the key of `{name}` {problem}")


def _login(family: str) -> str:
    place = families.load(family).LOGIN
    return (
        f"write the address without it, and put the login into {place}, before `apply` runs: by "
        "hand or with the image, for Stook does not bring it"
    )


def _secrets(site: Site) -> Iterator[Finding]:
    how = site.spec.secrets
    if forms.has_login(site.spec.fetch or ""):
        way = "serve the folder without one: no bundle holds a secret, and nodes go by its digest"
        yield LOGIN.at(("fetch",), "the address of the bundles has a login in it", way)
    if how.delivery == "command" and not how.command:
        yield DELIVERY.at(("secrets", "delivery"), "there is no `command` that fetches them")
    if how.delivery == "copy" and how.command:
        yield DELIVERY.at(("secrets", "command"), "`delivery` is copy, so that nothing runs it")


def _services(site: Site) -> Iterator[Finding]:
    for name, item in site.spec.services.items():
        path = ("services", name)
        yield from selector(site, item.nodes, (*path, "nodes"))
        for index, port in enumerate(item.ports):
            yield from _local(site, item, port, (*path, "ports", index, "addresses"))
            for block in port.from_ or ():
                if block in site.networks:
                    continue
                try:
                    forms.network(block)
                except ValueError as error:
                    yield BAD_BLOCK.at((*path, "ports", index, "from"), str(error))


def _local(site: Site, item: ServiceSpec, port: ServicePort, path: Path) -> Iterator[Finding]:
    """Local addresses that one of the service's nodes has not."""
    for name in site.select(item.nodes):
        known = site.nodes[name].addresses.values()
        own = {f"[{one}]" if ":" in one else one for one in known}
        strange = [one for one in port.addresses if one not in own and not _ANYWHERE.fullmatch(one)]
        for one in strange:
            yield NOT_LOCAL.at(path, f"`{one}` is no address of `{name}`, as `ss` shows them")
        if strange:
            return


def _options(site: Site) -> Iterator[Finding]:
    for name, item in site.spec.disks.items():
        for index, option in enumerate(item.options):
            where = ("disks", name, "options", index)
            if option.startswith(_OURS):
                yield OUR_OPTION.at(where, f"`{option}` is set by Stook")
            elif "," in option or " " in option:
                yield BAD_OPTION.at(where, f"`{option}` is not one option")
            elif not mount_options.takes(item.filesystem, option):
                message = f"{item.filesystem} does not take `{option}`"
                yield REFUSED_OPTION.at(where, message)


def _time(site: Site) -> Iterator[Finding]:
    known = {
        called: f"the node `{node.name}`"
        for node in site.nodes.values()
        for called in (node.name, *node.aliases, *node.addresses.values())
    }
    for index, server in enumerate(site.spec.time.servers if site.spec.time else ()):
        whose = "each node itself" if is_this_machine(server) else known.get(server)
        if whose:
            yield CIRCULAR_TIME.at(("time", "servers", index), f"`{server}` is {whose}")


def _image_users(site: Site) -> Iterator[Finding]:
    names = {image_user(site, node) for node in site.nodes.values()} - {""}
    if names and site.spec.access.image_user is None:
        listed = ", ".join(f"`{name}`" for name in sorted(names))
        yield IMAGE_USER.at((), f"nothing is said of {listed}, which comes with the image")
    if not names and site.spec.access.image_user:
        theirs = {image_account(site, node) for node in site.nodes.values()} - {""}
        why = f"`{min(theirs)}` is an admin" if theirs else "no image of these brings an account"
        yield NO_EFFECT.at(("access", "image_user"), why)


def _people(site: Site) -> Iterator[Finding]:
    blocks = [block for admin in site.spec.admins.values() for block in admin.from_ or ()]
    if not any(block.endswith("/0") for block in blocks):
        for version in forms.everybody(map(forms.network, blocks)):
            yield OPEN_SSH.at(
                ("admins",), f"together, all `from` are all of IPv{version}", key=True
            )
    for name, admin in site.spec.admins.items():
        if admin.from_ is None:
            yield OPEN_SSH.at(("admins", name), f"`{name}` may come from everywhere", key=True)
        for index, block in enumerate(admin.from_ or ()):
            if block.endswith("/0"):
                yield OPEN_SSH.at(("admins", name, "from", index), f"`{block}` is everybody")
        for index, key in enumerate(admin.ssh_keys):
            where, words = ("admins", name, "ssh_keys", index), key.split()
            if words[1] == keys.EXAMPLE:
                yield EXAMPLE_KEY.at(where, f"the key of `{name}` is the example's")
            elif problem := keys.wrong(words[0], words[1]):
                way = keys.NEW_KEY if problem == keys.SHORT else ""
                yield BAD_KEY.at(where, f"the key of `{name}` {problem}", way)
