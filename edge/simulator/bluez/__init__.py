"""A stand-in for BlueZ on a D-Bus of its own, with simulated radios and nodes: Bluetooth without a Bluetooth adapter.

The very bleak that a gym runs talks to it: same objects, same signals, same errors. What bluetoothd and radios do wrong
in the field can be asked for.
"""
