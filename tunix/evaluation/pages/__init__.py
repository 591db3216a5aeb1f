"""The pages of evaluations, baselines and the leaderboard. What changes something is a service."""
