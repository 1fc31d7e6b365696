"""A bank whose balance is derived: commands, facts, a table of balances, and a letter that is sent.

python bank.py bank.wayfold anna -70      overdrawn: a letter goes out, once
"""

import argparse

from wayfold import CommandRejected, Effect, Fact, Log, Process, Runner, TableView

LIMIT = -100


class Account:
    """What may happen to an account; its state is the balance."""

    initial = 0

    def decide(self, balance, amount):
        if balance + amount < LIMIT:
            raise CommandRejected(f"{balance} is there, and {LIMIT} is the limit")
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


class Letters(Process):
    """Writes to whoever is overdrawn; that it was sent is a record like any other."""

    name, hears, initial = "letters", "account.overdrawn", 0

    def fold(self, sent, record):
        return sent + (record.name == "effect.done")

    def decide(self, sent, record):
        if record.name == "account.overdrawn":
            yield Effect("letter", {"to": record.subject, "balance": record.data["balance"]})


def send(call):
    # The key lets whoever receives it tell a letter that a crash made us send again.
    key = call.idempotency_key[:8]
    print(f"letter {key} to {{to}}: your balance is {{balance}}".format(**call.arguments))


def main() -> None:
    parser = argparse.ArgumentParser(description="Move money on an account.")
    for name, kind in (("file", str), ("owner", str), ("amount", int)):
        parser.add_argument(name, type=kind)
    options = parser.parse_args()
    with Log.open(options.file) as log, Runner(log) as runner:
        balances = runner.follow(Balances(), inline=True)
        runner.perform("letter", send)
        runner.react(Letters())
        try:
            log.execute(Account(), f"account/{options.owner}", options.amount)
        except CommandRejected as error:
            print(f"rejected: {error}")
        runner.run(timeout=10, until=lambda: not runner.pending())
        for account, amount in balances.read("SELECT * FROM {balance} ORDER BY account"):
            print(f"{account}: {amount}")


if __name__ == "__main__":
    main()
