"""What runs on nodes: `apply` in parts, `fetch`, and what several scripts share."""
