"""Pages and boards that show what the edge box publishes."""
