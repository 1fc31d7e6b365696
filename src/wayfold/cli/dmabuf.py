"""Ask for the formats and modifiers of dmabufs (zwp_linux_dmabuf_v1, versions 1 to 5)."""

import mmap
import struct
from typing import Any

import msgspec

from wayfold.client import Client
from wayfold.log import Record

__all__ = ["Dmabuf", "Format", "read_dmabuf"]

_ENTRY = struct.Struct("=I4xQ")  # zwp_linux_dmabuf_feedback_v1.format_table, version 4
_DEVICE = struct.Struct("=Q")
_FEEDBACK_SINCE = 4
_NO_MODIFIER = 0x00FFFFFFFFFFFFFF  # DRM_FORMAT_MOD_INVALID, drm_fourcc.h


class Format(msgspec.Struct, frozen=True):
    """A pixel format by its fourcc and code, with its layout modifiers in hexadecimal."""

    fourcc: str
    code: int
    modifiers: tuple[str, ...]


class Dmabuf(msgspec.Struct, frozen=True):
    """What can be imported; `main_device` is a dev_t in hexadecimal, None before version 4."""

    version: int
    main_device: str | None
    formats: tuple[Format, ...]


def read_dmabuf(client: Client) -> Dmabuf | None:
    """Ask the compositor; None where it takes no dmabufs."""
    offered = [g for g in client.state.globals.values() if g.interface == "zwp_linux_dmabuf_v1"]
    if not offered:
        return None
    manager = client.bind("zwp_linux_dmabuf_v1")
    if manager.version >= _FEEDBACK_SINCE:
        return _from_feedback(client, manager)
    client.roundtrip()
    return Dmabuf(manager.version, None, _grouped(_advertised(client, manager.subject)))


def _advertised(client: Client, subject: str) -> list[tuple[int, int]]:
    names = ("zwp_linux_dmabuf_v1.format", "zwp_linux_dmabuf_v1.modifier")
    found = []
    for record in client.log.records(name=names, subject=subject):
        data = record.data
        modifier = _NO_MODIFIER
        if "modifier_hi" in data:
            modifier = data["modifier_hi"] << 32 | data["modifier_lo"]
        found.append((data["format"], modifier))
    return found


def _from_feedback(client: Client, manager: Any) -> Dmabuf:
    tables: list[bytes] = []

    def read_table(record: Record) -> None:
        (descriptor,) = client.descriptors(record)
        size = record.data["size"]
        with mmap.mmap(descriptor.fileno(), size, mmap.MAP_PRIVATE, mmap.PROT_READ) as memory:
            tables.append(memory[:])

    client.on("zwp_linux_dmabuf_feedback_v1.format_table", read_table)
    feedback = manager.get_default_feedback()
    client.roundtrip()
    client.off(read_table)
    about = list(client.log.records(subject=feedback.subject))
    feedback.destroy()
    devices = [r.data["device"] for r in about if r.name.endswith(".main_device")]
    entries = list(_ENTRY.iter_unpack(tables[-1])) if tables else []
    chosen = _indices(about)
    pairs = [entries[k] for k in chosen if k < len(entries)] or entries
    device = f"{_DEVICE.unpack(devices[-1])[0]:#x}" if devices else None
    return Dmabuf(manager.version, device, _grouped(pairs))


def _indices(about: list[Record]) -> list[int]:
    told = [r.data["indices"] for r in about if r.name.endswith(".tranche_formats")]
    return [index for indices in told for index in indices]


def _grouped(pairs: list[tuple[int, int]]) -> tuple[Format, ...]:
    by_code: dict[int, dict[str, None]] = {}
    for code, modifier in pairs:
        by_code.setdefault(code, {})[f"{modifier:#018x}"] = None
    return tuple(Format(_fourcc(code), code, tuple(held)) for code, held in by_code.items())


def _fourcc(code: int) -> str:
    text = code.to_bytes(4, "little").decode("ascii", "replace")
    return text if text.isprintable() else f"{code:#010x}"
