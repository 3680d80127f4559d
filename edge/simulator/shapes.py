"""Curves over time: smooth steps, bumps, wandering noise, rings and filters, all vectorised."""

from __future__ import annotations

from typing import cast

import numpy as np

from edge.samples import FloatArray


def smooth_step(t: FloatArray, start: float, end: float) -> FloatArray:
    """0 before `start`, 1 after `end`, minimum-jerk between (speed and acceleration zero at both ends)."""
    x = np.clip((t - start) / max(end - start, 1e-9), 0.0, 1.0)
    return x * x * x * (10 - 15 * x + 6 * x * x)


def bump(t: FloatArray, start: float, end: float, edge_s: tuple[float, float]) -> FloatArray:
    """0 → 1 → 0 between `start` and `end`; rises within edge_s[0], falls within edge_s[1] seconds."""
    span = end - start
    rise, fall = min(edge_s[0], 0.6 * span), min(edge_s[1], 0.6 * span)
    return smooth_step(t, start, start + rise) * (1.0 - smooth_step(t, end - fall, end))


def warped_path(n: int, slow_at: float, slow_by: float, skew: float) -> FloatArray:
    """A 0 → 1 path of n points: minimum jerk, its clock slowed around `slow_at` and skewed.

    slow_at: share of the way in time (0..1) of a sticking point; slow_by: 0 none .. <1 nearly a stop;
    skew: -0.8..0.8, negative starts fast and arrives slowly.
    """
    x = np.linspace(0.0, 1.0, n)
    clock = (1.0 + skew * (2 * x - 1.0)) * (1.0 - slow_by * np.exp(-(((x - slow_at) / 0.13) ** 2)))
    clock = np.concatenate([[0.0], np.cumsum(0.5 * (clock[1:] + clock[:-1]))])
    return smooth_step(clock / clock[-1], 0.0, 1.0)


def wander(rng: np.random.Generator, n: int, dt_s: float, period_s: float) -> FloatArray:
    """Smooth noise of unit standard deviation (n,) with a correlation time of about `period_s` / 4."""
    knots = max(int(n * dt_s / (period_s / 4)) + 6, 8)
    values = rng.standard_normal(knots + 4)
    x = np.arange(n) * (knots / max(n, 1))
    i = x.astype(int)
    f = x - i
    w = np.stack([(1 - f) ** 3, 3 * f**3 - 6 * f**2 + 4, -3 * f**3 + 3 * f**2 + 3 * f + 1, f**3]) / 6
    mixed = sum(w[k] * values[i + k] for k in range(4))
    return cast(FloatArray, mixed / 0.62)  # 0.62: mean standard deviation of a cubic B-spline of unit knots


def ring(t: FloatArray, start: float, hz: float, zeta: float) -> FloatArray:
    """A decaying oscillation of unit peak from `start` on, with a soft attack of a quarter period."""
    x = np.maximum(t - start, 0.0)
    tail = x < 8.0 / (2 * np.pi * hz * zeta)
    out = np.zeros_like(t)
    x = x[tail]
    attack = 1.0 - np.exp(-((x * hz * 4) ** 2))
    out[tail] = attack * np.exp(-2 * np.pi * hz * zeta * x) * np.sin(2 * np.pi * hz * x)
    return out


def low_pass(values: FloatArray, sigma_samples: float) -> FloatArray:
    """Gaussian smoothing without delay along the first axis; the ends are held."""
    if sigma_samples < 0.2:
        return values
    half = int(np.ceil(3.5 * sigma_samples))
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma_samples) ** 2)
    kernel /= kernel.sum()
    flat = values.reshape(len(values), -1)
    padded = np.concatenate([np.repeat(flat[:1], half, 0), flat, np.repeat(flat[-1:], half, 0)])
    smooth = np.stack([np.convolve(padded[:, k], kernel, "valid") for k in range(flat.shape[1])], axis=1)
    return smooth.reshape(values.shape)


def resonate(drive: FloatArray, dt_s: float, hz: float, zeta: float) -> FloatArray:
    """Displacement (N, ...) of a damped unit mass on a spring of natural frequency `hz` driven by -`drive`."""
    omega = 2 * np.pi * hz
    n_kernel = min(len(drive), int(6.0 / (omega * zeta) / dt_s) + 2)
    x = np.arange(n_kernel) * dt_s
    damped = omega * np.sqrt(1 - zeta**2)
    kernel = np.exp(-zeta * omega * x) * np.sin(damped * x) / damped * dt_s
    flat = drive.reshape(len(drive), -1)
    size = 1 << int(np.ceil(np.log2(len(drive) + n_kernel)))
    spectrum = np.fft.rfft(flat, size, axis=0) * np.fft.rfft(kernel, size)[:, None]
    return -np.fft.irfft(spectrum, size, axis=0)[: len(drive)].reshape(drive.shape)


def second_difference(values: FloatArray, dt_s: float) -> FloatArray:
    """Second time derivative (N, ...) by central differences; the two ends repeat their neighbours."""
    out = np.empty_like(values)
    out[1:-1] = (values[2:] - 2 * values[1:-1] + values[:-2]) / dt_s**2
    out[0], out[-1] = out[1], out[-2]
    return out
