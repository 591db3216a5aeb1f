"""The kinds of parameters: a module for each family, and the registry that lists them."""
