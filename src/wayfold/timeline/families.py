"""Which object was made by which, and what people call it."""

from wayfold.log import Record

__all__ = ["Families"]

_MADE_FOR = ("surface", "output", "seat")
_ROOTS = ("wl_display", "wl_registry")
_TITLES = {
    "xdg_toplevel.set_title": "title",
    "xdg_toplevel.set_app_id": "app_id",
    "wl_output.name": "name",
    "zxdg_output_v1.name": "name",
    "wl_seat.name": "name",
    "zwlr_foreign_toplevel_handle_v1.title": "title",
    "ext_foreign_toplevel_handle_v1.title": "title",
}
_REQUIRED = "effect.required"


class Families:
    """Objects and who made them.

    Objects are numbered as they are made, so that a number above all before is a new object;
    any other was there before the recording began. What makes everything has no children.
    """

    def __init__(self) -> None:
        self.parents: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        self._known: set[str] = set()
        self._newest = 0

    def see(self, record: Record) -> None:
        """Note the objects that a record makes, and what it calls its own."""
        data = record.data
        if record.subject not in self._known:
            self._known.add(record.subject)
            self._newest = max(self._newest, _number(record.subject))
        for name, value in data.items():
            if type(value) is str and "#" in value and _number(value) > self._newest:
                self._newest = _number(value)
                self._adopt(value, record, data if name == "id" else {})
        if record.name == _REQUIRED:  # its subject is a hash, which tells nobody anything
            self.titles[record.subject] = f"{data.get('effect')} of {data.get('key')}"
        field = _TITLES.get(record.name)
        title = data.get(field) if field else None
        if type(title) is str and title and not (field == "app_id" and self._is_named(record)):
            self.titles[record.subject] = title

    def _is_named(self, record: Record) -> bool:
        return record.subject in self.titles

    def _adopt(self, made: str, record: Record, data: dict[str, object]) -> None:
        named = (*(data.get(name) for name in _MADE_FOR), record.subject)
        # Only older objects: were records to say otherwise, two could be each other's makers.
        older = (each for each in named if type(each) is str and _number(each) < _number(made))
        maker = next(older, None)
        if maker is not None and maker.partition("#")[0] not in _ROOTS:
            self.parents[made] = maker


def _number(subject: str) -> int:
    _, mark, number = subject.rpartition("#")
    return int(number) if mark and number.isascii() and number.isdecimal() else 0
