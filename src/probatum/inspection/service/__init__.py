"""What runs beside the booth: the queue of units that people look at."""
