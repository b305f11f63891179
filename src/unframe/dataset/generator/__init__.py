"""Draws frames, and pictures that only look framed, on product photographs."""
