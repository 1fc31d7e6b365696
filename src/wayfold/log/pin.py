"""Insert rows one by one, at the least cost that SQLite has."""

from typing import Any

import apsw

from wayfold.log.beside import NotBegun

__all__ = ["Pinned"]

_PIN = "SELECT only FROM log"


class Pinned:
    """A connection that goes on reading between its inserts.

    Each insert is a transaction of its own. Who begins to read for it and ends behind it locks and
    unlocks six times; who reads already, twice. The price: SQLite lets nobody wait for its lock who
    reads already, and refuses whoever reads what another program has changed since.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._inserting = connection.cursor()
        self._pin: Any = None

    def insert(self, statement: str, row: tuple[Any, ...]) -> None:
        """Insert a row; raises NotBegun while another program writes: nothing was written then."""
        try:
            if self._pin is None:
                self._pin = self._connection.execute(_PIN)
            self._inserting.execute(statement, row)
        except apsw.BusyError:
            self.release()
            self._insert_or_wait(statement, row)

    def _insert_or_wait(self, statement: str, row: tuple[Any, ...]) -> None:
        try:
            self._inserting.execute(statement, row)
        except apsw.BusyError as error:
            raise NotBegun from error

    def release(self) -> None:
        """Read no longer: who reads holds up checkpoints, and tables that are to go."""
        pin, self._pin = self._pin, None
        if pin is not None:
            pin.close()
