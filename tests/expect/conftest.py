"""A session written by hand."""

import pytest

from wayfold.log import Log, Origin, Record
from wayfold.log.batch import Decoded

START_NS = 1_000_000_000_000


@pytest.fixture
def session():
    """Give a function that makes a log of names, or of (name, subject, data, time in ms)."""

    def make(*told):
        log = Log.memory()
        for position, each in enumerate(told, 1):
            given = each if isinstance(each, tuple) else (each,)
            name, subject, data, at_ms = (*given, *("", "a#1", {}, position)[len(given) :])
            time_ns = START_NS + at_ms * 1_000_000
            record = Record(position, time_ns, Origin.CLIENT, subject, 1, name, data)
            log.append_batch(Decoded([record]))
        return log

    return make
