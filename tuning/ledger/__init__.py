"""All writes of trials, attempts and results while a job runs, fenced by the epoch of its runner.

Each function that a runner calls is one transaction. It first locks the job's row under the caller's epoch (`fence`).
A runner whose epoch has ended gets LeaseLost and has changed nothing. Parameters are committed before a worker
receives them.
"""
