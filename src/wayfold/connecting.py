"""What `connect` does around a client, awaited or not: choose interfaces and log, tell failures."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from wayfold.errors import ConnectionLost, ConnectTimeout, MalformedEvent, NotWayland, WaitTimeout
from wayfold.log import Keep, Log
from wayfold.model import SessionModel
from wayfold.protocol import schema
from wayfold.session import Session
from wayfold.wayland.endpoint import Endpoint

__all__ = ["connecting", "interfaces", "owned_log"]


def interfaces(bind: Iterable[str]) -> frozenset[str]:
    """Give the interfaces to bind.

    Raises LookupError on one that no protocol known here has, TypeError on a lone name.
    """
    if isinstance(bind, str):
        raise TypeError(f"bind takes several interfaces, such as ({bind!r},), not a str")
    wanted = frozenset(bind)
    for interface in wanted:
        schema.interface(interface)
    return wanted


@contextmanager
def owned_log(log: Log | str | os.PathLike[str] | None) -> Iterator[Log]:
    """Give the log to use; one that was opened for it is closed where the block fails.

    Raises ValueError where another connection writes to the log or it folds another model,
    PositionCut where what the state would need has been dropped, LogUnusable.
    """
    if isinstance(log, Log):
        log.check_free()
        _check_model(log.interpret(SessionModel()))
        yield log
        return
    opened = _opened_log(log)
    try:
        opened.interpret(SessionModel())
        yield opened
    except BaseException:
        opened.close()
        raise


def _check_model(found: object) -> None:
    if not isinstance(found, SessionModel):
        raise ValueError(
            f"a client's log folds SessionModel, which is client.state, and this one folds "
            f"{type(found).__name__}: give a log without a model, and keep the other one in a log "
            "of its own"
        )


def _opened_log(path: str | os.PathLike[str] | None) -> Log:
    if path is not None:
        return Log.open(path)
    named = os.environ.get("WAYFOLD_LOG")
    if not named:
        return Log.memory()
    keep = os.environ.get("WAYFOLD_LOG_KEEP")
    return Log.open(
        named,
        keep=Keep.parse(keep) if keep else None,
        include_input=os.environ.get("WAYFOLD_LOG_INPUT") == "1",
    )


@contextmanager
def connecting(client: Session, endpoint: Endpoint) -> Iterator[None]:
    """Close a client that does not come to life, and say why in terms of what was tried."""
    description = endpoint.description
    try:
        yield
    except (MalformedEvent, ConnectionLost) as error:
        client.close()
        raise NotWayland(f"{description} does not speak Wayland: {error}", description) from error
    except WaitTimeout as error:
        client.close()
        message = f"{description} did not answer within {error.timeout_s:g} s"
        raise ConnectTimeout(message, description) from error
    except BaseException:
        client.close()
        raise
