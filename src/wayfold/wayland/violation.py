"""Turn what libwayland says after an error into an exception that tells the whole story."""

import errno
import os
import re
from typing import Any

from wayfold.errors import ConnectionLost, MalformedEvent, ProtocolViolation, WayfoldError
from wayfold.log import Log, Origin, Record
from wayfold.protocol import schema
from wayfold.wayland.library import ffi, journal
from wayfold.wayland.table import Table

__all__ = ["LAST", "explain"]

LAST = 20
"""Records that an error carries."""

_LOOK_BACK = 1000
_NAMED_OBJECT = re.compile(r"\b([a-z][a-z0-9_]*)[#@](\d+)")
# libwayland (1.26) leaves whatever errno was there before where an event has no such opcode.
_MALFORMED = {errno.EINVAL, errno.E2BIG, errno.EOVERFLOW, errno.ENOSPC, errno.EAGAIN}


def explain(pointer: Any, table: Table, log: Log, text: str) -> WayfoldError:
    """Give the exception for the error that the connection is in; `text` is libwayland's log."""
    code = journal().journal_error(pointer)
    last = log[-LAST:]
    if code == errno.EPROTO or _is_of_display(pointer):
        return _violation(pointer, table, log, text)
    if code in _MALFORMED:
        said = text.strip() or os.strerror(code)
        return MalformedEvent(
            f"the compositor sent a message that cannot be read: {said}", text=said, last=last
        )
    if code in (errno.EPIPE, errno.ECONNRESET, 0):
        return ConnectionLost("the compositor closed the connection", last)
    return ConnectionLost(f"{os.strerror(code)} (errno {code})", last)


def _is_of_display(pointer: Any) -> bool:
    # libwayland has other errno values for the errors of wl_display itself, and these name it.
    name, wire_id = ffi.new("const char **"), ffi.new("uint32_t *")
    journal().journal_protocol_error(pointer, name, wire_id)
    return bool(name[0])


def _violation(pointer: Any, table: Table, log: Log, text: str) -> ProtocolViolation:
    name, wire_id = ffi.new("const char **"), ffi.new("uint32_t *")
    code = journal().journal_protocol_error(pointer, name, wire_id)
    interface = ffi.string(name[0]).decode() if name[0] else None
    subject = table.named(wire_id[0]) or f"{interface or 'object'}@{wire_id[0]}"
    code_name = schema.error_name(interface, code) if interface else None
    said = _words(text, f"{interface}#{wire_id[0]}", code)
    request = _likely(log, _suspects(table, subject, said))
    blamed = f"; most likely caused by {_told(request)}" if request else ""
    return ProtocolViolation(
        f"{subject}: error {code}{f' ({code_name})' if code_name else ''}: {said}{blamed}",
        interface=interface,
        subject=subject,
        code=code,
        code_name=code_name,
        text=said,
        request=request,
        last=log[-LAST:],
    )


def _told(record: Record) -> str:
    """Write a request as a person reads it."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in record.data.items())
    return f"{record.name}({arguments}) on {record.subject} at position {record.position}"


def _words(text: str, origin: str, code: int) -> str:
    # libwayland writes `wl_registry#2: error 0: invalid global …`; the rest is the compositor's.
    for head in (f"{origin}: error {code}: ", f"[destroyed object]: error {code}: "):
        _, found, said = text.partition(head)
        if found:
            return said.removesuffix("\n")
    return text.strip()


def _suspects(table: Table, subject: str, said: str) -> list[str]:
    named = [table.named(int(number)) for _, number in _NAMED_OBJECT.findall(said)]
    # wl_display reports errors of other objects in words only: they come before the display.
    return [each for each in [*named, subject] if each]


def _likely(log: Log, suspects: list[str]) -> Record | None:
    after = max(log.head - _LOOK_BACK, log.cut)
    requests = [r for r in log.records(after=after) if r.origin is Origin.CLIENT]
    for suspect in suspects:
        family = _family(requests, suspect)
        for request in reversed(requests):
            if request.subject in family or suspect in request.data.values():
                return request
    return requests[-1] if requests else None


def _family(requests: list[Record], subject: str) -> set[str]:
    # xdg_wm_base reports the errors of the xdg_surfaces made with it, and so do other factories;
    # the registry made everything.
    family = {subject}
    for request in requests:
        if request.subject in family and request.name != "wl_registry.bind":
            family.add(_made(request))
    return family


def _made(request: Record) -> str:
    try:
        argument = schema.new_id_name(*request.name.split("."))
    except LookupError:
        return request.subject
    return str(request.data[argument])
