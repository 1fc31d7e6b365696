"""The Wayland side: connection, objects, registry, loop; alone in touching pywayland."""
