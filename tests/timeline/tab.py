"""A tab that shows a timeline, and hands that touch it."""

import base64
import io
import time
from pathlib import Path

from chromium import DEADLINE_S, Browser, BrowserFailed
from PIL import Image

SHIFT, CONTROL = 8, 2
CHART_LEFT, RULER_Y, FIRST_LANE_Y, LANES_Y, ROW = 250, 105, 123, 300, 30
"""Where the chart begins, places on its ruler and its lanes, and the height of a lane."""


class Tab:
    """A tab that shows a timeline."""

    def __init__(self, browser: Browser, *, width=1280, height=800, is_dark=False) -> None:
        self._browser = browser
        self._target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=self._target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        theme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        calm = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call("Emulation.setEmulatedMedia", features=[theme, calm])

    def call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def open(self, path: Path) -> "Tab":
        """Load a file and wait until it shows the recording."""
        self.call("Page.navigate", url=path.as_uri())
        self.wait_for("document.body?.dataset.ready === 'true' && app.frames > 0")
        return self

    def resize(self, width, height):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)

    def run(self, expression):
        """Give the value of an expression; promises are waited for."""
        done = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in done:
            raise BrowserFailed(f"{expression}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def wait_for(self, condition):
        """Wait, frame by frame, until an expression is true."""
        turn = "new Promise((done) => setTimeout(done, 5))"
        deadline = time.monotonic() + DEADLINE_S
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > deadline:
                raise BrowserFailed(f"never true: {condition}; {self.complaints()}")
            self.run(turn)

    def painted(self):
        """Wait until what was asked for is drawn."""
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def press(self, *keys):
        """Press keys by their names: `ArrowRight`, `w`, `Shift+ArrowRight`."""
        for each in keys:
            *modifiers, key = each.split("+") if each != "+" else ("+",)
            text = {"text": key} if len(key) == 1 else {}
            parameters = {"key": key, "modifiers": 8 if modifiers else 0, **text}
            if key == "Enter":
                parameters |= {"text": "\r", "windowsVirtualKeyCode": 13}
            self.call("Input.dispatchKeyEvent", type="keyDown", **parameters)
            self.call("Input.dispatchKeyEvent", type="keyUp", **parameters)
        self.painted()

    def type(self, text):
        self.call("Input.insertText", text=text)

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x, y):
        self.drag((x, y))

    def drag(self, *places, modifiers=0):
        """Press at the first place, move over the others, let go at the last."""
        more = {"button": "left", "clickCount": 1, "modifiers": modifiers}
        self.mouse("mouseMoved", *places[0])
        self.mouse("mousePressed", *places[0], **more)
        for place in places[1:]:
            self.mouse("mouseMoved", *place, buttons=1, **more)
        self.mouse("mouseReleased", *places[-1], **more)
        self.painted()

    def wheel(self, x, y, *, dx=0, dy=0, modifiers=0):
        self.mouse("mouseWheel", x, y, deltaX=dx, deltaY=dy, modifiers=modifiers)
        self.painted()

    def screenshot(self, path: Path) -> bytes:
        taken = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        path.write_bytes(taken)
        return taken

    def complaints(self):
        """Give errors and warnings of the console, and exceptions."""
        told = self._browser.events(self._session)
        bad = ("Runtime.exceptionThrown", "Log.entryAdded")
        return [each["params"] for each in told if each["method"] in bad] + [
            each["params"]
            for each in told
            if each["method"] == "Runtime.consoleAPICalled"
            and each["params"]["type"] in ("error", "warning", "assert")
        ]

    def close(self) -> None:
        self._browser.call("Target.closeTarget", targetId=self._target)

    # -- what a timeline shows --------------------------------------------------------------------

    @property
    def position(self):
        """The position of the chosen record."""
        return self.run("app.index < 0 ? null : app.recording.positions[app.index]")

    def choose(self, position):
        self.run(f"app.choose(app.recording.indexOf({position}))")

    @property
    def span(self):
        """Nanoseconds that are seen."""
        return self.run("app.viewport.span")

    def lanes(self):
        return self.run("app.tree.rows.map((lane) => lane.label)")

    def text(self, place):
        return self.run(f"document.querySelector('{place}').textContent")

    @property
    def said(self):
        """What a screen reader was told last."""
        return self.text("#live")

    def x_of(self, position):
        """The place on the screen of a record."""
        i = f"app.recording.indexOf({position})"
        return CHART_LEFT + self.run(f"app.viewport.x(app.recording.times[{i}])")

    def search(self, query):
        """Type a query and wait for its end; give the positions found."""
        self.press("/")
        self.run("app.search.input.select()")
        self.type(query)
        self.wait_for("!app.search.isRunning")
        return self.run("Array.from(app.search.places, (i) => app.recording.positions[i])")

    def colours(self, path):
        """Count the pixels of each colour on the screen."""
        image = Image.open(io.BytesIO(self.screenshot(path))).convert("RGB")
        return {f"#{r:02x}{g:02x}{b:02x}": n for n, (r, g, b) in image.getcolors(1 << 24)}
