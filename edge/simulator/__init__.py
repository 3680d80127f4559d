"""A lifter on a leg press and the nodes that watch: for the demo, the tests and the accuracy tables.

Shares no code with motion, detectors or alerts.
"""
