"""How events leave: messages, MQTT, terminal, byte log."""
