"""The flood through pywayland's own dispatch, with a callback that only counts."""

import sys

from pywayland.client import Display
from pywayland.protocol.wayland import WlOutput
from stopwatch import Stopwatch


def main(path: str) -> None:
    """Connect with two roundtrips, measure the third."""
    globals_: dict[str, int] = {}
    modes = 0

    def add(registry: object, name: int, interface: str, version: int) -> None:
        globals_[interface] = name

    def count(*arguments: object) -> None:
        nonlocal modes
        modes += 1

    with Display(path) as display:
        registry = display.get_registry()
        registry.dispatcher["global"] = add
        display.roundtrip()
        output = registry.bind(globals_["wl_output"], WlOutput, 3)
        output.dispatcher["mode"] = count
        display.roundtrip()
        modes = 0
        with Stopwatch() as stopwatch:
            display.roundtrip()
        stopwatch.tell(modes)


if __name__ == "__main__":
    main(sys.argv[1])
