"""A /tmp of its own for a compositor that leaves things there."""

from collections.abc import Sequence

from wayfold.testing.process import User
from wayfold.testing.programs import require

__all__ = ["with_private_tmp"]

# In the new /tmp is a place for X sockets and the runtime directory at its old path, since programs
# outside find the compositor there. All of it goes with the last process that sees it.
_ENTER = """
own=$XDG_RUNTIME_DIR/tmp &&
mkdir -p "$own/.X11-unix" && chmod 1777 "$own" "$own/.X11-unix" || exit
case $XDG_RUNTIME_DIR in /tmp/*)
    place=$own${XDG_RUNTIME_DIR#/tmp}
    mkdir -p "$place" && mount --bind "$XDG_RUNTIME_DIR" "$place" || exit ;;
esac
mount --rbind "$own" /tmp && exec "$@"
"""


def with_private_tmp(arguments: Sequence[str], user: User) -> list[str]:
    """Give what runs this with a /tmp of its own; as root it then becomes `user`.

    Without root the kernel must allow user namespaces, which containers seldom do.
    """
    enter = ["--", "/bin/sh", "-c", _ENTER, "private-tmp"]
    if user.is_other:
        ids = [f"--reuid={user.user_id}", f"--regid={user.group_id}", "--clear-groups"]
        become = [require("setpriv"), *ids, "--"]
        return [require("unshare"), "--mount", *enter, *become, *arguments]
    own = ["--user", "--map-current-user", "--keep-caps", "--mount"]
    return [require("unshare"), *own, *enter, *arguments]
