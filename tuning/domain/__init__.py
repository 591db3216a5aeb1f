"""The pure core of tuning: search spaces, sampling, selection. Knows neither Django nor Ray."""
