"""What many units say together: splits, leaks, shortcuts, the gallery as it ages, what to ask about. May be learnt, parallel and wrong."""
