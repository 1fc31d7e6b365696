"""Open a window that draws a plasma of slow waves until it is closed."""

import argparse
import math

import wayfold

WAVES = bytes(round(128 + 127 * math.sin(step * math.tau / 256)) for step in range(256))


def draw(canvas) -> bool:
    """Paint B G R X pixels, a row at a time; true asks for the next frame."""
    time = canvas.number
    for y in range(canvas.height):
        shift = WAVES[(y + time) % 256]
        row = bytearray(canvas.stride)
        turned = WAVES[shift:] + WAVES[:shift]
        pattern = (turned * (canvas.width // 256 + 1))[: canvas.width]
        row[0::4] = pattern
        row[1::4] = bytes([WAVES[(y * 2 - time) % 256] // 2]) * canvas.width
        row[2::4] = pattern[::-1]
        canvas.data[y * canvas.stride : (y + 1) * canvas.stride] = row
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, help="close by itself after so many")
    frames = parser.parse_args().frames

    with wayfold.connect() as client:
        window = client.window("waves", 480, 320, draw=draw, app_id="wayfold.example.window")
        client.run(until=lambda state: window.is_close_requested or window.frames == frames)
        print(f"{window.frames} frames of {window.width}x{window.height} at scale {window.scale}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
