"""The model and an independent oracle agree on what well-behaved sessions amount to."""

import importlib.util
from collections import defaultdict
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from wayfold.log.record import Single
from wayfold.model import SessionModel

# A module beside this one; tests are no package.
_SPEC = importlib.util.spec_from_file_location("oracle", Path(__file__).with_name("oracle.py"))
oracle = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(oracle)

REGISTRY = "wl_registry#1"
WLR, EXT = "zwlr_foreign_toplevel_handle_v1", "ext_foreign_toplevel_handle_v1"
TEXT = st.sampled_from(["", "one", "two", "three"])
SIZE = st.sampled_from([0, 1, 600, 1920])
PLACE = st.sampled_from([-1920, 0, 1, 2560])
FIXED = st.sampled_from([0.0, 1.5, -2.25, 300.0])
SCALE = st.sampled_from([1, 2, 3])
KIND = st.sampled_from(range(6))
TRANSFORM = st.sampled_from(range(8))
MASK = st.sampled_from([0, 1, 4, 64])
SERIAL = st.integers(1, 1000)
STATES = st.lists(st.sampled_from([1, 2, 4, 9]), unique=True, max_size=3)
PICK = st.integers(0, 7)


class World(RuleBasedStateMachine):
    """A compositor and a client that keep to the protocol, each message told to both judges."""

    def __init__(self):
        super().__init__()
        self.model = SessionModel()
        self.state = self.model.initial
        self.history = []
        self.begin_session()

    def begin_session(self):
        self.serials = getattr(self, "serials", 0)
        self.next_global = 1
        self.live = defaultdict(list)  # interface: subjects, oldest first
        self.of = {}  # subject: what it was made from or for
        self.version = {}
        self.offered = {}  # global: interface
        self.down = {}  # device: keys, buttons or fingers
        self.focus = {}
        self.capabilities = {}
        self.is_on = set()  # surfaces and toplevels with an output they are on
        self.buffer = {}
        self.is_mapped = {}
        self.configured = set()
        self.is_ended = set()

    # -- telling and choosing -------------------------------------------------------------------

    def tell(self, of, what, **data):
        self.history.append(oracle.Told(of, what, data))
        name = f"{of.partition('#')[0]}.{what}"
        self.state = self.model.fold(self.state, [Single(name, of, data)])

    def new(self, interface, of=None, version=1):
        self.serials += 1
        subject = f"{interface}#{self.serials}"
        self.live[interface].append(subject)
        self.of[subject], self.version[subject] = of, version
        return subject

    def gone(self, subject):
        self.live[subject.partition("#")[0]].remove(subject)

    def pick(self, interface, at, where=lambda subject: True):
        found = [one for one in self.live[interface] if where(one)]
        return found[at % len(found)] if found else None

    def any_of(self, interface):
        return bool(self.live.get(interface))

    # -- sessions and globals -------------------------------------------------------------------

    @initialize(data=st.data(), is_furnished=st.sampled_from([True, True, False]))
    def begin(self, data, is_furnished):
        """Start with something of everything, for chance alone seldom makes it."""
        self.open()
        if is_furnished:
            for version in (2, 4):
                self.offer_and_bind("wl_output", version)
                self.describe(self.live["wl_output"][-1], data, st.just(True))
            self.add_seat(9, 7, "seat0")
            for title in ("parent", "child", "grandchild"):
                self.make_mapped_window(title, data)
            self.open_toplevel(WLR, data)

    def make_mapped_window(self, title, data):
        self.make_window(title)
        window = self.live["xdg_toplevel"][-1]
        xdg = self.of[window]
        self.tell(xdg, "configure", serial=1)
        surface = self.of[xdg]
        self.configured.add(surface)
        self.buffer[surface] = self.new("wl_buffer")
        self.tell(surface, "attach", buffer=self.buffer[surface], x=0, y=0)
        self.commit(surface)

    def open(self):
        self.tell("connection", "opened", display="wayland-7")
        self.offer_and_bind("wl_compositor", 6)

    @rule(what=st.sampled_from(["lost", "closed"]))
    def reconnect(self, what):
        if len(self.history) % 5:
            return  # seldom: it ends all that has been built up
        self.tell("connection", what, reason="the compositor is gone")
        self.check()
        self.begin_session()
        self.open()

    def offer(self, interface, version):
        name, self.next_global = self.next_global, self.next_global + 1
        self.offered[name] = interface
        self.tell(REGISTRY, "global", name=name, interface=interface, version=version)
        return name

    def offer_and_bind(self, interface, version, offered=9):
        return self.bind_to(self.offer(interface, max(version, offered)), interface, version)

    def bind_to(self, name, interface, version):
        subject = self.new(interface, name, version)
        offer = {"name": name, "interface": interface, "version": version}
        self.tell(REGISTRY, "bind", **offer, id=subject)
        return subject

    @rule(at=PICK)
    def remove_global(self, at):
        names = [name for name, kind in self.offered.items() if kind in ("wl_output", "wl_seat")]
        if names:
            name = names[at % len(names)]
            kind = self.offered.pop(name)
            self.tell(REGISTRY, "global_remove", name=name)
            self.is_ended |= {one for one in self.live[kind] if self.of[one] == name}

    def is_there(self, subject):
        return subject not in self.is_ended

    @rule(version=st.integers(1, 9))
    def bind_something_else(self, version):
        self.offer_and_bind("wl_shm", version)

    @precondition(lambda self: self.any_of("wl_shm"))
    @rule(at=PICK)
    def release_something_else(self, at):
        shm = self.pick("wl_shm", at)
        self.gone(shm)
        self.tell(shm, "release")

    # -- outputs --------------------------------------------------------------------------------

    @rule(version=st.integers(1, 4), xdg=st.sampled_from([None, 1, 2, 3]), data=st.data())
    def plug_in(self, version, xdg, data):
        output = self.offer_and_bind("wl_output", version)
        if xdg and (version > 1 or xdg < 3):
            manager = self.offer_and_bind("zxdg_output_manager_v1", xdg)
            made = self.new("zxdg_output_v1", output, xdg)
            self.tell(manager, "get_xdg_output", id=made, output=output)
        self.describe(output, data, st.just(True))

    @precondition(lambda self: self.any_of("wl_output"))
    @rule(at=PICK, data=st.data())
    def change_output(self, at, data):
        output = self.pick("wl_output", at, self.is_there)
        if output:
            self.describe(output, data, st.booleans())

    def describe(self, output, data, is_told):
        draw, version = data.draw, self.version[output]
        if draw(is_told):
            self.geometry(output, draw)
        if draw(is_told):
            flags, size = draw(st.sampled_from([1, 2, 3, 0])), draw(SIZE)
            self.tell(output, "mode", flags=flags, width=size, height=draw(SIZE), refresh=60_000)
        if version >= 2 and draw(st.booleans()):
            self.tell(output, "scale", factor=draw(SCALE))
        if version >= 4 and draw(st.booleans()):
            self.tell(output, "name", name=draw(TEXT))
        if version >= 4 and draw(st.booleans()):
            self.tell(output, "description", description=draw(TEXT))
        if version >= 2 and draw(st.sampled_from([True, True, False])):
            self.tell(output, "done")

    def geometry(self, output, draw):
        at = {"x": draw(PLACE), "y": draw(PLACE)}
        size = {"physical_width": draw(SIZE), "physical_height": draw(SIZE)}
        told = {"subpixel": draw(KIND), "make": draw(TEXT), "model": draw(TEXT)}
        self.tell(output, "geometry", **at, **size, **told, transform=draw(TRANSFORM))

    @precondition(lambda self: self.any_of("zxdg_output_v1"))
    @rule(at=PICK, data=st.data(), is_done=st.booleans())
    def change_xdg_output(self, at, data, is_done):
        xdg = self.pick("zxdg_output_v1", at, lambda one: self.is_xdg_told(one))
        if not xdg:
            return
        if data.draw(st.booleans()):
            self.tell(xdg, "logical_position", x=data.draw(PLACE), y=data.draw(PLACE))
        if data.draw(st.booleans()):
            self.tell(xdg, "logical_size", width=data.draw(SIZE), height=data.draw(SIZE))
        if self.version[xdg] >= 2 and data.draw(st.booleans()):
            self.tell(xdg, "name", name=data.draw(TEXT))
        if self.version[xdg] >= 2 and data.draw(st.booleans()):
            self.tell(xdg, "description", description=data.draw(TEXT))
        if is_done:
            self.tell(xdg if self.version[xdg] < 3 else self.of[xdg], "done")

    def is_xdg_told(self, xdg):
        output = self.of[xdg]
        return self.is_there(output) and output in self.live["wl_output"]

    @precondition(lambda self: self.any_of("wl_output"))
    @rule(at=PICK)
    def release_output(self, at):
        output = self.pick("wl_output", at, lambda one: self.version[one] >= 3)
        if output:
            self.gone(output)
            self.tell(output, "release")

    # -- seats ----------------------------------------------------------------------------------

    @rule(version=st.integers(1, 9), capabilities=st.sampled_from([7, 7, 3, 1, 0]), name=TEXT)
    def add_seat(self, version, capabilities, name):
        seat = self.offer_and_bind("wl_seat", version)
        if version >= 2:
            self.tell(seat, "name", name=name)
        self.change_capabilities(seat, capabilities)
        for bit, kind in ((1, "pointer"), (2, "keyboard"), (4, "touch")):
            if capabilities & bit:
                self.get_device(seat, kind)

    def change_capabilities(self, seat, capabilities):
        self.capabilities[seat] = capabilities
        self.tell(seat, "capabilities", capabilities=capabilities)
        for bit, kind in ((1, "wl_pointer"), (2, "wl_keyboard"), (4, "wl_touch")):
            if not capabilities & bit:
                # `Objects of version 5 or later must not send events` when it comes back.
                self.is_ended |= {one for one in self.live[kind] if self.of[one] == seat}

    def get_device(self, seat, kind):
        device = self.new(f"wl_{kind}", seat, self.version[seat])
        self.tell(seat, f"get_{kind}", id=device)
        self.down[device] = []
        self.focus[device] = None

    @precondition(lambda self: self.any_of("wl_seat"))
    @rule(at=PICK, capabilities=st.integers(0, 7))
    def lose_or_gain_capabilities(self, at, capabilities):
        seat = self.pick("wl_seat", at, self.is_there)
        if seat:
            self.change_capabilities(seat, capabilities)

    @precondition(lambda self: self.any_of("wl_seat"))
    @rule(at=PICK, kind=st.sampled_from(["pointer", "keyboard", "touch"]))
    def get_another_device(self, at, kind):
        bit = {"pointer": 1, "keyboard": 2, "touch": 4}[kind]
        seat = self.pick("wl_seat", at, lambda one: self.capabilities[one] & bit)
        if seat and self.is_there(seat):
            self.get_device(seat, kind)

    @precondition(lambda self: self.any_of("wl_seat"))
    @rule(at=PICK)
    def release_seat(self, at):
        seat = self.pick("wl_seat", at, lambda one: self.version[one] >= 5)
        if seat:
            self.gone(seat)
            self.tell(seat, "release")

    @rule(kind=st.sampled_from(["wl_pointer", "wl_keyboard", "wl_touch"]), at=PICK)
    def release_device(self, kind, at):
        device = self.pick(kind, at, lambda one: self.version[one] >= 3)
        if device:
            self.gone(device)
            self.tell(device, "release")

    def is_telling(self, device):
        seat = self.of[device]
        is_here = self.is_there(device) and self.is_there(seat)
        return is_here and seat in self.live["wl_seat"]

    # -- pointers -------------------------------------------------------------------------------

    @rule(at=PICK, on=PICK, x=FIXED, y=FIXED)
    def point_at(self, at, on, x, y):
        pointer = self.pick("wl_pointer", at, self.is_telling)
        surface = self.pick("wl_surface", on)
        if not pointer or not surface:
            return
        self.leave_with_pointer(pointer)
        self.tell(pointer, "enter", serial=1, surface=surface, surface_x=x, surface_y=y)
        self.focus[pointer] = surface
        self.frame(pointer)

    def leave_with_pointer(self, pointer):
        if self.focus[pointer]:
            self.tell(pointer, "leave", serial=1, surface=self.focus[pointer])
            self.focus[pointer], self.down[pointer] = None, []

    def frame(self, device):
        if device.startswith("wl_touch") or self.version[device] >= 5:
            self.tell(device, "frame")

    @precondition(lambda self: self.any_of("wl_pointer"))
    @rule(at=PICK, x=FIXED, y=FIXED, button=st.integers(272, 275), is_framed=st.booleans())
    def use_pointer(self, at, x, y, button, is_framed):
        pointer = self.pick("wl_pointer", at, lambda one: self.has_focus(one))
        if not pointer:
            return
        self.tell(pointer, "motion", time=1, surface_x=x, surface_y=y)
        held = self.down[pointer]
        self.tell(pointer, "button", serial=1, time=1, button=button, state=int(button not in held))
        self.down[pointer] = [one for one in held if one != button] + [button] * (
            button not in held
        )
        if is_framed:
            self.frame(pointer)

    def has_focus(self, device):
        return self.is_telling(device) and self.focus[device] in self.live["wl_surface"]

    @precondition(lambda self: self.any_of("wl_pointer"))
    @rule(at=PICK, is_framed=st.booleans())
    def point_elsewhere(self, at, is_framed):
        pointer = self.pick("wl_pointer", at, self.has_focus)
        if pointer:
            self.leave_with_pointer(pointer)
            if is_framed:
                self.frame(pointer)

    @precondition(lambda self: self.any_of("wl_pointer"))
    @rule(at=PICK)
    def set_cursor(self, at):
        pointer = self.pick("wl_pointer", at, self.has_focus)
        if pointer:
            surface = self.make_surface()
            self.tell(pointer, "set_cursor", serial=1, surface=surface, hotspot_x=0, hotspot_y=0)

    # -- keyboards ------------------------------------------------------------------------------

    @rule(at=PICK, on=PICK, keys=st.lists(st.integers(2, 9), unique=True, max_size=3))
    def focus_keyboard(self, at, on, keys):
        keyboard = self.pick("wl_keyboard", at, self.is_telling)
        surface = self.pick("wl_surface", on)
        if not keyboard or not surface:
            return
        self.unfocus(keyboard)
        self.tell(keyboard, "enter", serial=1, surface=surface, keys=keys)
        self.focus[keyboard], self.down[keyboard] = surface, list(keys)

    def unfocus(self, keyboard):
        if self.focus[keyboard] in self.live["wl_surface"]:
            self.tell(keyboard, "leave", serial=1, surface=self.focus[keyboard])
        self.focus[keyboard], self.down[keyboard] = None, []

    @precondition(lambda self: self.any_of("wl_keyboard"))
    @rule(at=PICK)
    def unfocus_keyboard(self, at):
        keyboard = self.pick("wl_keyboard", at, self.has_focus)
        if keyboard:
            self.unfocus(keyboard)

    @precondition(lambda self: self.any_of("wl_keyboard"))
    @rule(at=PICK, key=st.integers(2, 9), is_repeated=st.booleans())
    def type_key(self, at, key, is_repeated):
        keyboard = self.pick("wl_keyboard", at, self.has_focus)
        if not keyboard:
            return
        held = self.down[keyboard]
        state = int(key not in held)
        self.tell(keyboard, "key", serial=1, time=1, key=key, state=state)
        self.down[keyboard] = [one for one in held if one != key] + [key] * state
        if is_repeated and state and self.version[keyboard] >= 10:
            self.tell(keyboard, "key", serial=1, time=1, key=key, state=2)

    @precondition(lambda self: self.any_of("wl_keyboard"))
    @rule(at=PICK, masks=st.tuples(MASK, MASK, MASK), group=st.integers(0, 1))
    def change_modifiers(self, at, masks, group):
        keyboard = self.pick("wl_keyboard", at, self.is_telling)
        if keyboard:
            names = ("mods_depressed", "mods_latched", "mods_locked")
            told = dict(zip(names, masks, strict=True))
            self.tell(keyboard, "modifiers", serial=1, **told, group=group)

    @precondition(lambda self: self.any_of("wl_keyboard"))
    @rule(at=PICK, rate=st.integers(0, 30), size=st.integers(0, 1))
    def tell_keymap_and_repeat(self, at, rate, size):
        keyboard = self.pick("wl_keyboard", at, self.is_telling)
        if keyboard:
            self.tell(keyboard, "keymap", format=size, fd=3, size=size * 4096)
            if self.version[keyboard] >= 4:
                self.tell(keyboard, "repeat_info", rate=rate, delay=600)

    # -- touch screens --------------------------------------------------------------------------

    @rule(at=PICK, on=PICK, x=FIXED, y=FIXED, is_framed=st.booleans())
    def put_finger(self, at, on, x, y, is_framed):
        touch = self.pick("wl_touch", at, self.is_telling)
        surface = self.pick("wl_surface", on)
        if touch and surface:
            finger = next(one for one in range(99) if one not in self.down[touch])
            place = {"surface": surface, "x": x, "y": y}
            self.tell(touch, "down", serial=1, time=1, id=finger, **place)
            self.down[touch] = [*self.down[touch], finger]
            if is_framed:
                self.frame(touch)

    @precondition(lambda self: self.any_of("wl_touch"))
    @rule(
        at=PICK,
        finger=PICK,
        x=FIXED,
        y=FIXED,
        what=st.sampled_from(["motion", "shape", "up", "cancel"]),
    )
    def use_finger(self, at, finger, x, y, what):
        touch = self.pick("wl_touch", at, lambda one: self.is_telling(one) and self.down[one])
        if not touch:
            return
        one = self.down[touch][finger % len(self.down[touch])]
        if what == "motion":
            self.tell(touch, "motion", time=1, id=one, x=x, y=y)
        elif what == "shape" and self.version[touch] >= 6:
            self.tell(touch, "shape", id=one, major=abs(x), minor=abs(y))
            self.tell(touch, "orientation", id=one, orientation=x)
        elif what == "up":
            self.tell(touch, "up", serial=1, time=1, id=one)
            self.down[touch] = [other for other in self.down[touch] if other != one]
        elif what == "cancel":
            self.tell(touch, "cancel")
            self.down[touch] = []
            return
        self.frame(touch)

    # -- surfaces and windows -------------------------------------------------------------------

    @rule()
    def make_a_surface(self):
        self.make_surface()

    def make_surface(self):
        compositor = self.live["wl_compositor"][0]
        surface = self.new("wl_surface", None, self.version[compositor])
        self.tell(compositor, "create_surface", id=surface)
        self.buffer[surface] = None
        return surface

    @precondition(lambda self: self.any_of("wl_surface"))
    @rule(at=PICK, scale=SCALE, transform=TRANSFORM, is_committed=st.booleans())
    def change_surface(self, at, scale, transform, is_committed):
        surface = self.pick("wl_surface", at)
        self.tell(surface, "set_buffer_scale", scale=scale)
        self.tell(surface, "set_buffer_transform", transform=transform)
        if is_committed:
            self.commit(surface)

    def commit(self, surface):
        self.tell(surface, "commit")
        self.is_mapped[surface] = bool(self.buffer[surface])
        if not self.buffer[surface]:
            self.configured.discard(surface)

    @precondition(lambda self: self.any_of("wl_surface"))
    @rule(at=PICK, is_null=st.sampled_from([False, False, True]), is_committed=st.booleans())
    def attach(self, at, is_null, is_committed):
        surface = self.pick("wl_surface", at, self.may_attach)
        if surface:
            buffer = None if is_null else self.new("wl_buffer")
            self.tell(surface, "attach", buffer=buffer, x=0, y=0)
            self.buffer[surface] = buffer
            if is_committed:
                self.commit(surface)

    def may_attach(self, surface):
        """`Any attempts […] to attach […] a buffer prior to the first configure` are errors."""
        is_xdg = any(self.of[one] == surface for one in self.live["xdg_surface"])
        return not is_xdg or surface in self.configured

    @precondition(lambda self: self.any_of("wl_surface") and self.any_of("wl_output"))
    @rule(at=PICK, on=PICK)
    def move_surface(self, at, on):
        surface, output = self.pick("wl_surface", at), self.pick("wl_output", on, self.is_there)
        if output:
            self.move(surface, output, "enter", "leave")

    def move(self, subject, output, enter, leave):
        is_there = (subject, output) in self.is_on
        self.is_on ^= {(subject, output)}
        self.tell(subject, leave if is_there else enter, output=output)

    @precondition(lambda self: self.any_of("wl_surface"))
    @rule(at=PICK, factor=SCALE, transform=TRANSFORM, scale=st.sampled_from([120, 180]))
    def prefer(self, at, factor, transform, scale):
        surface = self.pick("wl_surface", at)
        self.tell(surface, "preferred_buffer_scale", factor=factor)
        self.tell(surface, "preferred_buffer_transform", transform=transform)
        made = next((f for f in self.live["wp_fractional_scale_v1"] if self.of[f] == surface), None)
        if made is None:
            manager = self.pick("wp_fractional_scale_manager_v1", 0) or self.offer_and_bind(
                "wp_fractional_scale_manager_v1", 1
            )
            made = self.new("wp_fractional_scale_v1", surface)
            self.tell(manager, "get_fractional_scale", id=made, surface=surface)
        self.tell(made, "preferred_scale", scale=scale)

    @precondition(lambda self: self.any_of("wl_surface"))
    @rule(at=PICK)
    def destroy_surface(self, at):
        surface = self.pick("wl_surface", at, lambda one: not self.is_xdg(one))
        if surface:
            self.gone(surface)
            self.tell(surface, "destroy")
            for device, on in self.focus.items():
                if on == surface:
                    self.focus[device], self.down[device] = None, []

    def is_xdg(self, surface):
        return any(self.of[one] == surface for one in self.live["xdg_surface"])

    @rule(title=TEXT)
    def make_window(self, title):
        shell = self.pick("xdg_wm_base", 0) or self.offer_and_bind("xdg_wm_base", 6)
        surface = self.make_surface()
        xdg = self.new("xdg_surface", surface)
        self.tell(shell, "get_xdg_surface", id=xdg, surface=surface)
        window = self.new("xdg_toplevel", xdg)
        self.tell(xdg, "get_toplevel", id=window)
        self.tell(window, "set_title", title=title)
        self.commit(surface)

    @precondition(lambda self: self.any_of("xdg_toplevel"))
    @rule(at=PICK, size=st.tuples(SIZE, SIZE), states=STATES, serial=SERIAL, data=st.data())
    def configure(self, at, size, states, serial, data):
        window = self.pick("xdg_toplevel", at)
        xdg = self.of[window]
        if data.draw(st.booleans()):
            told = data.draw(st.tuples(SIZE, SIZE))
            self.tell(window, "configure_bounds", width=told[0], height=told[1])
        if data.draw(st.booleans()):
            self.tell(window, "wm_capabilities", capabilities=[1, 3])
        self.tell(window, "configure", width=size[0], height=size[1], states=states)
        if data.draw(st.sampled_from([True, True, False])):
            self.tell(xdg, "configure", serial=serial)
            self.configured.add(self.of[xdg])
            if data.draw(st.booleans()):
                self.tell(xdg, "ack_configure", serial=serial)

    @precondition(lambda self: self.any_of("xdg_toplevel"))
    @rule(at=PICK, on=PICK, what=st.sampled_from(["title", "app_id", "close", "parent", "orphan"]))
    def change_window(self, at, on, what):
        window = self.pick("xdg_toplevel", at)
        match what:
            case "title" | "app_id":
                self.tell(window, f"set_{what}", **{what: f"{what} {on}"})
            case "close":
                self.tell(window, "close")
            case "orphan":
                self.tell(window, "set_parent", parent=None)
            case "parent":
                # `The parent toplevel must not be one of the child toplevel's descendants`.
                older = lambda one: int(one.split("#")[1]) < int(window.split("#")[1])  # noqa: E731
                if parent := self.pick("xdg_toplevel", on, older):
                    self.tell(window, "set_parent", parent=parent)

    @precondition(lambda self: self.any_of("xdg_toplevel"))
    @rule(at=PICK)
    def destroy_window(self, at):
        window = self.pick("xdg_toplevel", at)
        xdg = self.of[window]
        for one in (window, xdg):
            self.gone(one)
            self.tell(one, "destroy")

    # -- anybody's windows ----------------------------------------------------------------------

    @rule(kind=st.sampled_from([WLR, EXT]), data=st.data())
    def open_toplevel(self, kind, data):
        maker = {WLR: "zwlr_foreign_toplevel_manager_v1", EXT: "ext_foreign_toplevel_list_v1"}[kind]
        manager = self.pick(maker, 0) or self.offer_and_bind(maker, 3 if kind == WLR else 1)
        handle = self.new(kind)
        self.tell(manager, "toplevel", toplevel=handle)
        if kind == EXT:
            self.tell(handle, "identifier", identifier=f"id {handle}")
        self.describe_toplevel(handle, data)

    @rule(kind=st.sampled_from([WLR, EXT]), at=PICK, data=st.data())
    def change_toplevel(self, kind, at, data):
        if handle := self.pick(kind, at, self.is_there):
            self.describe_toplevel(handle, data)

    def describe_toplevel(self, handle, data):
        draw = data.draw
        self.tell(handle, "title", title=draw(TEXT))
        if draw(st.booleans()):
            self.tell(handle, "app_id", app_id=draw(TEXT))
        if handle.startswith(WLR):
            self.describe_wlr(handle, draw)
        if draw(st.sampled_from([True, True, False])):
            self.tell(handle, "done")

    def describe_wlr(self, handle, draw):
        self.tell(handle, "state", state=draw(st.lists(st.integers(0, 3), unique=True)))
        if output := self.pick("wl_output", draw(PICK), self.is_there):
            self.move(handle, output, "output_enter", "output_leave")
        others = lambda one: one != handle and self.is_there(one)  # noqa: E731
        parent = self.pick(WLR, draw(PICK), others)
        self.tell(handle, "parent", parent=draw(st.sampled_from([parent, None])))

    @rule(kind=st.sampled_from([WLR, EXT]), at=PICK, is_closed=st.booleans())
    def end_toplevel(self, kind, at, is_closed):
        handle = self.pick(kind, at)
        if handle and is_closed and self.is_there(handle):
            self.tell(handle, "closed")
            self.is_ended.add(handle)
        elif handle:
            self.tell(handle, "destroy")
            self.gone(handle)

    # -- judging --------------------------------------------------------------------------------

    @invariant()
    def check(self):
        judge = oracle.Oracle(self.history)
        found = plain(self.state)
        for part in ("globals", "outputs", "surfaces", "windows", "toplevels"):
            assert found[part] == getattr(judge, part)(), part
        seats = judge.seats()
        for subject, seat in seats.items():
            pointer = seat["pointer"]
            if pointer and judge.is_pointer_amid_focus(pointer["subject"]):
                seat["pointer"] = found["seats"][subject]["pointer"]
        assert found["seats"] == seats
        assert found["connection"]["status"] == {"opened": "open"}.get(
            judge.connection.what, judge.connection.what
        )


def plain(value):
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, tuple) else value


World.TestCase.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestWorld = World.TestCase
