"""People at work: the labelling queue with its slots and leases, and the web app on top of it."""
