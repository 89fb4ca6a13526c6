"""What would happen: calls, units and streets played through, event by event, to score plans before they run."""
