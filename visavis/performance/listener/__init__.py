"""Articulators from bare sound, as it streams."""
