"""What can be wrong with jails that count answers by their status."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.fail2ban import filters
from generator.components.fail2ban.jails import Jail
from generator.components.fail2ban.model import Watched
from generator.language.findings import Finding, Path, Rule, Severity

VISITORS = Rule(
    "F115",
    "answers that everybody gets",
    "Where any request counts, a status of 1xx to 3xx is what each visitor of a page gets, and one "
    "of 5xx what all of them get when the server is in trouble: the jail shuts out the visitors.",
    "count statuses of 4xx, or write the `request` that counts",
)
FED = Rule(
    "F116",
    "a ban that feeds itself",
    "Behind a load balancer the server answers 403 to whoever is banned. A jail that counts these "
    "answers bans anew who only goes on asking, for this jail's reasons or for another's.",
    "leave 403 out: name the statuses that count one by one",
    Severity.WARNING,
)
RULES = (VISITORS, FED)
REFUSED = "403"


def check(watch: Watched, path: Path) -> Iterator[Finding]:
    """Where any request counts; `path` is the watch's."""
    for index, status in enumerate(watch.statuses):
        if watch.any_request and not status.startswith("4"):
            message = f"`{status}` is no answer that only attackers get"
            yield VISITORS.at((*path, "statuses", index), message)


def fed(jail: Jail, path: Path) -> Iterator[Finding]:
    """Where the server itself refuses; `path` is the watch's."""
    for index, status in enumerate(jail.spec.watch.statuses):
        if jail.deny and filters.counts((status,), REFUSED):
            message = f"`{status}` is what the server answers to those that it has banned"
            yield FED.at((*path, "statuses", index), message)
