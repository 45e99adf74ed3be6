"""When a node counts as booted, and what it says when it does not come that far."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

# cloud-init writes result.json when its last stage ends; where it found no user-data at all it
# leaves `disabled` instead. Both are in /run, so they are of this boot.
ENDS = ("run/cloud-init/result.json", "run/cloud-init/disabled")
STAMP = "var/lib/stook/stamp"
ASK = """
if [ -e /run/cloud-init/result.json ]; then cat /run/cloud-init/result.json
elif [ -e /run/cloud-init/disabled ]; then echo '{"v1": {"datasource": null, "errors": []}}'
else echo '{}'; fi | tr -d '\\n'
echo
systemctl is-system-running
test -e /var/lib/stook/stamp && echo stamped || echo unstamped
"""
TELL = """
systemctl --no-pager --failed
systemctl --no-pager list-jobs
tail -n 60 /var/log/cloud-init-output.log
journalctl --no-pager -o short -n 40 -u 'stook-*'
"""
ENDED = frozenset({"running", "degraded"})


@dataclass(frozen=True, slots=True)
class Boot:
    """How far a node has come: `errors` are cloud-init's, None while it works."""

    errors: tuple[str, ...] | None
    system: str
    stamped: bool
    seconds: float = 0.0

    def done(self, stamp_wanted: bool) -> bool:
        """Whether nothing of the boot is still to come."""
        if stamp_wanted:
            # Not `system`: it says `starting` for as long as a node waits for its peers.
            return self.errors is not None and self.stamped
        return self.errors is not None and self.system in ENDED

    def after(self, seconds: float) -> Boot:
        """The same with the time that it took."""
        return replace(self, seconds=seconds)

    def __str__(self) -> str:
        state = "works" if self.errors is None else "; ".join(self.errors) or "done"
        stamp = "applied" if self.stamped else "not applied"
        return f"cloud-init {state}, system {self.system}, bundle {stamp}, {self.seconds:.1f} s"


def parse(text: str) -> Boot:
    """Read the answer to `ASK`; a node that cannot answer yet has come nowhere."""
    lines = text.splitlines()
    if len(lines) != 3:
        return Boot(None, "unknown", False)
    try:
        result = json.loads(lines[0])
    except ValueError:
        result = {}
    errors = tuple(str(error) for error in result["v1"]["errors"]) if "v1" in result else None
    return Boot(errors, lines[1], lines[2] == "stamped")
