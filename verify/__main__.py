"""`python -m verify`: verification where nothing else of Stook is installed."""

from verify.cli import verify

verify(prog_name="python -m verify")
