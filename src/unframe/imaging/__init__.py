"""Bytes to image and image to bytes: the only room that knows file formats."""
