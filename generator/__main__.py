"""`python -m generator` is `stook`, for where the command is not on the path."""

from generator.commands.cli import main

if __name__ == "__main__":
    main(prog_name="stook")
