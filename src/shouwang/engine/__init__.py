"""Pure computation: arrays and frozen dataclasses in, results out.

No Django, no files, no wall clock, no global random state.
"""
