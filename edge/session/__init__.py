"""What is told of a session: its state, its sensors, what is judged, its reps and sets. Pure."""
