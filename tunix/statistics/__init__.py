"""What scores of items can and cannot tell: intervals, paired tests, tests of configurations, power, judge noise.

Pure: numbers in, numbers out. The formulas and their sources are in docs/statistics.md. Scores are sequences of
numbers from 0 to 1, one an item; None stands for an item whose judgement failed.
"""
