"""Compares verdicts: intervals, ties on the leaderboard, a run with a baseline. Nothing here writes."""
