"""The engine, asked for this room: who stands where in a scenario, on which roads, and what that comes to.

Plain values in, plain values out; nothing here writes a row.
"""
