"""An action that POSTs JSON over HTTP, with urllib3 (the extra `http`)."""

import time
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import msgspec

from wayfold.reactions.executor import Call, EffectRefused

__all__ = ["check_address", "library", "post"]

_KEPT_BYTES = 4096
_AGAIN = {302, 303, 307, 408, 409, 423, 425, 429}
"""Statuses below 500 at which trying again may help (RFC 9110, RFC 6585, RFC 8470, RFC 4918).

What leads elsewhere for now is often a network's login page, or a page about maintenance.
"""
_REDIRECTS = range(300, 400)
_LOCATION = 200
"""Characters of a location that are told."""


def post(call: Call) -> dict[str, Any]:
    """POST `json` to `url`, with `headers`; a status from 200 to 299 is success.

    The header Idempotency-Key lets the receiver tell a repetition. Redirections are not followed:
    after 302 a POST would become a GET, and whoever stands in between may be anybody. Where they
    are for now (302, 303, 307) it is tried again, where they are for good (301, 308) it is not, and
    neither where the status says that the request itself is wrong. Gives the status and the
    beginning of the answer.
    """
    urllib3 = library()
    arguments, end_s = call.arguments, time.monotonic() + call.timeout_s
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": call.idempotency_key,
        **arguments.get("headers", {}),
    }
    _refuse_no_address(urllib3, arguments["url"])
    answer = urllib3.request(
        "POST",
        arguments["url"],
        body=msgspec.json.encode(arguments.get("json")),
        headers=headers,
        timeout=urllib3.Timeout(total=call.timeout_s),
        retries=False,
        redirect=False,
        preload_content=False,
    )
    try:
        text = _read(answer, end_s)
    finally:
        answer.close()
    told = f"{arguments['url']} answered {answer.status} {answer.reason or ''}".rstrip()
    if answer.status in _REDIRECTS:
        text = _led_to(answer.headers.get("Location", ""))
    if 200 <= answer.status < 300:
        return {"status": answer.status, "answer": text}
    if answer.status >= 500 or answer.status in _AGAIN:
        raise ConnectionError(f"{told}: {text}")
    raise EffectRefused(f"{told}: {text}")


def library() -> ModuleType:
    """Give urllib3; raises ImportError with what to install where it is missing."""
    try:
        import urllib3  # an extra, and slow to import
    except ImportError as error:
        raise ImportError("to POST needs urllib3: pip install 'wayfold[http]'") from error
    return urllib3


def check_address(address: str) -> None:
    """Raise ValueError on what can be seen to be no address of an HTTP server."""
    try:
        url = urlsplit(address)
        is_one = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError as error:
        raise ValueError(f"{address} is no address: {error}") from error
    if not is_one:
        raise ValueError(f"{address} is no address: http:// or https:// and a host are needed")


def _refuse_no_address(urllib3: ModuleType, address: str) -> None:
    try:
        check_address(address)
        urllib3.util.parse_url(address)
    except (ValueError, urllib3.exceptions.LocationParseError) as error:
        raise EffectRefused(str(error)) from error


def _led_to(location: str) -> str:
    where = location[:_LOCATION] or "nowhere that it names"
    return (
        f"it leads to {where}, which a POST does not follow; POST to the address that takes it, or "
        "see what stands in between, such as a network's login page"
    )


def _read(answer: Any, end_s: float) -> str:
    """Read the beginning of an answer, and all of it where it is no longer than that."""
    found = b""
    while len(found) < _KEPT_BYTES:
        piece = answer.read1(_KEPT_BYTES - len(found))
        if not piece:
            break
        found += piece
        if time.monotonic() > end_s:
            raise TimeoutError("the answer took too long")
    return found.decode(errors="replace")
