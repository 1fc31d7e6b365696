"""A session told record by record, and runs as the journal packs them."""

import pytest

from wayfold.log.record import Origin, Single
from wayfold.model import SessionModel


class Session:
    """Folds what it is told, and keeps what the groups' ends derive."""

    def __init__(self):
        self.model = SessionModel()
        self.state = self.model.initial
        self.facts = []
        self._before = self.state
        self._serial = 1

    def tell(self, subject, message, **data):
        name = f"{subject.split('#')[0]}.{message}"
        self.fold(Single(name, subject, data))
        return self.state

    def fold(self, *runs):
        self.state = self.model.fold(self.state, runs)
        if self.model.ends_group(runs[-1].name):
            self.facts += self.model.derive(self._before, self.state)
            self._before = self.state

    def new(self, interface):
        self._serial += 1
        return f"{interface}#{self._serial}"

    def bind(self, interface, version, name=None):
        subject = self.new(interface)
        name = int(subject.split("#")[1]) + 100 if name is None else name
        if name not in self.state.globals:
            self.tell("wl_registry#1", "global", name=name, interface=interface, version=version)
        offer = {"name": name, "interface": interface, "version": version, "id": subject}
        self.tell("wl_registry#1", "bind", **offer)
        return subject

    def make(self, maker, request, interface, **data):
        subject = self.new(interface)
        self.tell(maker, request, id=subject, **data)
        return subject

    def output(self, version=4, **told):
        subject = self.bind("wl_output", version)
        self.geometry(subject)
        self.mode(subject)
        for message, value in told.items():
            self.tell(subject, message, **{"factor" if message == "scale" else message: value})
        if version >= 2:
            self.tell(subject, "done")
        return subject

    def geometry(self, output, **told):
        usual = {"x": 0, "y": 0, "physical_width": 600, "physical_height": 340, "subpixel": 0}
        self.tell(output, "geometry", **{**usual, "make": "m", "model": "n", "transform": 0} | told)

    def mode(self, output, flags=3, width=1920, height=1080, refresh=60_000):
        self.tell(output, "mode", flags=flags, width=width, height=height, refresh=refresh)

    def seat(self, version=7, capabilities=7):
        subject = self.bind("wl_seat", version)
        self.tell(subject, "capabilities", capabilities=capabilities)
        return subject

    def surface(self):
        return self.make("wl_compositor#0", "create_surface", "wl_surface")

    def window(self):
        surface = self.surface()
        xdg = self.make("xdg_wm_base#0", "get_xdg_surface", "xdg_surface", surface=surface)
        return surface, xdg, self.make(xdg, "get_toplevel", "xdg_toplevel")

    def since(self):
        """Give the facts derived since the last call, by name and subject."""
        told, self.facts = self.facts, []
        return [(fact.name, fact.subject) for fact in told]


class Packed:
    """A run of records of `int` and `uint` arguments, as the journal packs them."""

    def __init__(self, name, subject, fields, rows):
        self.name, self.subject, self._fields, self._rows = name, subject, fields, rows

    def __len__(self):
        return len(self._rows)

    def data(self):
        return (dict(zip(self._fields, row, strict=True)) for row in self._rows)

    origin = Origin.COMPOSITOR

    def words(self):
        return self

    def column(self, argument):
        return [row[argument] % 2**32 for row in self._rows]


@pytest.fixture
def session():
    return Session()


@pytest.fixture
def modes():
    """Make a packed run of wl_output.mode from rows of flags, width, height, refresh."""

    def run(subject, *rows):
        return Packed("wl_output.mode", subject, ("flags", "width", "height", "refresh"), rows)

    return run
