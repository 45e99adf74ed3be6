"""Real nodes in containers, booted by systemd from nothing but their bundles."""
