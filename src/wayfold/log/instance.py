"""Refuse a class where an instance of it is needed, before it fails at something else."""

__all__ = ["check_instance"]


def check_instance(given: object, what: str) -> None:
    """Raise TypeError on a class; `what` says in the message what takes the instance."""
    if isinstance(given, type):
        name = given.__name__
        raise TypeError(f"{what} must be an instance, not the class {name}: give {name}()")
