"""Blockade, containment and permanent checkpoints: which units close which junctions."""
