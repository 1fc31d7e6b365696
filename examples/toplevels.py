"""List everybody's windows, where the compositor tells them to clients (sway and others do)."""

import sys

import wayfold

INTERFACES = ("ext_foreign_toplevel_list_v1", "zwlr_foreign_toplevel_manager_v1")


def main() -> int:
    with wayfold.connect() as client:
        offered = {each.interface for each in client.state.globals.values()}
        if offered.isdisjoint(INTERFACES):
            print(f"this compositor offers none of {', '.join(INTERFACES)}", file=sys.stderr)
            return 1
        client.roundtrip()  # each toplevel is an object of its own, told after the manager
        for toplevel in client.state.toplevels.values():
            states = ", ".join(getattr(state, "name", str(state)) for state in toplevel.states)
            print(f"{toplevel.app_id or '?'}: {toplevel.title!r} {states.lower()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
