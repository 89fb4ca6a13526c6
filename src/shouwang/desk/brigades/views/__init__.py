"""Pages of teams, members, recruitment, and of each member's own record."""
