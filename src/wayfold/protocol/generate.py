"""Make a module of each protocol in a folder, and the index of every interface that there is.

Run by the build, `generate.py --xml-dir FOLDER --output FOLDER`; with `--list` it prints the names
of the files that it would write. It needs pywayland and nothing of ours. The modules are made by
pywayland's scanner (0.4.19), called from here for what its own command does not do: an interface
that pywayland ships is imported from there, because a second class of one interface never finds
the objects of the first; names that Python keeps for itself are escaped; bad XML is told of by
file and place; and pkg-config is not asked for.
"""

import importlib.util
import keyword
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from pprint import pformat
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, parse

from pywayland.scanner.protocol import Protocol

__all__ = ["OURS", "BadProtocol", "main", "modules_of", "read_protocol"]

SHIPPED = "pywayland.protocol"
OURS = "wayfold.protocol"
INDEX = "_index.py"

TYPES = {"int", "uint", "fixed", "string", "object", "new_id", "array", "fd"}
NEEDED = {
    "interface": ("name", "version"),
    "request": ("name",),
    "event": ("name",),
    "enum": ("name",),
    "entry": ("name", "value"),
    "arg": ("name", "type"),
}
NUMBERS = ("version", "since", "value")


class BadProtocol(Exception):
    """The XML is not a protocol that a module can be made of."""


class Source(NamedTuple):
    """The XML of one protocol."""

    file: Path
    root: Element

    @property
    def module(self) -> str:
        """Name the module that is made of it."""
        return self.file.stem.replace("-", "_")

    @property
    def interfaces(self) -> list[str]:
        """Name its interfaces."""
        return [each.attrib["name"] for each in self.root.iter("interface")]


def main(arguments: Sequence[str] | None = None) -> str | None:
    """Do what the command line asks for; give what went wrong, None if nothing did."""
    parser = ArgumentParser(description="Make the bindings of the protocols in a folder.")
    parser.add_argument("--xml-dir", type=Path, required=True, help="folder of the XML")
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--output", type=Path, help="folder for what is made")
    task.add_argument("--list", action="store_true", help="print the names of what would be made")
    options = parser.parse_args(arguments)
    try:
        sources = [read_protocol(file) for file in sorted(options.xml_dir.glob("*.xml"))]
        if not sources:
            raise BadProtocol(f"{options.xml_dir}: no XML there")
        if options.list:
            sys.stdout.writelines(f"{source.module}.py\n" for source in sources)
            sys.stdout.write(f"{INDEX}\n")
        else:
            _generate(sources, options.output)
    except BadProtocol as error:
        return str(error)
    return None


def _generate(sources: list[Source], output: Path) -> None:
    modules = modules_of(sources)
    for source in sources:
        _check_references(source, modules)
    facts = {
        "INTERFACES": modules,
        "ARGUMENT_ENUMS": dict(_argument_enums(sources)),
        "DESTRUCTOR_EVENTS": tuple(_destructor_events(sources)),
    }
    output.mkdir(parents=True, exist_ok=True)
    (output / INDEX).write_text(_index(facts), encoding="utf-8")
    for source in sources:
        _write_module(source, output, modules)


def read_protocol(file: Path) -> Source:
    """Read one file; raises BadProtocol on one of which no bindings could be made or shipped."""
    try:
        source = Source(file, parse(file).getroot())
    except ParseError as error:
        raise BadProtocol(f"{file}: not well-formed: {error}") from error
    if source.root.tag != "protocol":
        raise BadProtocol(f"{file}: <{source.root.tag}> found where <protocol> was needed")
    name = source.root.get("name", "")
    if name.replace("-", "_") != source.module:
        # Whoever has not read the XML must be able to tell what is made of it.
        raise BadProtocol(f"{file}: the protocol is named {name!r}, unlike its file")
    if not source.root.findtext("copyright", "").strip():
        # The scanner would write that of pywayland into the module.
        raise BadProtocol(f"{file}: <copyright> is missing")
    _check_form(source)
    return source


def _check_form(source: Source) -> None:
    for path, element in _walk(source.root):
        place = f"{source.file}: {path}"
        for name in NEEDED.get(element.tag, ()):
            if not element.get(name):
                raise BadProtocol(f"{place}: <{element.tag}> needs the attribute {name!r}")
        for name in NUMBERS:
            if not _is_number(element.get(name, "0")):
                raise BadProtocol(f"{place}: {name}={element.get(name)!r} is not a number")
        if element.tag == "arg" and element.get("type") not in TYPES:
            raise BadProtocol(f"{place}: {element.get('type')!r} is not the type of an argument")


def _walk(element: Element, path: str = "") -> Iterator[tuple[str, Element]]:
    for child in element:
        below = f"{path}.{child.get('name', '?')}".lstrip(".")
        yield below, child
        yield from _walk(child, below)


def _is_number(text: str) -> bool:
    try:
        int(text, 0)
    except ValueError:
        return False
    return True


def _check_references(source: Source, modules: dict[str, str]) -> None:
    enums = {
        f"{interface.get('name')}.{enum.get('name')}"
        for interface in source.root.iter("interface")
        for enum in interface.iter("enum")
    }
    for owner, message, element in _messages([source], "event", "request"):
        for argument in element.iter("arg"):
            place = f"{source.file}: {message}.{argument.get('name')}"
            interface = argument.get("interface")
            if interface and interface not in modules:
                raise BadProtocol(f"{place}: no known protocol has an interface {interface!r}")
            enum = _full_enum(owner, argument)
            is_ours = enum.partition(".")[0] in source.interfaces
            if enum and is_ours and enum not in enums:
                raise BadProtocol(f"{place}: there is no enum {enum!r}")


def modules_of(sources: list[Source]) -> dict[str, str]:
    """Tell for each interface the module to take it from."""
    offers = {f"{OURS}.{source.module}": source.interfaces for source in sources}
    modules: dict[str, str] = {}
    for module, interfaces in (_shipped() | offers).items():
        # A superseded protocol shares some names with the one that replaced it, and classes of
        # both do not go together: it is left out as a whole.
        if clash := [name for name in interfaces if name in modules]:
            if module in offers:
                raise BadProtocol(f"{module}: {clash[0]} is in {modules[clash[0]]} already")
            continue
        modules |= dict.fromkeys(interfaces, module)
    return dict(sorted(modules.items()))


def _shipped() -> dict[str, list[str]]:
    # Read, not imported: half a hundred modules take most of a second to import.
    found = importlib.util.find_spec(SHIPPED)
    folders = (found and found.submodule_search_locations) or ()
    files = [file for folder in folders for file in Path(folder).glob("*.py")]
    files.sort(key=lambda file: ("unstable" in file.stem, file.stem))
    name = re.compile(r'^    name = "(\w+)"$', re.MULTILINE)
    return {f"{SHIPPED}.{file.stem}": name.findall(file.read_text("utf-8")) for file in files}


def _write_module(source: Source, output: Path, modules: dict[str, str]) -> None:
    for element in source.root.iter():
        # pywayland takes the underscore off a message's name; schema.py does so for the others.
        if keyword.iskeyword(element.get("name", "")):
            element.set("name", f"{element.get('name')}_")
    bare = {interface: module.rpartition(".")[2] for interface, module in modules.items()}
    Protocol.parse(source.root).output(str(output), bare)
    file = output / f"{source.module}.py"
    full = {module.rpartition(".")[2]: module for module in modules.values()}
    text = re.sub(
        r"^from \.(\w+) import",
        lambda found: f"from {full[found[1]]} import",
        file.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    file.write_text(text, encoding="utf-8")


def _messages(sources: Iterable[Source], *kinds: str) -> Iterator[tuple[str, str, Element]]:
    for interface in (each for source in sources for each in source.root.iter("interface")):
        for message in (each for kind in kinds for each in interface.iter(kind)):
            owner = interface.attrib["name"]
            yield owner, f"{owner}.{message.attrib['name']}", message


def _full_enum(owner: str, argument: Element) -> str:
    enum = argument.get("enum", "")
    return enum if "." in enum or not enum else f"{owner}.{enum}"


def _argument_enums(sources: Iterable[Source]) -> Iterator[tuple[str, str]]:
    for owner, message, element in _messages(sources, "event", "request"):
        for argument in element.iter("arg"):
            if enum := _full_enum(owner, argument):
                yield f"{message}.{argument.attrib['name']}", enum


def _destructor_events(sources: Iterable[Source]) -> Iterator[str]:
    for _, message, element in _messages(sources, "event"):
        if element.get("type") == "destructor":
            yield message


def _index(facts: Mapping[str, object]) -> str:
    lines = ['"""Where each interface is, and what the scanner drops. Made by the build."""']
    for name, fact in facts.items():
        made = "dict[str, str]" if isinstance(fact, dict) else "tuple[str, ...]"
        lines += ["", f"{name}: {made} = {pformat(fact, width=100)}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
