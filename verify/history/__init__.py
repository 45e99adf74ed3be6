"""Earlier reports: where they are kept, whose they are, and what has changed since."""
