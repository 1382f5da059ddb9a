"""What commands do: read sets of pictures, judge, calibrate, keep galleries and the queue of units that people look at; all that writes files."""
