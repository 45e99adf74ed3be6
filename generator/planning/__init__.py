"""Spec to plan: what a site is, what its components claim, and what its nodes will be held to."""
