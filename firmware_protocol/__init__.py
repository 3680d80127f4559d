"""The open wire protocol between a sensor node and its host. Imports nothing of edge."""
