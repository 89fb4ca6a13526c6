"""Which units for this call, and what it costs the rest of the area."""
