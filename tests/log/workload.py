"""What is done to a log before its disk loses power: four sessions, one of them killed.

Run as a program it is the session that is killed, and prints what its disk remembers.
"""

import json
import os
import pickle
import subprocess
import sys
import uuid
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # tests are no package

from disk import Disk

from wayfold.log import Fact, Keep, Log, Origin, Record
from wayfold.log.batch import Decoded
from wayfold.log.sqlite import SqliteStore

CHECKPOINT_PAGES = 24


class Model:
    """The newest levels of some lamps; `lamp.group` derives how many there are."""

    initial = {}  # noqa: RUF012
    secrets = {"lamp.whispered": ("word",)}  # noqa: RUF012
    fingerprint = "workload"

    def fold(self, state, runs):
        for run in runs:
            if run.name == "lamp.lit":
                for data in run.data():
                    state = {**state, run.subject: [data["level"], data["part"]]}
        return state

    def derive(self, before, after):
        return () if before == after else (Fact("lamps.counted", "lamps", {"lit": len(after)}),)

    def ends_group(self, name):
        return name == "lamp.group"

    def dump(self, state):
        return json.dumps(state).encode()

    def load(self, data):
        return json.loads(data)


class Workload:
    """Sessions of transactions, cuts, holds, contents and syncs, on a disk that remembers.

    `told` gives by position of the head what was true then: the state, the cuts and the holds that
    were there while it was the head.
    """

    def __init__(self, path, store=SqliteStore):
        self.path = path
        self._store = store
        self.disk = Disk(f"disk-{uuid.uuid4().hex}")
        self.told = {0: ({}, {0}, [{}])}

    def run(self):
        """Do all of it but the last session."""
        killed = subprocess.run(
            [sys.executable, __file__, self.path], stdout=subprocess.PIPE, check=True
        )
        operations, told, self.disk.promised = pickle.loads(killed.stdout)
        self.disk.operations += operations
        self.told |= told
        self.session(22, Keep(records=40))
        self.cut_everything()

    def go_on(self):
        """Do the last session."""
        self.session(22, None)

    def session(self, transactions, keep, *, is_closed=True):
        """Open the log, write to it, and close it unless it is to be killed."""
        log = Log(self._open(keep), Model())
        log.listen(lambda *_: self._note(log))
        self._note(log)
        for number in range(transactions):
            self._append(log, number)
            if number % 6 == 5:
                self.disk.promised = log.sync()
            if number % 7 == 6:
                log.hold("reader", max(log.head - 20, log.cut))
                self._note(log)
        if is_closed:
            log.close()

    def _open(self, keep):
        store = self._store(
            self.path,
            keep=keep,
            vfs=self.disk.name,
            sync=self.disk.syncing(self.path),
            room=self.disk.making_room(self.path),
            checkpoint_pages=CHECKPOINT_PAGES,
        )
        self.disk.promised = max(self.disk.promised, store.durable)
        return store

    def _append(self, log, number):
        facts = [
            Fact("lamp.lit", f"lamp/{number % 7}", {"level": number, "part": part})
            for part in range(number % 5 + 1)
        ]
        log.append_facts([*facts, Fact("lamp.group", "lamps")])
        if number % 3 == 2:
            content = bytes([number]) * 3000
            version = log.version("note") + 1
            note = Record(log.head + 1, 0, Origin.APP, "note", version, "note", {"text": b""})
            log.append_batch(Decoded([note]), contents={0: {"text": content}})
        log.append("lamp.whispered", "lamp/1", {"word": "secret", "number": number})

    def _note(self, log):
        _, cuts, holds = self.told.setdefault(log.head, (log.state, set(), []))
        cuts.add(log.cut)
        holds.append(dict(log.holds))

    def cut_everything(self):
        """Drop every record there is, as a bounded log whose last ones are too old would."""
        store = self._open(None)
        state, _, holds = self.told[store.head]
        data = {"until": store.head, "model": Model.fingerprint, "state": Model().dump(state)}
        version = store.version("log") + 1
        cut = Record(store.head + 1, 0, Origin.WAYFOLD, "log", version, "log.cut", data)
        store.drop(store.head, [cut])
        self.told[store.head] = (state, {store.cut}, holds[-1:])
        store.close()


if __name__ == "__main__":
    killed = Workload(sys.argv[1])
    killed.session(20, None, is_closed=False)
    sys.stdout.buffer.write(
        pickle.dumps((killed.disk.operations, killed.told, killed.disk.promised))
    )
    sys.stdout.flush()
    os._exit(0)
