"""From what the centre knows to the question, and from the engine's answer to plain values. Alone here is the engine
of rosters opened."""
