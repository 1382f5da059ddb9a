"""What a policy can require: one file for each kind, with its values and how they are read."""
