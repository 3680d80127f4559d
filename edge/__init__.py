"""The edge box: from node bytes to reps and alerts."""
