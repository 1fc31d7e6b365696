"""Bindings of the protocols in `protocols/`, made by the build, and look-ups in all of them."""
