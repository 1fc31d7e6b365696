"""`wayfold watch`: print records as they come."""

import argparse
import sys
from collections.abc import Callable, Iterator

import msgspec

import wayfold
from wayfold.cli.arguments import add_display, pattern, seconds
from wayfold.cli.spelling import spell_record
from wayfold.cli.streams import is_pipe
from wayfold.cli.terminal import columns, cut
from wayfold.log import Record
from wayfold.protocol import schema
from wayfold.wayland.deadline import Deadline
from wayfold.wayland.registry import BOUND_BY_DEFAULT

__all__ = ["add_arguments", "run"]

_ABOUT = """\
Print the records of a connection of its own as they come, one a line:

  <-  told by the compositor        ==  derived by wayfold (output.changed)
  ->  asked of it by wayfold        subjects such as wl_output#7 are used once

What other programs are told is not seen. A line is cut at a terminal's width,
in a pipe it is whole."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what this command takes."""
    parser.description = _ABOUT
    parser.epilog = "example: wayfold watch 'wl_output.*' 'output.*' --for 10 --json"
    parser.add_argument(
        "patterns",
        metavar="PATTERN",
        nargs="*",
        default=[],
        type=pattern,
        help="records by name, such as 'wl_output.*'",
    )
    parser.add_argument("--subject", help="records about one object, such as wl_output#7")
    parser.add_argument("--for", dest="for_s", type=seconds, metavar="SECONDS", help="then end")
    parser.add_argument(
        "--bind",
        action="append",
        default=[],
        type=_interface,
        metavar="INTERFACE",
        help="bind this global too, to hear what its objects tell; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_display(parser)


def _interface(name: str) -> str:
    try:
        schema.interface(name)
    except schema.UnknownInterface as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return name


def run(options: argparse.Namespace) -> int:
    """Print until time is up, the compositor goes or Ctrl-C."""
    write = _json_writer() if options.json else _text_writer()
    deadline = Deadline("the end of watch", options.for_s)
    bind = {*BOUND_BY_DEFAULT, *options.bind}
    with wayfold.connect(options.display, bind=bind) as client:
        _end_with_reader(client)
        for record in _told(client, options, deadline):
            write(record)
    return 0


def _end_with_reader(client: wayfold.Client) -> None:
    """End when nobody reads the pipe any more, also while there is nothing to write."""
    written = sys.stdout.fileno()
    if is_pipe(written):
        client.loop.add(written, _read_no_more)


def _read_no_more() -> None:
    # Of a pipe's writing end nothing else is told to who waits for input (poll(2), POLLERR).
    raise BrokenPipeError


def _told(
    client: wayfold.Client, options: argparse.Namespace, deadline: Deadline
) -> Iterator[Record]:
    position = 0
    while True:
        try:
            yield from _chosen(client, options, position)
            position = client.log.head
            sys.stdout.flush()
            if deadline.is_over:
                return
            client.dispatch(deadline.left_s())
        except wayfold.WayfoldError:
            yield from _chosen(client, options, position)
            raise


def _chosen(client: wayfold.Client, options: argparse.Namespace, after: int) -> Iterator[Record]:
    return client.log.records(after=after, name=options.patterns or None, subject=options.subject)


def _text_writer() -> Callable[[Record], None]:
    def write(record: Record) -> None:
        print(cut(spell_record(record), columns(sys.stdout)))

    return write


def _json_writer() -> Callable[[Record], None]:
    encode = msgspec.json.Encoder().encode

    def write(record: Record) -> None:
        print(encode(record).decode())

    return write
