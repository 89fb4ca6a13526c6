"""Places on the ground: distances, cells, streets and travel along them."""
