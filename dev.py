"""Work on probatum: `python3 dev.py demo | test | lint | specs | bench | docs`."""
