"""Verdicts of judges on runs, baselines, and the leaderboard; judging again is a kind of work."""
