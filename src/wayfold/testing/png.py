"""PNG files, written and read, without a library.

Source: Portable Network Graphics, third edition. What is read may have any filter, 8 bits a channel
and no interlacing; what is written has neither filters nor a loss.
"""

import struct
import zlib

__all__ = ["decode_png", "encode_png"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">IIBBBBB")
_LENGTH = struct.Struct(">I")
_RGB, _RGBA = 2, 6
_CHANNELS = {0: 1, _RGB: 3, 4: 2, _RGBA: 4}


def encode_png(width: int, height: int, rgba: bytes) -> bytes:
    """Give the file for rows of R G B A."""
    stride = width * 4
    rows = b"".join(
        b"\0" + rgba[start : start + stride] for start in range(0, height * stride, stride)
    )
    header = _HEADER.pack(width, height, 8, _RGBA, 0, 0, 0)
    data = zlib.compress(rows, 6)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return _LENGTH.pack(len(data)) + kind + data + _LENGTH.pack(zlib.crc32(kind + data))


def decode_png(data: bytes) -> tuple[int, int, bytes]:
    """Give width, height and rows of R G B A; raises ValueError for what it cannot read."""
    if not data.startswith(_SIGNATURE):
        raise ValueError("this is no PNG file")
    chunks = _chunks(data)
    try:
        width, height, depth, colour, _, _, interlaced = _HEADER.unpack(chunks[b"IHDR"])
        packed = zlib.decompress(chunks[b"IDAT"])
    except (KeyError, struct.error, zlib.error) as error:
        raise ValueError(f"this PNG file is damaged: {error!r}") from error
    if depth != 8 or interlaced or colour not in _CHANNELS:
        raise ValueError(
            "only PNG files of 8 bits a channel without palette or interlacing are read"
        )
    pixels = _unfiltered(packed, height, width * _CHANNELS[colour], _CHANNELS[colour])
    return width, height, _as_rgba(pixels, colour)


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """Give the chunks by kind, those of one kind joined."""
    found: dict[bytes, bytes] = {}
    place = len(_SIGNATURE)
    while place + 12 <= len(data):
        (length,) = _LENGTH.unpack_from(data, place)
        kind = data[place + 4 : place + 8]
        found[kind] = found.get(kind, b"") + data[place + 8 : place + 8 + length]
        place += 12 + length
    return found


def _unfiltered(packed: bytes, height: int, stride: int, step: int) -> bytes:
    if len(packed) != height * (stride + 1):
        raise ValueError(f"{len(packed)} bytes are not {height} rows of {stride}")
    rows: list[bytes] = []
    above = bytes(stride)
    for start in range(0, len(packed), stride + 1):
        above = _row(packed[start], packed[start + 1 : start + 1 + stride], above, step)
        rows.append(above)
    return b"".join(rows)


def _row(kind: int, raw: bytes, above: bytes, step: int) -> bytes:
    if kind == 0:
        return raw
    if kind > 4:
        raise ValueError(f"there is no filter {kind}")
    row = bytearray(raw)
    for place, value in enumerate(raw):
        left = row[place - step] if place >= step else 0
        corner = above[place - step] if place >= step else 0
        row[place] = value + _predicted(kind, left, above[place], corner) & 0xFF
    return bytes(row)


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 2:
        return above
    if kind == 3:
        return (left + above) // 2
    guess = left + above - corner
    return min((left, above, corner), key=lambda each: abs(guess - each))


def _as_rgba(pixels: bytes, colour: int) -> bytes:
    if colour == _RGBA:
        return pixels
    channels = _CHANNELS[colour]
    rgba = bytearray(b"\xff" * (len(pixels) // channels * 4))
    for channel in range(3):
        rgba[channel::4] = pixels[channel if colour == _RGB else 0 :: channels]
    if channels == 2:
        rgba[3::4] = pixels[1::2]
    return bytes(rgba)
