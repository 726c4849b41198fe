"""What a stage has to judge and where each record stands."""
