"""The command `stook`: what people type, and what they are shown."""
