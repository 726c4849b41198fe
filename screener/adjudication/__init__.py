"""The queue of people's work: what waits for whom and in which order, slots and leases, decisions on many at once."""
