"""Repairs of conversations: rewrites that logs suggest, and what is needed to serve them."""
