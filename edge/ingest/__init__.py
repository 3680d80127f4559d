"""From a node's bytes to samples in SI units."""
