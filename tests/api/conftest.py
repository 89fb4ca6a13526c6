"""The API is tested on the same town, by the same people."""
from desk.conftest import cast, clock, rules, town

__all__ = ["cast", "clock", "rules", "town"]
