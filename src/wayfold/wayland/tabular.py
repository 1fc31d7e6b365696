"""Packed events as columns of a table: a long run all at once, others one by one."""

import sys
from collections.abc import Sequence

from wayfold.log.encoding import encode_data
from wayfold.wayland.codec import HEADER, Buffer, Decoder

__all__ = ["table"]

_LONG = 8
_LOW, _HIGH = (0, 1) if sys.byteorder == "little" else (1, 0)
"""Words of the header that are its time."""
_VERSION = 5

Table = tuple[Sequence[int], Sequence[int], Sequence[str]]
"""Times, versions, and the arguments as JSON."""


def table(decoder: Decoder, packed: Buffer, count: int, offset_ns: int) -> Table:
    """Give what differs between the events of a run."""
    return (_whole if decoder.is_fixed and count >= _LONG else _each)(
        decoder, packed, count, offset_ns
    )


def _whole(decoder: Decoder, packed: Buffer, count: int, offset_ns: int) -> Table:
    words = memoryview(packed).cast("I")
    width = len(words) // count
    versions = words[_VERSION::width].tolist()
    return _times(words, width, offset_ns), versions, decoder.texts(words, width)


def _times(words: memoryview, width: int, offset_ns: int) -> list[int]:
    low, high = (words[place::width].tolist() for place in (_LOW, _HIGH))
    if high[0] == high[-1]:  # they only grow, and within four seconds mostly do not
        base_ns = (high[0] << 32) + offset_ns
        return [base_ns + each for each in low]
    return [(one << 32) + other + offset_ns for one, other in zip(high, low, strict=True)]


def _each(decoder: Decoder, packed: Buffer, count: int, offset_ns: int) -> Table:
    size, decode = len(packed) // count, decoder.decode
    times, versions, texts = [], [], []
    for at in range(0, len(packed), size):
        time_ns, _, _, version, _ = HEADER.unpack_from(packed, at)
        times.append(time_ns + offset_ns)
        versions.append(version)
        texts.append(encode_data(decode(packed, at + HEADER.size)))
    return times, versions, texts
