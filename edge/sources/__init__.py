"""How bytes and samples arrive: serial lines, recordings, byte logs."""
