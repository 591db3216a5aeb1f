"""The pages of evaluations, baselines and the leaderboard."""
