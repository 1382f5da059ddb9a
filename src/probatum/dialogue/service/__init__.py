"""What runs beside an assistant: rewrites and the decisions about them."""
