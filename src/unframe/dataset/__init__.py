"""Data sets on disk, splits by source, and the frame generator."""
