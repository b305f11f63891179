"""One front door to every detector: whatever holds an image goes in, a `Detection` comes out."""
