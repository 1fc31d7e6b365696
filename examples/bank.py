"""Derived data: movements are facts, the balance is their fold, overdrawn is a decision.

python bank.py bank.wayfold anna -70      overdrawn: a letter goes out, at least once
"""

import sys

from wayfold import CommandRejected, Effect, Fact, Log, Process, Runner, TableView, View


class Account:
    """What may happen to an account; its state is the balance."""

    initial, limit = 0, -100

    def decide(self, balance, amount):
        if balance + amount < self.limit:
            raise CommandRejected(f"{balance} is there, and {self.limit} is the limit")
        yield Fact("account.moved", data={"by": amount})
        if balance >= 0 > balance + amount:
            yield Fact("account.overdrawn", data={"balance": balance + amount})

    def evolve(self, balance, record):
        return balance + record.data.get("by", 0)


class Balances(TableView):
    """The balances as plain SQL reads them, never behind the log: it is inline."""

    name, hears, tables = "balances", "account.moved", ("balance",)
    schema = "CREATE TABLE {balance} (account TEXT PRIMARY KEY, amount INTEGER NOT NULL)"

    def apply(self, tables, record):
        add = "INSERT INTO {balance} VALUES (?1, ?2) ON CONFLICT DO UPDATE SET amount = amount + ?2"
        tables.execute(add, (record.subject, record.data["by"]))


class Held(View):  # what the bank holds in all: it follows, and may be behind for a moment
    name, hears, initial = "held", "account.moved", 0

    def fold(self, held, record):
        return held + record.data["by"]


class Letters(Process):
    """Writes to whoever is overdrawn; its state is how many letters are known to have gone out."""

    name, hears, initial = "letters", "account.overdrawn", 0

    def fold(self, sent, record):
        return sent + (record.name == "effect.done")

    def decide(self, sent, record):
        if record.name == "account.overdrawn":
            yield Effect("letter", {"to": record.subject, "balance": record.data["balance"]})


def send(call):
    # Who is sent it again, after a crash, can tell by the key.
    print(f"letter {call.idempotency_key}", *call.arguments.values(), flush=True)


def main(path, owner, amount):
    with Log.open(path) as log, Runner(log) as runner:
        balances, held = runner.follow(Balances(), inline=True), runner.follow(Held())
        runner.perform("letter", send, here=True)
        letters = runner.react(Letters())
        try:
            log.execute(Account(), f"account/{owner}", int(amount))
        except CommandRejected as error:
            print(f"rejected: {error}")
        runner.run(timeout=10, until=lambda: not runner.pending())
        for account, balance in balances.read("SELECT * FROM {balance} ORDER BY account"):
            print(f"{account}: {balance}, {letters.state(account)} letters sent")
        print(f"in all: {held.state}, {held.lag} records behind")


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 4 else sys.exit(__doc__)
