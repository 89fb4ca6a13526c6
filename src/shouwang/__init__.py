"""守望: open-source operations software for the public safety of a district."""

__version__ = "0.1.0"
