"""Writes the Python messages, the C header and the tables of PROTOCOL.md from messages.toml."""
