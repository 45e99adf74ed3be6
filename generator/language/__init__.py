"""Text to spec: what people write, read with its places and decoded; and findings about it."""
