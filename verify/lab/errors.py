"""The one exception of the lab whose message is meant for the person who runs it."""

from __future__ import annotations


class LabError(Exception):
    """The lab cannot do what was asked; the message says why and what to do."""
