"""Open a window and say what pointer and keyboard do in it, from the records of the log."""

import argparse

from window import draw

import wayfold

HEARD = (
    "wl_pointer.enter",
    "wl_pointer.leave",
    "wl_pointer.motion",
    "wl_pointer.button",
    "wl_keyboard.enter",
    "wl_keyboard.leave",
    "wl_keyboard.key",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, help="end after so many")
    most = parser.parse_args().records
    heard = 0

    with wayfold.connect() as client:
        window = client.window("echo", 320, 240, draw=draw, app_id="wayfold.example.echo")

        @client.on(HEARD)
        def echo(record):
            nonlocal heard
            heard += 1
            told = " ".join(f"{key}={value}" for key, value in record.data.items())
            print(f"{record.name:20} {told}", flush=True)

        client.run(until=lambda state: window.is_close_requested or heard == most)
        for seat in client.state.seats.values():
            print(f"{seat.name}: pointer {seat.pointer}, keyboard {seat.keyboard}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
