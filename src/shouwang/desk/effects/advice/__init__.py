"""The engine, asked whether a measure worked: calls of residents into counts, counts into an answer. Plain values in,
plain values out; nothing here writes a row."""
