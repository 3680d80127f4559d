"""One technique fault is one file. Pure."""
