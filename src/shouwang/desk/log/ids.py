"""Identifiers: UUIDv7, made by whoever starts the record, so that retries meet the same row."""
from uuid import UUID

import uuid6


def new_id() -> UUID:
    return UUID(int=uuid6.uuid7().int)
