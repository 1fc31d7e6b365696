"""Makes the golden files of a release: python tests/golden/make.py 0.1.0

To be run once for each release, by that release; what it wrote is never written again.
"""

import json
import sys
from pathlib import Path

import msgspec

import wayfold
from wayfold.log import Log, Upcasters
from wayfold.model import SessionModel
from wayfold.testing import SeatWeston

HERE = Path(__file__).parent
NAMED_POSITIONS = 40
"""States that are written down whole, at even distances."""


def with_colour(data):
    """Bring a lamp of the first version up to the second."""
    return {**data, "colour": "white"}


LAMPS = Upcasters({"lamp.lit": {1: with_colour}})


def record_session(path: Path, **options: object) -> None:
    """Record a window, typing, a screen that comes and goes, a mark, facts of two versions."""
    with SeatWeston() as weston, Log.open(path, **options) as log:
        with wayfold.connect(weston.connect(), log=log) as client:
            window = client.window("golden", 120, 80, draw=lambda canvas: True)
            client.run(until=lambda _: window.frames >= 5, timeout=20)
            weston.wait_for_windows()
            weston.seat.keyboard.type("secret")
            client.roundtrip()
            weston.outputs.add()
            client.wait_until(lambda state: len(state.outputs) == 2)
            client.mark("plugged the dock")
            weston.outputs.remove("HEADLESS-2")
            client.wait_until(lambda state: len(state.outputs) == 1)
        log.append("lamp.lit", "lamp/1", {"level": 5})
    with Log.open(path, upcasters=LAMPS, model=SessionModel(), **options) as log:
        log.append("lamp.lit", "lamp/1", {"level": 6, "colour": "red"})
        log.hold("view lamps", log.head - 1)


def told(path: Path) -> dict[str, object]:
    """Give what this release reads in a file."""
    with Log.open(path, read_only=True, model=SessionModel(), upcasters=LAMPS) as log:
        step = max((log.head - log.cut) // NAMED_POSITIONS, 1)
        return {
            "head": log.head,
            "cut": log.cut,
            "holds": dict(log.holds),
            "verified": log.verify(),
            "blobs": len(log.read("SELECT hash FROM blob")),
            "records": [json.loads(msgspec.json.encode(r)) for r in log.records()],
            "states": {at: plain(log.state_at(at)) for at in range(log.cut, log.head + 1, step)},
        }


def plain(state: object) -> object:
    """Give a state as JSON has it, without what serves the fold only."""
    fields = {n: getattr(state, n) for n in state.__struct_fields__ if n != "pending"}
    return json.loads(msgspec.json.encode(fields))


def main(release: str) -> None:
    """Make both files, and what is read in them."""
    for name, options in (("session", {}), ("bounded", {"keep": 60})):
        path = HERE / f"{name}-{release}.wayfold"
        if path.exists():
            raise SystemExit(f"{path} is there already, and is never written again")
        record_session(path, **options)
        text = json.dumps(told(path), separators=(",", ":"))
        path.with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
