"""The only modules of this room that open the engine: what is divided (ground), and how (dividing), told as plain
values."""
