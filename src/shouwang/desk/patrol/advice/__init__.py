"""The engine, asked for this room: forecasts, where units should stand, which way they walk, and what that is worth.

Plain values in, plain values out; nothing here writes a row.
"""
