"""Input from outside: reads its fields one by one and names every fault by its path. Knows nothing of what is read."""
