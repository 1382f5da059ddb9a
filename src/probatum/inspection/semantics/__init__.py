"""What one concrete picture, unit or table means; short, plain, and trusted."""
