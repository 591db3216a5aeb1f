"""The HTTP API of evaluations, baselines and the leaderboard."""
