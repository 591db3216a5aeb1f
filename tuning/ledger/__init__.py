"""Every write of a result while a job runs, fenced by the epoch of its runner.

Every function that a runner calls is one transaction, which first locks the job under the caller's epoch (`fence`).
A runner whose epoch is over gets LeaseLost and has changed nothing. Parameters are committed before anybody may
execute them.
"""
