"""What may be published: small counts hidden so that nothing leads back to them, points moved, noise added.

`tables`: a table with its totals as one list of figures. `suppress`: which figures to hide, against everything that was
published before. `points`: from exact places to shared ones. `noise`: random noise with its privacy loss.
"""
