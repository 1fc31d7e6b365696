"""The flood through wayfold into a log in memory, or with --file in a file that is new.

Nobody looks, or with --state the state is folded after every turn.
"""

import argparse

from stopwatch import Stopwatch

import wayfold

TIMEOUT_S = 60.0


def flood(client: wayfold.Client, is_folded: bool) -> None:
    """Ask for the flood and take it in until the server has answered."""
    callback = client.display.sync()
    while callback.is_alive:
        client.dispatch(TIMEOUT_S)
        if is_folded:
            assert client.state.outputs
    client.log.sync()  # to the disk; nothing where the log is in memory


def told(client: wayfold.Client) -> int:
    """How many records the output is the subject of."""
    recent = client.log.records(after=client.log.head - 10)
    return max(record.version for record in recent if record.subject.startswith("wl_output#"))


def main() -> None:
    """Connect, which takes two roundtrips, and measure the third."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("socket")
    parser.add_argument("--state", action="store_true")
    parser.add_argument("--file")
    options = parser.parse_args()
    with wayfold.connect(options.socket, log=options.file) as client:
        assert client.state.outputs
        before = told(client)
        with Stopwatch() as stopwatch:
            flood(client, options.state)
        stopwatch.tell(told(client) - before)


if __name__ == "__main__":
    main()
