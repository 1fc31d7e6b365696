"""The view fell behind the log: takings by till, in a database of their own that gets locked.

python lagging_view.py FOLDER

To be behind is normal: a view says how far, answers, and comes back. What it cannot digest waits.
"""

import logging
import os
import sqlite3
import sys
from contextlib import closing

from wayfold import Fact, Log, PositionMoved, Runner
from wayfold.reactions import ElsewhereView, OnFailure


class Takings(ElsewhereView):
    """What was taken, with the view's position: one transaction moves both, or neither."""

    hears, on_failure, unreachable = "sale.*", OnFailure(retries=0), (sqlite3.OperationalError,)

    def __init__(self, name, base, **prices):
        self.name, self.base, self.prices = name, base, prices
        base.execute("CREATE TABLE IF NOT EXISTS till (name PRIMARY KEY, taken INTEGER)")
        base.execute("CREATE TABLE IF NOT EXISTS place (one PRIMARY KEY, position INTEGER)")

    def position(self):
        return (self.base.execute("SELECT position FROM place").fetchone() or (None,))[0]

    def store(self, before, after, records):
        add = "INSERT INTO till VALUES (?1, ?2) ON CONFLICT DO UPDATE SET taken = taken + ?2"
        with self.base:  # commits, or rolls back where anything raises
            self.base.execute("BEGIN IMMEDIATE")
            if (actual := self.position()) != before:
                raise PositionMoved(self.name, expected=before, actual=actual)
            for record in records:
                price = record.data.get("price") or self.prices[record.data["article"]]
                self.base.execute(add, (record.subject, price))
            self.base.execute("REPLACE INTO place VALUES (1, ?)", (after,))

    def read(self):
        return dict(self.base.execute("SELECT * FROM till ORDER BY name").fetchall())


def sell(log, count, **data):
    log.append_facts(Fact("sale.made", f"till/{n % 3}", data) for n in range(count))


def open_base(path):
    return sqlite3.connect(path, timeout=0, isolation_level=None)


def show(what, log, view):
    how = f"{view.lag} behind, {view.as_of.age_s:.1f} s old, {len(view.parked)} parked"
    print(what, f"{log.head} stored, {view.position} in the view, {how}", view.read(), sep="\n    ")


def main(folder):
    logging.disable()  # what is parked is printed below, without its traceback
    os.makedirs(folder, exist_ok=True)
    with (
        closing(open_base(f"{folder}/takings.db")) as base,
        closing(open_base(f"{folder}/takings.db")) as locker,
        closing(open_base(f"{folder}/takings-2.db")) as other,
        Log.open(f"{folder}/shop.wayfold") as log,
        Runner(log) as runner,
    ):
        view = runner.follow(Takings("takings", base))
        sell(log, 98, price=5)
        view.wait_for(log.head)
        locker.execute("BEGIN IMMEDIATE")
        sell(log, 7, price=5)
        runner.run(timeout=0.5)
        show(view.unreachable, log, view)
        locker.rollback()
        view.wait_for(log.head)
        show("the lock is gone", log, view)
        sell(log, 1, article="tea")
        sell(log, 3, price=5)
        view.wait_for(log.head)
        show(f"{view.parked[0].error} at {view.parked[0].position}", log, view)
        anew = runner.follow(Takings("takings-2", other, tea=3))
        anew.wait_for(log.head)
        show("made anew, with a price for tea", log, anew)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 2 else sys.exit(__doc__)
