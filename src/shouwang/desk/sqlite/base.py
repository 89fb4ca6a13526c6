"""Django's SQLite, where transactions that write take turns (tables/live/turn.py)."""
# mypy: disable-error-code="misc"
# The stubs leave out the steps that Django's own backends override.
from __future__ import annotations

from typing import Any

from django.db.backends.sqlite3 import base

from shouwang.tables.live.turn import Turn


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn: Turn | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._turn = None if self.is_in_memory_db() else Turn(conn_params["database"])
        return super().get_new_connection(conn_params)

    def _start_transaction_under_autocommit(self) -> None:
        if self._turn:
            self._turn.take()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._over()
            raise

    def _commit(self) -> None:
        super()._commit()
        self._over()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._over()

    def _close(self) -> None:
        super()._close()
        if self._turn:
            self._turn.close()

    def _over(self) -> None:
        if self._turn:
            self._turn.give()
