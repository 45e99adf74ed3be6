"""JSON."""

from __future__ import annotations

import json

from generator.formats import Format

FORMAT = Format(json.loads)
