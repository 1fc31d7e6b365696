"""The event that was never created: there is a user exactly where the event of it was stored.

python create_user.py FILE NAME ADDRESS [--no-room]     with --no-room, as if the disk were full

To save the user first leaves, one day, a user that nobody was told of. Here it is one append.
"""

import resource
import sys
import textwrap

from wayfold import CommandRejected, Effect, Fact, Log, Process, Runner, TableView, WayfoldError


class User:
    """What may happen to a user; its state is the address, empty while there is none."""

    initial = ""

    def decide(self, address, wanted):
        if address or "@" not in wanted:
            raise CommandRejected("no address" if not address else f"is there, at {address}")
        yield Fact("user.created", data={"address": wanted})
        yield Fact("mailbox.opened", f"mailbox/{wanted}")

    def evolve(self, address, record):
        return record.data["address"]


class Users(TableView):
    """The users as plain SQL reads them; it is inline, so what breaks its rules is not stored."""

    name, hears, tables = "users", "user.created", ("user",)
    schema = "CREATE TABLE {user} (name TEXT PRIMARY KEY, address TEXT UNIQUE NOT NULL)"

    def apply(self, tables, record):
        tables.execute("INSERT INTO {user} VALUES (?, ?)", (record.subject, record.data["address"]))


class Greeter(Process):  # a subscriber: has everybody greeted of whom it hears
    name, hears, initial = "greeter", "user.created", None

    def fold(self, state, record):
        return state

    def decide(self, state, record):
        if record.name == "user.created":
            yield Effect("greet", record.data)


def create(log, name, address, *, has_room=True):
    with Runner(log) as runner:
        runner.follow(Users(), inline=True)
        runner.perform("greet", lambda call: print("greeted ", *call.arguments.values()), here=True)
        runner.react(Greeter())
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, limits if has_room else (0, limits[1]))
        try:
            log.execute(User(), f"user/{name}", address)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        runner.run(timeout=10, until=lambda: not runner.pending())


def main(path, name, address, *options):
    try:
        with Log.open(path) as log:
            create(log, name, address, has_room="--no-room" not in options)
    except WayfoldError as error:
        print(textwrap.fill(f"refused  {error}", 80, subsequent_indent=" " * 9))
    with Log.open(path, read_only=True) as log:
        for record in log.records(name=("user.*", "mailbox.*")):
            print(f"stored   {record.position:3} {record.name} {record.subject}")
        print("in table", *(name for (name,) in log.read("SELECT name FROM user")))


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) > 3 else sys.exit(__doc__)
