"""`python -m wayfold` is `wayfold`."""

from wayfold.cli import command

if __name__ == "__main__":
    command()
