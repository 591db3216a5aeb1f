"""Search spaces: parameters, distributions, conditions, constraints, grids."""
