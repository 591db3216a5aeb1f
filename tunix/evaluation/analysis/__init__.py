"""Reads verdicts and compares them: intervals, ties of a leaderboard, a run against a baseline."""
