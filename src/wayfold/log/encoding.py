"""The data of a record as JSON text, and back."""

from base64 import b64decode, b64encode
from typing import Any

import msgspec

__all__ = ["decode_data", "encode_data"]

_BYTES = "$bytes"


def _encode_other(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {_BYTES: b64encode(value).decode()}
    raise TypeError(f"a record holds plain values only, not {type(value).__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_encode_other)
_decoder = msgspec.json.Decoder(dict[str, Any])


def encode_data(data: dict[str, Any]) -> str:
    """Give JSON in which bytes are `{"$bytes": "base64"}`; raises TypeError on other objects."""
    for value in data.values():
        if type(value) is bytes:
            data = {name: _tagged(each) for name, each in data.items()}
            break
    return _encoder.encode(data).decode()


def _tagged(value: Any) -> Any:
    return {_BYTES: b64encode(value).decode()} if type(value) is bytes else value


def decode_data(text: str) -> dict[str, Any]:
    """Give the data that `encode_data` was given; raises ValueError on text that is no object."""
    data = _decoder.decode(text)
    if _BYTES in text:
        for name, value in data.items():
            if isinstance(value, dict) and value.keys() == {_BYTES}:
                data[name] = b64decode(value[_BYTES])
    return data
