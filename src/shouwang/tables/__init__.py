"""Files, Arrow and plain SQL to and from the terms of the engine."""
