"""S4: the log has records that the view's database has not, and the database fails anywhere.

The oracle adds up what was sold; it folds nothing of ours.
"""

import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from wayfold.log import Log
from wayfold.reactions import Runner, VirtualClock


class Shop:
    """A log, a view in a real database of its own, and what was sold, by till."""

    def __init__(self, lagging_view, folder):
        self.clock = VirtualClock()
        self.base = lagging_view.open_base(folder / "takings.db")
        self.lagging_view = lagging_view
        self.log = Log.memory(clock=self.clock.wall_ns)
        self.runner = Runner(self.log, clock=self.clock)
        self.view = self.runner.follow(lagging_view.Takings("takings", self.base))
        self.sold = Counter()

    def sell(self, *prices):
        for price in prices:
            self.lagging_view.sell(self.log, 3, price=price)
            self.sold.update({f"till/{n}": price for n in range(3)})

    def settle(self):
        self.runner.settle()
        self.clock.advance(60.0)
        self.runner.settle()

    def close(self):
        self.runner.close()
        self.clock.close()
        self.base.close()


@pytest.fixture
def shop(example, tmp_path):
    with closing(Shop(example("lagging_view"), tmp_path)) as made:
        yield made


class Interrupted:
    """A database of which SQLite itself fails once, at a step of its machine."""

    def __init__(self, base, step):
        self._base, self._step, self._count = base, step, 0
        base.set_progress_handler(self._progress, 1)

    def _progress(self):
        self._count += 1
        return self._count == self._step

    def end(self):
        """Fail no more; tell whether it has."""
        self._base.set_progress_handler(None, 0)
        return self._count >= self._step


@pytest.mark.timeout(240)
def test_wherever_its_database_fails_the_view_ends_up_as_the_fold_of_the_log(shop, capsys):
    step, told, has_failed = 0, 0, True
    while has_failed:
        step += 1
        fault = Interrupted(shop.base, step)
        shop.sell(step, 2 * step)
        shop.runner.settle()
        has_failed = fault.end()
        if shop.view.unreachable is not None:
            told += 1
            assert "interrupted" in str(shop.view.unreachable)
            assert 0 < shop.view.lag <= 6  # a page may have ended in between
            assert shop.view.replicated_up_to(shop.log.head - 6)
            assert not shop.view.replicated_up_to(shop.log.head)
        shop.settle()
        assert shop.view.read() == shop.sold, step
        assert (shop.view.lag, shop.view.parked, shop.view.unreachable) == (0, [], None)
    with capsys.disabled():
        print(f" {step - 1} steps failed, {told} of them told", end="")

    assert told > 100


def test_of_105_stored_98_are_in_the_view_and_it_says_so(shop, tmp_path):
    shop.sell(*[1] * 32)
    shop.lagging_view.sell(shop.log, 2, price=1)
    shop.settle()
    before = shop.view.read()
    with closing(sqlite3.connect(tmp_path / "takings.db", isolation_level=None)) as locker:
        locker.execute("BEGIN IMMEDIATE")
        shop.lagging_view.sell(shop.log, 7, price=1)
        shop.runner.settle()
        shop.clock.advance(7.0)
        shop.runner.settle()
        assert (shop.log.head, shop.view.position, shop.view.lag) == (105, 98, 7)
        assert shop.view.as_of == (98, 7.0)
        assert "database is locked" in str(shop.view.unreachable)
        assert shop.view.read() == before
        locker.execute("ROLLBACK")
    shop.settle()

    assert shop.view.as_of == (105, 0.0)
    assert sum(shop.view.read().values()) == 105


def test_what_it_cannot_digest_waits_by_till_until_it_is_mended(shop):
    shop.lagging_view.sell(shop.log, 1, article="tea")
    shop.sell(5)
    shop.settle()
    assert [(p.position, p.key) for p in shop.view.parked] == [(1, "till/0"), (2, "till/0")]
    assert shop.view.read() == {"till/1": 5, "till/2": 5}
    with pytest.raises(KeyError):
        shop.view.release("till/0")
    shop.view.view.prices["tea"] = 3

    assert shop.view.release("till/0") == 2
    assert shop.view.read() == {"till/0": 8, "till/1": 5, "till/2": 5}


def test_it_is_made_anew_from_nothing_beside_the_one_that_answers(shop, tmp_path):
    shop.sell(*[2] * 700)
    shop.settle()
    with closing(sqlite3.connect(tmp_path / "anew.db", isolation_level=None)) as base:
        anew = shop.runner.follow(shop.lagging_view.Takings("anew", base))
        shop.runner.turn()
        assert (anew.lag, shop.view.lag) == (1100, 0)
        assert shop.view.read() == shop.sold
        shop.settle()

        assert anew.read() == shop.view.read() == shop.sold


@pytest.mark.timeout(120)
def test_wherever_it_is_killed_nothing_is_counted_twice_or_not_at_all(live, path, capsys):
    base, ended, kills, sold = f"{path}.base", "killed", 0, 0
    while ended == "killed":
        kills += 1
        ended, told = live("take", path=path, base=base, prices=[kills, 100], dies_at=kills)
        sold += kills + 100 if "sold" in told else 0
        assert live("take", path=path, base=base, prices=[], dies_at=0)[0] == "exit 0"
    with closing(sqlite3.connect(base)) as plain:
        (taken,) = plain.execute("select sum(taken) from till").fetchone()
    with capsys.disabled():
        print(f" {kills - 1} kills", end="")

    assert ended == "exit 0"
    assert taken == sold
    assert kills > 6
