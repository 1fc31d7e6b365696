"""What a message is called and made of, for the interfaces that a scripted server speaks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from wayfold.testing._messages import INTERFACES

__all__ = ["Interface", "Message", "known_interfaces", "parse_interfaces"]


@dataclass(frozen=True, slots=True)
class Message:
    """One request or event; `opcode` is its place among its interface's.

    `arguments` are the names in the XML; `elements` says of an array among them what it holds,
    `u32` or `u16`, where that is not bytes.
    """

    name: str
    opcode: int
    signature: str = ""
    creates: str | None = None
    since: int = 1
    is_destructor: bool = False
    arguments: tuple[str, ...] = ()
    elements: Mapping[str, str] = field(default_factory=dict)

    @property
    def created_at(self) -> int:
        """Give the place of the new object among the arguments."""
        return self.signature.replace("?", "").index("n")


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface at its newest known version."""

    name: str
    version: int
    requests: tuple[Message, ...] = ()
    events: tuple[Message, ...] = ()

    def event(self, name: str) -> Message:
        """Find an event by name; raises LookupError."""
        for event in self.events:
            if event.name == name:
                return event
        raise LookupError(f"{self.name} has no event {name!r} in the server's table")


class _Known(Mapping[str, Interface]):
    """Reads an interface when it is asked for: there are hundreds, and a test uses a few."""

    def __init__(self, own: Mapping[str, Interface]) -> None:
        self._own = own

    def __getitem__(self, name: str) -> Interface:
        return self._own[name] if name in self._own else _standard(name)

    def __iter__(self) -> Iterator[str]:
        return iter({**INTERFACES, **self._own})

    def __len__(self) -> int:
        return len(INTERFACES.keys() | self._own.keys())


@cache
def _standard(name: str) -> Interface:
    return _interface(INTERFACES[name])


def known_interfaces(own: Mapping[str, Interface] | None = None) -> Mapping[str, Interface]:
    """Give every interface known to wayfold when it was built; one's own go before them."""
    return _Known(own or {})


def parse_interfaces(text: str) -> dict[str, Interface]:
    """Read a table of interfaces of ones own; raises ValueError at a line it cannot read.

    `interface NAME VERSION` is followed by its messages by opcode, each a line `request|event NAME
    [SIGNATURE] [args=NAME,…] [creates=INTERFACE] [since=VERSION] [destructor]`, with a signature
    as in `wayfold.testing.wire`. An array's name may say what it holds: `keys:u32`.
    """
    found = (_interface(block.strip()) for block in text.split("interface ")[1:])
    return {interface.name: interface for interface in found}


def _interface(block: str) -> Interface:
    head, *lines = block.splitlines()
    name, version = head.split()
    requests = [line for line in lines if line.startswith("request ")]
    events = [line for line in lines if line.startswith("event ")]
    if len(requests) + len(events) < len(lines):
        raise ValueError(f"a line of {name} is neither a request nor an event")
    return Interface(name, int(version), _messages(requests), _messages(events))


def _messages(lines: list[str]) -> tuple[Message, ...]:
    return tuple(_message(opcode, line.split()[1:]) for opcode, line in enumerate(lines))


def _message(opcode: int, words: list[str]) -> Message:
    name, *rest = words
    options = dict(word.split("=") for word in rest if "=" in word)
    plain = [word for word in rest if "=" not in word and word != "destructor"]
    named = [each.partition(":") for each in options.get("args", "").split(",") if each]
    return Message(
        name,
        opcode,
        plain[0] if plain else "",
        options.get("creates"),
        int(options.get("since", "1")),
        "destructor" in rest,
        tuple(argument for argument, _, _ in named),
        {argument: element for argument, _, element in named if element},
    )
