"""Watch a display, and tell the operator in your own way what stays broken.

python outage_watch.py kiosk.wayfold --after 60 -- notify-operator
    runs `notify-operator outage HDMI-A-1 …`, and later `notify-operator resolution HDMI-A-1 …`

`wayfold outage` reports by HTTP, as JSON. Here the same incidents lead to a command: a process of
your own, next to the one that knows what is broken. Kill it at any moment, and start it again.
"""

import argparse

from wayfold import Effect, Log, Process
from wayfold.outage import Incident, Watch
from wayfold.reactions import CancelDeadline, CancelEffect, Retry, SetDeadline


class Calls(Process):
    """Calls the operator about an incident that stays open, and again when it is over."""

    name, hears, initial = "calls", "error.*", Incident()
    retry = Retry(attempts=20, timeout_s=10.0)

    def __init__(self, command, after_s):
        self._command = command
        self._after_ns = round(after_s * 10**9)

    def key(self, record):
        return record.data.get("incident")

    def fold(self, state, record):
        about = state.device, state.what, state.since_ns
        if record.name == "error.occurred":
            return Incident(record.data["device"], record.data["what"], record.time_ns)
        if record.name == "error.resolved":
            return Incident(*about, record.time_ns, state.is_told)
        if record.name == "effect.attempted":
            return Incident(*about, state.resolved_ns, is_told=True)
        return state

    def holds(self, state, record):
        return state.resolved_ns is None  # still so, now that its time is up?

    def decide(self, state, record):
        if record.name == "error.occurred":
            yield SetDeadline("outage", state.since_ns + self._after_ns)
        elif record.name == "deadline.expired":
            yield self._call("outage", state)
        elif record.name == "error.resolved":
            yield CancelDeadline("outage")
            yield CancelEffect("outage")
            if state.is_told:
                yield self._call("resolution", state)

    def _call(self, name, state):
        argv = [*self._command, name, state.device, state.what]
        return Effect("command", {"argv": argv}, name=name, retry=self.retry)


def main() -> None:
    parser = argparse.ArgumentParser(description="Watch a display, and call the operator.")
    parser.add_argument("file", help="where everything is kept")
    parser.add_argument("command", nargs="+", help="-- and what to run")
    parser.add_argument("--after", type=float, default=60.0, help="seconds that it must last")
    parser.add_argument("--silent", type=float, default=10.0, help="seconds to owe an answer")
    parser.add_argument("--expect", action="append", default=[], help="a screen that must be there")
    parser.add_argument("--for", dest="for_s", type=float, help="seconds, and then end")
    options = parser.parse_args()
    with Log.open(options.file) as log:
        watch = Watch(
            log,
            Calls(options.command, options.after),
            expected=options.expect,
            silent_s=options.silent,
            told=print,
        )
        try:
            watch.run(options.for_s)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
