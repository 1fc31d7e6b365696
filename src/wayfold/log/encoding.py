"""A record as it is stored: its data as JSON text, and back."""

from binascii import a2b_base64, b2a_base64
from math import isfinite
from typing import Any

import msgspec

from wayfold.log.plain import AS_THEY_ARE, BYTES
from wayfold.log.record import Columns, Record

__all__ = ["columns", "decode_data", "encode_data"]


def _refuse(value: Any) -> Any:
    raise TypeError(f"a record holds plain values only, not {type(value).__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_refuse)
_decoder = msgspec.json.Decoder(dict[str, Any])


def columns(record: Record) -> Columns:
    """Give a record as a row of the file; raises as `encode_data` does."""
    return (
        record.position,
        record.time_ns,
        record.origin._value_,
        record.subject,
        record.version,
        record.name,
        encode_data(record.data),
        _encoder.encode(record.masked).decode() if record.masked else None,
    )


def encode_data(data: dict[str, Any]) -> str:
    """Give JSON in which bytes are `{"$bytes": "base64"}`.

    Raises TypeError on other objects, ValueError on what JSON cannot give back: numbers that are
    not finite, and a mapping that is made as bytes are.
    """
    values = data.values()
    if not AS_THEY_ARE.issuperset(map(type, values)) and not all(map(_is_json, values)):
        data = {name: _plain(each) for name, each in data.items()}
    return _encoder.encode(data).decode()


def _is_json(value: Any) -> bool:
    kind = type(value)
    return kind in AS_THEY_ARE or (kind is float and isfinite(value))


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in AS_THEY_ARE:
        return value
    if kind is bytes or kind is bytearray or kind is memoryview:
        return _tagged(bytes(value))
    if kind is float and not isfinite(value):
        raise ValueError(f"a record holds finite numbers only, not {value}")
    if kind is list or kind is tuple:
        return [_plain(each) for each in value] if _is_deep(value) else value
    if isinstance(value, dict):
        if value.keys() == {BYTES}:
            raise ValueError(f"a mapping of {BYTES!r} alone stands for bytes in a record")
        return {name: _plain(each) for name, each in value.items()}
    return value


def _is_deep(values: Any) -> bool:
    """Tell whether there is more than plain values in a list: arrays of the wire have thousands."""
    return not AS_THEY_ARE.issuperset(map(type, values))


def _tagged(value: bytes) -> dict[str, str]:
    return {BYTES: b2a_base64(value, newline=False).decode()}


def decode_data(text: str) -> dict[str, Any]:
    """Give the data that `encode_data` was given; raises ValueError on text that is no such."""
    data = _decoder.decode(text)
    if BYTES in text:
        return {name: _untagged(value) for name, value in data.items()}
    return data


def _untagged(value: Any) -> Any:
    if isinstance(value, list):
        return [_untagged(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {BYTES}:
        return a2b_base64(value[BYTES], strict_mode=True)
    return {name: _untagged(each) for name, each in value.items()}
