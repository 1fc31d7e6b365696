"""What a command raises when it cannot do what was asked for."""

__all__ = ["CommandFailed"]


class CommandFailed(Exception):
    """The command ends with exit code 1; the message says what was needed and what to do."""
