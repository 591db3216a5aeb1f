"""Statistics of item scores: intervals, paired tests, tests of configurations, power, judge noise.

Pure functions of numbers. The formulas and their sources are in docs/statistics.md. Scores are sequences with one
number from 0 to 1 per item; None is an item whose judging failed.
"""
