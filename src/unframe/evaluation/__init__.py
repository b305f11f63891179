"""Metrics, curves, comparison and report: sees labels and detections, never networks."""
