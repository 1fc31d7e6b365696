"""Follow outputs as they come, change and go, from a complete first state on.

Scenario: a client that dispatches before it has done its roundtrips runs on with globals missing.
`connect` has done them: what is printed first is all that the compositor had, and what is
printed after it is every change.
"""

import argparse

import wayfold


def describe(output) -> str:
    mode = output.mode
    size = f"{mode.width}x{mode.height} at {mode.refresh_mhz / 1000:g} Hz" if mode else "no mode"
    return f"{output.name or output.subject}: {size}, scale {output.scale}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--for", dest="seconds", type=float, help="seconds to watch")
    seconds = parser.parse_args().seconds

    with wayfold.connect() as client:
        for output in client.state.outputs.values():
            print("there  ", describe(output), flush=True)

        @client.on(("output.added", "output.changed"))
        def tell(record):
            output = client.state.outputs.get(record.subject)
            if output is not None:  # it may have gone again in the same batch
                print(record.name.removeprefix("output."), " ", describe(output), flush=True)

        @client.on("output.removed")
        def tell_last(record):
            print("removed ", record.data["name"] or record.subject, flush=True)

        client.run(timeout=seconds)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
