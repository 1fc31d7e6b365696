"""S6: movements are facts, the balance is derived, a letter is sent at least once and recorded.

The oracle is plain SQL on the file and what was printed; it folds nothing of ours.
"""

import json
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from wayfold.log import Log
from wayfold.reactions import Runner


def facts(path):
    """Give the facts of accounts in the file: name, owner and data, in order."""
    statement = "select name, subject, data from record where name like 'account.%'"
    with closing(sqlite3.connect(path)) as plain:
        rows = plain.execute(f"{statement} order by position").fetchall()
    return [(name, owner.removeprefix("account/"), json.loads(data)) for name, owner, data in rows]


def table(path):
    with closing(sqlite3.connect(path)) as plain:
        return dict(plain.execute("select account, amount from balance").fetchall())


def letters(told):
    """Give the keys of the letters that went out, in order."""
    return [line.split()[1] for line in told if line.startswith("letter ")]


def check_derived(path):
    """Check that every balance, and every overdraft, is what the movements make it."""
    balances, overdrawn = Counter(), []
    found = facts(path)
    for name, owner, data in found:
        if name == "account.moved":
            before, balances[owner] = balances[owner], balances[owner] + data["by"]
            overdrawn += [(owner, balances[owner])] if before >= 0 > balances[owner] else []
    told = [(owner, data["balance"]) for name, owner, data in found if name == "account.overdrawn"]
    assert told == overdrawn
    assert table(path) == {f"account/{owner}": amount for owner, amount in balances.items()}
    return len(overdrawn)


def test_a_crash_between_act_and_acknowledgement_repeats_with_a_key_that_tells(live, path):
    move = {"path": path, "owner": "anna"}
    ended, first = live("move_money", **move, amount=-70, dies_after_sending=True)
    assert (ended, len(letters(first))) == ("killed", 1)
    ended, second = live("move_money", **move, amount=0)
    _, later = live("move_money", **move, amount=0)

    assert ended == "exit 0"
    assert letters(first) == letters(second)
    assert second[-2:] == ["account/anna: -70, 1 letters sent", "in all: -70, 0 records behind"]
    assert letters(later) == []


@pytest.mark.timeout(240)
def test_wherever_it_is_killed_derived_data_is_what_the_facts_make_it(live, path, capsys):
    assert live("move_money", path=path, owner="anna", amount=0)[0] == "exit 0"
    ended, kills, keys = "killed", 0, []
    while ended == "killed":
        kills += 1
        move = {"owner": f"owner-{kills % 7}", "amount": (-30, 60, -50)[kills % 3]}
        ended, told = live("move_money", path=path, **move, dies_at=kills)
        keys += letters(told)
        overdrafts = check_derived(path)
        assert len(set(keys)) <= overdrafts
    with capsys.disabled():
        print(f" {kills - 1} kills, {overdrafts} overdrafts, {len(keys)} letters", end="")

    assert len(set(keys)) == overdrafts > 5
    assert "0 records behind" in told[-1]


def test_the_inline_balance_is_never_behind_and_the_following_one_says_how_far(example, path):
    bank = example("bank")
    with Log.open(path) as log, Runner(log) as runner:
        inline, held = runner.follow(bank.Balances(), inline=True), runner.follow(bank.Held())
        for amount in (50, -70, 5):
            log.execute(bank.Account(), "account/anna", amount)
            (row,) = inline.read("SELECT amount FROM {balance}")
            assert row[0] == log.state_of(bank.Account(), "account/anna")
            assert inline.lag == 0
        assert (held.state, held.lag) == (0, 4)
        held.wait_for(log.head)

        assert (held.state, held.lag) == (-15, 0)


def test_the_state_of_the_process_is_folded_anew_at_every_start(live, path):
    for amount, sent in ((-10, 1), (20, 1), (-20, 2), (15, 2), (-80, 3)):
        ended, told = live("move_money", path=path, owner="anna", amount=amount)
        assert ended == "exit 0"
        assert told[-2].endswith(f", {sent} letters sent")
