"""`python -m generator` is `stook`, for where the command is not on the path."""

from generator.cli import main

if __name__ == "__main__":
    main(prog_name="stook")
