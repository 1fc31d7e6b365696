"""Drive a client from a loop of your own: one descriptor to wait for, and two calls."""

import argparse
import selectors
import time

import wayfold


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--for", dest="seconds", type=float, default=1.0, help="seconds to run")
    seconds = parser.parse_args().seconds

    with wayfold.connect() as client, selectors.DefaultSelector() as selector:
        selector.register(client.fileno(), selectors.EVENT_READ)
        client.loop.call_later(0.05, lambda: client.log.append("tick", "example", {}))
        client.on("tick", lambda record: print("ticked at position", record.position, flush=True))
        client.display.sync()
        client.on("wl_callback.done", lambda record: print("done:", record.subject, flush=True))

        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            due_s = client.prepare()  # sends requests; says when it wants to be called anyway
            selector.select(left_s if due_s is None else min(due_s, left_s))
            client.process()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
