"""What counts say about everyone who could have been decided on: bounds, and the verdicts that follow from them."""
