"""What one concrete picture, unit or reference means, and what a score of it is: computed alike by whoever finds and whoever checks again."""
