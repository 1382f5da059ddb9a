"""What a policy can require of conversations: one file for each kind, read from its fields."""
