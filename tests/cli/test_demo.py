"""`wayfold demo` shows a real window's session and tells it from its log."""

import re
import subprocess
import sys

import pytest
from PIL import Image

import wayfold as package
from wayfold.cli.screenshot import take_screenshot
from wayfold.testing import ScriptedServer, Weston
from wayfold.testing.interfaces import known_interfaces

XRGB = int.from_bytes(b"XR24", "little")


def is_night(pixel):
    """Tell the dark blue that the picture begins with at its top."""
    red, green, blue = pixel[:3]
    return red < 20 and green < 26 and 25 < blue < 60


@pytest.fixture
def shown(wayfold, tmp_path):
    done = wayfold("demo", "--frames", "20", "--output", "shot.png")
    assert done.returncode == 0, done.stderr
    return done, Image.open(tmp_path / "shot.png").convert("RGB")


def test_the_screenshot_shows_the_window(shown):
    _, picture = shown
    pixels = list(zip(*[iter(picture.tobytes())] * 3, strict=True))
    night = sum(map(is_night, pixels))
    white = sum(min(pixel) > 235 for pixel in pixels)

    assert picture.size == (1024, 640)
    assert night > 640 * 20  # the window's upper rows
    assert 500 < white < 20_000  # its title
    assert len(set(pixels)) > 2000  # its waves


def test_the_story_says_what_happened(shown):
    done, _ = shown
    text = done.stdout

    assert "weston 10" in text or "weston 1" in text
    assert re.search(r"wl_compositor +offered \d+ +bound \d+ +as #\d+$", text, re.MULTILINE)
    assert "headless  1024x640 at 60 Hz  scale 1" in text
    assert "  20 drawn in" in text
    assert re.search(r"from one to the next: median [\d.]+ ms", text)
    counts = {name: int(n) for n, name in re.findall(r"^    (\d+) +([\w.]+)$", text, re.MULTILINE)}
    assert counts["wl_surface.attach"] == 20
    assert counts["wl_surface.commit"] == 22
    totals = re.findall(r"^  (?:compositor|client|wayfold): (\d+)$", text, re.MULTILINE)
    (head,) = re.findall(r"^Records: (\d+) in all$", text, re.MULTILINE)
    assert sum(map(int, totals)) == int(head)
    last = text.partition("The last ten records\n")[2].splitlines()[:10]
    assert [int(line.split()[0]) for line in last] == list(range(int(head) - 9, int(head) + 1))
    assert re.search(r"surfaces\.wl_surface#\d+\.commits: 1 → 22", text)
    assert "shot.png: 1024x640 pixels" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_file_that_cannot_be_written_is_told_before_a_window_opens(wayfold):
    done = wayfold("demo", "--output", "/nonexistent/shot.png")

    assert (done.returncode, done.stdout) == (1, "")
    assert "/nonexistent/shot.png cannot be written" in done.stderr


def test_without_cairocffi_it_says_what_to_install():
    program = (
        "import sys; sys.modules['cairocffi'] = None;"
        "from wayfold.cli import main; sys.exit(main(['demo', '--headless']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )

    assert done.returncode == 1
    assert "pip install 'wayfold[demo]'" in done.stderr


def test_a_session_that_allows_no_screenshot_is_told_when_one_is_asked_for(wayfold, tmp_path):
    with ScriptedServer() as server:
        server.serve_windows()
        server.listen(str(tmp_path / "wayland-0"))
        done = wayfold("demo", "--output", "x.png", "--display", tmp_path / "wayland-0")

    assert done.returncode == 1
    assert "lets nobody take screenshots" in done.stderr


@pytest.mark.parametrize("place", [".", "none/x.png", "/dev/null/x.png"])
def test_a_place_where_no_picture_can_be_is_told_at_once(wayfold, place):
    done = wayfold("demo", "--headless", "--output", place)

    told = f"wayfold demo: {place} cannot be written; name another file with --output\n"
    assert (done.returncode, done.stderr, done.stdout) == (1, told, "")


def test_a_picture_that_does_not_fit_is_told(wayfold):
    done = wayfold("demo", "--headless", "--frames", "3", "--output", "/dev/full")

    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == [
        "wayfold demo: the screenshot cannot be written: [Errno 28] No space left on device"
    ]


def test_the_story_of_a_desktop_fits_the_terminal_too(wayfold, sway):
    done = wayfold("demo", "--frames", "5", compositor=sway)

    assert (done.returncode, done.stderr) == (0, "")
    assert "zwlr_foreign_toplevel_manager_v1" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_under_a_session_the_window_stays_until_it_is_closed(started, tmp_path):
    with ScriptedServer() as server:
        server.serve_windows()
        server.listen(str(tmp_path / "wayland-0"))
        running = started("demo", "--display", tmp_path / "wayland-0")
        for _ in range(3):
            server.wait_for("wl_surface.attach")
        server.event("xdg_toplevel", "close")
        output, errors = running.communicate(timeout=30)

    assert (running.returncode, errors) == (0, "")
    assert "Compositor: " in output
    assert "screenshot" not in output


PAINT = b"\x10\x20\x30\0"  # B G R X
SHOWN = (0x30, 0x20, 0x10, 0xFF)


def painted(client):
    """Open a window of one colour and wait until it is shown."""

    def draw(canvas):
        canvas.data[:] = PAINT * (canvas.width * canvas.height)
        return canvas.number < 3

    window = client.window("w", 40, 30, draw=draw)
    client.run(until=lambda _: window.frames == 4, timeout=20)
    shown = window.surface.frame()
    window.surface.commit()
    client.wait_until(lambda _: not shown.is_alive)
    (output,) = client.state.outputs.values()
    return output


def test_a_screenshot_by_wlr_screencopy_on_sway(sway):
    with package.connect(sway.display) as client:
        shot = take_screenshot(client, painted(client))

    assert (shot.width, shot.height) == (1280, 720)
    assert shot[0, 0] == shot[1279, 719] == SHOWN


def test_a_screenshot_by_westons_screenshooter():
    with Weston(screenshooter=True) as weston, package.connect(weston.client_socket) as client:
        shot = take_screenshot(client, painted(client))

    assert (shot.width, shot.height) == (1024, 640)
    pixels = zip(*[iter(shot.pixels)] * 4, strict=True)
    assert sum(pixel == SHOWN for pixel in pixels) == 40 * 30


@pytest.fixture
def capturing():
    """A server that offers weston_capture_v1 as weston 12 and later do, and a client of it."""
    with ScriptedServer(interfaces=known_interfaces()) as server:
        server.add_global("weston_capture_v1", 1)

        def create(request):
            (source,) = request.created
            source.event("format", XRGB)
            source.event("size", 30, 20)

        server.on("weston_capture_v1.create", create)
        with package.connect(server.client_socket) as client:
            yield server, client


def test_a_screenshot_by_westons_capture_is_tried_again_when_told_so(capturing):
    server, client = capturing
    answers = ["retry", "complete"]

    def capture(request):
        answer = answers.pop(0)
        if answer == "retry":
            request.resource.event("size", 40, 20)
        request.resource.event(answer)

    server.on("weston_capture_source_v1.capture", capture)
    (output,) = client.state.outputs.values()
    shot = take_screenshot(client, output)

    assert (shot.width, shot.height) == (40, 20)
    assert answers == []


def test_a_capture_that_fails_is_told_with_the_compositors_words(capturing):
    server, client = capturing
    server.on(
        "weston_capture_source_v1.capture",
        lambda request: request.resource.event("failed", "unauthorized"),
    )
    (output,) = client.state.outputs.values()

    with pytest.raises(Exception, match="took no screenshot: unauthorized"):
        take_screenshot(client, output)
