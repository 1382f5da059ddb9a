"""What one log says: its sessions, the signals in them, who said what after what. Counted, not inferred."""
