"""A photo booth that is made up: items on a tray as height fields, lit and seen from above, with damage whose truth is known."""
