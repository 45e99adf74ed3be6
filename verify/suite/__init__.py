"""The pytest suite and its plugin: a second way into the same engine."""
