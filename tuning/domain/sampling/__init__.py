"""Which parameters a slot gets: the samplers, and what they know of the trials before."""
