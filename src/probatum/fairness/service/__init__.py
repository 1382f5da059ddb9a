"""What runs beside a pipeline: recording how decisions are made, telling one of them in full, and exporting the record."""
