"""The API is tested on the same town, by the same people."""
from desk.conftest import cast, clock, kept_rules, rules, town

__all__ = ["cast", "clock", "kept_rules", "rules", "town"]
