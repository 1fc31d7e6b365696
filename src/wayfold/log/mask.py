"""Keep secrets out of a log: the record stays, its secret fields become None."""

from collections.abc import Iterable, Mapping

import msgspec

from wayfold.log.batch import Batch, Decoded
from wayfold.log.record import Record

__all__ = ["Mask"]


class Mask:
    """Fields to be hidden, by the name of their record: `{"wl_keyboard.key": ("key",)}`."""

    def __init__(self, secrets: Mapping[str, Iterable[str]]) -> None:
        self.secrets = {name: tuple(fields) for name, fields in secrets.items()}

    def batch(self, batch: Batch, first: int) -> Batch:
        """Give the batch with what is secret hidden; the same where nothing is."""
        if not any(run.name in self.secrets for run in batch.runs(0, len(batch))):
            return batch
        return Decoded([self.record(r) for r in batch.records(0, len(batch), first, None)])

    def record(self, record: Record) -> Record:
        """Give the record with what is secret hidden."""
        fields = [each for each in self.secrets.get(record.name, ()) if each in record.data]
        if not fields:
            return record
        data = {name: None if name in fields else value for name, value in record.data.items()}
        return msgspec.structs.replace(record, data=data, masked=tuple(fields))
