"""The classical detector: Canny edges and a rule set, as measure, score, decide."""
