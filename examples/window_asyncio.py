"""The window of window.py under asyncio, beside a task that counts its frames from the log."""

import argparse
import asyncio

from window import draw

import wayfold


async def count_frames(client, window) -> None:
    async for record in client.records("wl_surface.commit", subject=window.surface.subject):
        if window.frames % 30 == 0:
            print(f"{window.frames} frames, the last at position {record.position}", flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, help="close by itself after so many")
    frames = parser.parse_args().frames

    async with wayfold.aio.connect() as client:
        window = client.window("waves", 480, 320, draw=draw, app_id="wayfold.example.asyncio")
        counting = asyncio.create_task(count_frames(client, window))
        await client.run(until=lambda state: window.is_close_requested or window.frames == frames)
        counting.cancel()
        print(f"{window.frames} frames of {window.width}x{window.height}")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
