"""Who is lifting: what a box keeps of them between sessions, and where it is looked up."""
