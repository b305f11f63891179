"""What would be cut, and cutting it."""
