"""From samples to a body on a sled: time, orientation, calibration, joint angles, reps. Pure."""
