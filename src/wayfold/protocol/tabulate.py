"""Write every known interface down as text, for the harness, which shall not need pywayland.

Run by the build, `tabulate.py --xml-dir FOLDER --output FILE`; how a line reads is told by
`wayfold.testing.interfaces`. What pywayland ships is taken from its classes.
"""

import importlib
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from generate import OURS, modules_of, read_protocol
from shipped import ARRAY_ELEMENTS, DESTRUCTOR_EVENTS

LETTERS = {
    "int": "i",
    "uint": "u",
    "fixed": "f",
    "string": "s",
    "object": "o",
    "new_id": "n",
    "array": "a",
    "fd": "h",
}


class Argument(NamedTuple):
    """An argument by its letters in a signature, its name, and the interface it makes."""

    letters: str
    names: tuple[str, ...]
    creates: str | None = None


def main() -> None:
    """Write the table."""
    parser = ArgumentParser(description="Write the table of interfaces.")
    parser.add_argument("--xml-dir", type=Path, required=True, help="folder of the XML")
    parser.add_argument("--output", type=Path, required=True, help="file for the table")
    options = parser.parse_args()
    sources = [read_protocol(file) for file in sorted(options.xml_dir.glob("*.xml"))]
    table = {}
    for interface, module in modules_of(sources).items():
        if not module.startswith(OURS):
            table[interface] = "\n".join(_of_class(_class(interface, module)))
    for element in (each for source in sources for each in source.root.iter("interface")):
        table[element.attrib["name"]] = "\n".join(_of_xml(element))
    blocks = "".join(f'    "{name}": """{text}""",\n' for name, text in sorted(table.items()))
    options.output.write_text(
        '"""Every known interface as `interfaces` reads it. Made by the build."""\n\n'
        f"INTERFACES: dict[str, str] = {{\n{blocks}}}\n",
        encoding="utf-8",
    )


def _class(interface: str, module: str) -> Any:
    name = "".join(map(str.capitalize, interface.split("_")))
    return getattr(importlib.import_module(module), name)


def _of_class(interface: Any) -> Iterator[str]:
    yield f"{interface.name} {interface.version}"
    for kind, messages in (("request", interface.requests), ("event", interface.events)):
        for made in messages:
            code = made.py_func.__code__
            arguments = list(_class_arguments(made, code, kind == "request"))
            path = f"{interface.name}.{made.name}"
            destroys = "_destroy" in code.co_names or (
                kind == "event" and path in DESTRUCTOR_EVENTS
            )
            yield _line(kind, path, arguments, since=made.version or 1, destroys=destroys)


def _class_arguments(made: Any, code: CodeType, is_request: bool) -> Iterator[Argument]:
    spelled = iter(code.co_varnames[1 : code.co_argcount])
    for argument in made.arguments:
        letters = argument.signature
        if letters == "sun":
            yield Argument("sun", (next(spelled), next(spelled), _made_name(code)))
            continue
        unnamed = letters == "n" and is_request
        name = _made_name(code) if unnamed else next(spelled).strip("_")
        creates = argument.interface.name if letters == "n" and argument.interface else None
        yield Argument(letters, (name,), creates)


def _made_name(code: CodeType) -> str:
    # pywayland takes no such argument; the scanner's method returns a variable of its name.
    return code.co_varnames[code.co_argcount].strip("_")


def _of_xml(interface: Element) -> Iterator[str]:
    name = interface.attrib["name"]
    yield f"{name} {interface.attrib['version']}"
    for kind in ("request", "event"):
        for message in interface.iter(kind):
            arguments = [_xml_argument(each) for each in message.iter("arg")]
            since = int(message.get("since", "1"))
            destroys = message.get("type") == "destructor"
            path = f"{name}.{message.attrib['name']}"
            yield _line(kind, path, arguments, since=since, destroys=destroys)


def _xml_argument(element: Element) -> Argument:
    name, interface = element.attrib["name"], element.get("interface")
    letter = LETTERS[element.attrib["type"]]
    if letter == "n" and interface is None:
        return Argument("sun", ("interface", "version", name))
    nullable = "?" if element.get("allow-null") == "true" else ""
    return Argument(nullable + letter, (name,), interface if letter == "n" else None)


def _line(
    kind: str, path: str, arguments: Iterable[Argument], *, since: int, destroys: bool
) -> str:
    listed = list(arguments)
    words = [kind, path.partition(".")[2], "".join(each.letters for each in listed)]
    names = [_named(path, each, name) for each in listed for name in each.names]
    words += [f"args={','.join(names)}"] if names else []
    words += [f"creates={each.creates}" for each in listed if each.creates]
    words += [f"since={since}"] if since > 1 else []
    words += ["destructor"] if destroys else []
    return " ".join(word for word in words if word)


def _named(path: str, argument: Argument, name: str) -> str:
    element = ARRAY_ELEMENTS.get(f"{path}.{name}") if argument.letters.endswith("a") else None
    return f"{name}:{element}" if element else name


if __name__ == "__main__":
    sys.exit(main())
