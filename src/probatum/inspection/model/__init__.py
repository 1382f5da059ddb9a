"""What all pictures say at once: quality, item, product, differences, scores. May be learnt, parallel and wrong."""
