"""Verdicts of judges on runs, baselines and the leaderboard. Rejudging a run is work with its own lease."""
