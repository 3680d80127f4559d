"""Curves as Plotly figures: plain data that the page's script hands to Plotly. Pure.

One row per signal, left and right in colour and dash, the limit dashed, what lies beyond it shaded, and a mark where an
alert's signal crossed its threshold. Time is in seconds from the moment in which the sled left the top.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboards.words import Words
from edge.events import Alert, Rep, verdict_key
from edge.history.queries import Curves, RepRow

Figure = dict[str, Any]

# Colours are names of the page's style, which the script looks up: light and dark pages have their own.
LEFT, RIGHT, ONE, FAULT = "--left", "--right", "--good", "--bad"
OVERLAY = tuple(f"--line-{i}" for i in range(8))
DASHES = ("solid", "dash", "dot", "dashdot")
PHASE_FILL = {"eccentric": "--shade-down", "bottom": "--shade-bottom", "concentric": "--shade-up"}

# Title, unit, signals, factor, and whether a fault lies above its limit (None: there is no limit).
ROWS: tuple[tuple[str, str, tuple[str, ...], float, bool | None], ...] = (
    ("sled", "m", ("sled_position_m",), 1.0, None),
    ("knee", "°", ("left_knee_flexion_deg", "right_knee_flexion_deg"), 1.0, False),
    ("medial", "mm", ("left_knee_medial_mm", "right_knee_medial_mm"), 1.0, True),
    ("tilt", "°", ("posterior_tilt_deg",), 1.0, True),
    ("heel", "%", ("left_heel_share", "right_heel_share"), 100.0, False),
    ("force", "N", ("force_n",), 1.0, None),
)
FAR = 1000.0  # beyond any range: the shade reaches the edge of its row
USUAL = ((0.0, 0.1), (0.0, 60.0), (-10.0, 40.0), (-3.0, 15.0), (0.1, 0.7), (800.0, 900.0))
"""The least that each row spans: noise drawn over the whole height looks like a fault."""
ROW_OF_KIND = {"lockout": 1, "valgus": 2, "lumbar": 3, "heel_lift": 4}
CROSSING_NEAR_S = 0.3
"""The stream that is kept runs a few rows behind the alert: its curve crosses the limit this near the onset."""
SIGNAL_OF_KIND = {"lockout": "knee_flexion_deg", "valgus": "knee_medial_mm", "heel_lift": "heel_share"}


def rep_figure(row: RepRow, curves: Curves, words: Words) -> Figure:
    """One rep: all its curves, thresholds and fault marks."""
    zero_s = row.rep.start_s
    t_s = curves.t_s - zero_s
    data: list[Figure] = []
    shapes = _phases(row.rep)
    for i, (_, _, signals, scale, above) in enumerate(ROWS):
        for j, signal in enumerate(signals):
            line = _line(i, t_s, curves.values[signal] * scale, _name(signal, words), j)
            line |= {"legendgroup": _side(signal, words), "showlegend": i == 1}
            if i == 1:
                line["name"] = _side(signal, words)
            data.append(line)
        if above is not None:
            shapes += _limits(i, {curves.limits[s] * scale for s in signals if s in curves.limits}, above=above)
    ranges = _ranges([curves])
    marks, labels = _marks([alert for alert in row.alerts if alert.kind in ROW_OF_KIND], curves, zero_s, words)
    return {"data": [*data, *marks], "layout": _with_texts(_layout(words, shapes, ranges), labels)}


def overlay_figure(rows: Sequence[tuple[str, RepRow, Curves]], words: Words) -> Figure:
    """Several reps over each other, each from 0 to 100 % of its own way down and up, so that slow and fast compare."""
    data: list[Figure] = []
    for k, (label, row, curves) in enumerate(rows):
        share = _share(row.rep, curves.t_s)
        for i, (_, _, signals, scale, _) in enumerate(ROWS):
            for j, signal in enumerate(signals):
                line = _line(i, share, curves.values[signal] * scale, f"{label} {_side(signal, words)}".strip(), j)
                line["line"] = {"color": OVERLAY[k % len(OVERLAY)], "dash": DASHES[j], "width": 1.6}
                line |= {"legendgroup": label, "showlegend": i == 0 and j == 0}
                if line["showlegend"]:
                    line["name"] = label
                data.append(line)
    shapes: list[Figure] = []
    for i, (_, _, signals, scale, above) in enumerate(ROWS):
        if above is not None:
            limits = {c.limits[s] * scale for _, _, c in rows for s in signals if s in c.limits}
            shapes += _limits(i, limits, above=above)
    layout = _layout(words, shapes, _ranges([curves for _, _, curves in rows]))
    share = words("chart.share").replace(": ", ":<br>").replace(", ", ",<br>")
    layout[f"xaxis{len(ROWS)}"] |= {"title": {"text": share, "standoff": 12}, "automargin": True}
    return {"data": data, "layout": layout}


def trend_figure(days: Sequence[str], series: Sequence[tuple[str, str, Sequence[float | None]]]) -> Figure:
    """One row per figure over the sessions. series: name, unit, values."""
    data = [
        {
            "x": list(days), "y": list(values), "name": name, "mode": "lines+markers", "type": "scatter",
            "xaxis": "x", "yaxis": _axis("y", i), "line": {"color": OVERLAY[i % len(OVERLAY)]}, "connectgaps": False,
        }
        for i, (name, _, values) in enumerate(series)
    ]  # fmt: skip
    layout: Figure = {
        "showlegend": False,
        "height": 170 * len(series) + 80,
        "margin": {"l": 50, "r": 20, "t": 20, "b": 60},
        "annotations": [
            _strip_text(i, f"{name}, {unit}", "--text", n=len(series)) for i, (name, unit, _) in enumerate(series)
        ],
    }
    layout["xaxis"] = {"anchor": _axis("y", len(series) - 1), "type": "category"}
    for i in range(len(series)):
        layout[f"yaxis{_nth(i)}"] = {
            "domain": _domain(i, len(series)), "rangemode": "tozero", "automargin": True,
        }  # fmt: skip
    return {"data": data, "layout": layout}


def _line(i: int, x: Any, y: Any, name: str, second: int) -> Figure:
    signals = ROWS[i][2]
    colour = ONE if len(signals) == 1 else (RIGHT if second else LEFT)
    return {
        "x": _plain(x, 3), "y": _plain(y, 4), "name": name, "type": "scatter", "mode": "lines", "connectgaps": False,
        "xaxis": _axis("x", len(ROWS) - 1), "yaxis": _axis("y", i),
        "line": {"color": colour, "dash": DASHES[second], "width": 2},
    }  # fmt: skip


def _marks(alerts: Sequence[Alert], curves: Curves, zero_s: float, words: Words) -> tuple[list[Figure], list[Figure]]:
    """A cross where each alert's signal crossed its limit, and, above each row with crosses, what they are."""
    marks, named = [], dict[int, list[Alert]]()
    for alert in sorted(alerts, key=lambda one: one.onset_s):
        marks.append(_mark(alert, _crossing_s(alert, curves) - zero_s, words))
        named.setdefault(ROW_OF_KIND[alert.kind], []).append(alert)
    return marks, [
        _strip_text(i, _naming(found, words), FAULT, at_right=True) | {"short": _sides(found, words)}
        for i, found in named.items()
    ]


def _naming(alerts: Sequence[Alert], words: Words) -> str:
    """One row's faults, which are of one kind: on one side by its full name, on both with both sides."""
    kind, sides = alerts[0].kind, {one.side for one in alerts}
    if len(sides) == 1:
        return f"<b>✕ {words.verdict(verdict_key(kind, alerts[0].side))}</b>"
    return f"<b>✕ {words('fault.' + kind)}: {_side_names(alerts, words)}</b>"


def _sides(alerts: Sequence[Alert], words: Words) -> str:
    """The same for a narrow screen, where the row's title beside it tells the rest."""
    return f"<b>✕ {_side_names(alerts, words) or words.verdict(verdict_key(alerts[0].kind, None))}</b>"


def _side_names(alerts: Sequence[Alert], words: Words) -> str:
    return ", ".join(dict.fromkeys(words(f"side.{one.side}") for one in alerts if one.side))


def _strip_text(i: int, text: str, colour: str, *, at_right: bool = False, n: int = len(ROWS)) -> Figure:
    """Words in the strip above a row, where no curve is: its title at the left, its faults at the right."""
    return {
        "xref": "paper", "yref": "paper", "x": 1 if at_right else 0, "y": _domain(i, n)[1], "text": text,
        "xanchor": "right" if at_right else "left", "yanchor": "bottom", "showarrow": False, "borderpad": 0,
        "font": {"color": colour, "size": 13},
    }  # fmt: skip


def _mark(alert: Alert, at_s: float, words: Words) -> Figure:
    """The cross on the limit, with the alert's own figures."""
    i = ROW_OF_KIND[alert.kind]
    what = words.verdict(verdict_key(alert.kind, alert.side))
    said = f" “{words.known('cue', alert.cue)}”" if alert.spoken else ""
    return {
        "x": [round(at_s, 3)], "y": [round(alert.threshold * ROWS[i][3], 3)], "type": "scatter", "mode": "markers",
        "name": what, "xaxis": _axis("x", len(ROWS) - 1), "yaxis": _axis("y", i), "cliponaxis": False,
        "showlegend": False, "hoverinfo": "text",
        "hovertext": [f"{what}: {alert.value:.3g} {alert.unit}, {words('chart.limit')} {alert.threshold:.3g}{said}"],
        "marker": {"color": FAULT, "size": 13, "symbol": "x", "line": {"color": "--card", "width": 1}},
    }  # fmt: skip


def _crossing_s(alert: Alert, curves: Curves) -> float:
    """When the kept curve crossed the limit, next to the onset that the alert tells; that onset where it shows none."""
    base = SIGNAL_OF_KIND.get(alert.kind)
    values = curves.values.get(f"{alert.side}_{base}" if base else "posterior_tilt_deg")
    if values is None:
        return alert.onset_s
    beyond = values > alert.threshold if ROWS[ROW_OF_KIND[alert.kind]][4] else values < alert.threshold
    begins = np.flatnonzero(beyond[1:] & ~beyond[:-1] & ~np.isnan(values[:-1]))
    begins = begins[np.abs(curves.t_s[begins + 1] - alert.onset_s) <= CROSSING_NEAR_S]
    if not len(begins):
        return alert.onset_s
    at = begins[np.argmin(np.abs(curves.t_s[begins + 1] - alert.onset_s))]
    share = (alert.threshold - values[at]) / (values[at + 1] - values[at])
    return float(curves.t_s[at] + share * (curves.t_s[at + 1] - curves.t_s[at]))


def _phases(rep: Rep) -> list[Figure]:
    zero_s, out = rep.start_s, []
    spans = {"eccentric": (rep.start_s, rep.bottom_s), "bottom": (rep.bottom_s, rep.drive_s)}
    for phase, (begin_s, end_s) in (spans | {"concentric": (rep.drive_s, rep.top_s)}).items():
        out.append(
            {
                "type": "rect", "xref": "x" + _nth(len(ROWS) - 1), "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
                "x0": round(begin_s - zero_s, 3), "x1": round(end_s - zero_s, 3), "line": {"width": 0},
                "fillcolor": PHASE_FILL[phase],
            }
        )  # fmt: skip
    return out


def _limits(i: int, limits: set[float], *, above: bool) -> list[Figure]:
    """A dashed line at each limit, and a light shade beyond it."""
    y, out = _axis("y", i), []
    for limit in limits:
        far = limit + FAR if above else limit - FAR
        side = {"xref": "paper", "x0": 0, "x1": 1, "yref": y, "layer": "below"}
        out.append(
            side | {"type": "line", "y0": limit, "y1": limit, "line": {"color": FAULT, "dash": "dash", "width": 1.3}}
        )
        out.append(side | {"type": "rect", "y0": limit, "y1": far, "line": {"width": 0}, "fillcolor": "--shade-fault"})
    return out


def _layout(words: Words, shapes: list[Figure], ranges: Sequence[list[float]]) -> Figure:
    layout: Figure = {
        "height": 1080, "margin": {"l": 45, "r": 20, "t": 40, "b": 50}, "shapes": shapes, "hovermode": "x unified",
        "legend": {"orientation": "h", "y": 1.005, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        "annotations": [
            _strip_text(i, f"{words('kiosk.strip.' + row[0])}, {row[1]}", "--text") for i, row in enumerate(ROWS)
        ],
    }  # fmt: skip
    layout[f"xaxis{len(ROWS)}"] = {"anchor": _axis("y", len(ROWS) - 1), "title": {"text": words("chart.seconds")}}
    for i in range(len(ROWS)):
        layout[f"yaxis{_nth(i)}"] = {
            "domain": _domain(i, len(ROWS)), "automargin": True, "zeroline": False,
            "anchor": _axis("x", len(ROWS) - 1), "range": ranges[i],
        }  # fmt: skip
    return layout


def _with_texts(layout: Figure, texts: list[Figure]) -> Figure:
    return layout | {"annotations": [*layout["annotations"], *texts]}


def _ranges(several: Sequence[Curves]) -> list[list[float]]:
    """From the lowest to the highest of each row's signals and limits, with some air; never narrower than usual."""
    out = []
    for (_, _, signals, scale, _), usual in zip(ROWS, USUAL, strict=True):
        seen = [usual]
        for curves in several:
            seen += [(v, v) for s in signals if (v := curves.limits.get(s)) is not None]
            for values in (curves.values[s][~np.isnan(curves.values[s])] for s in signals):
                seen += [(float(values.min()), float(values.max()))] if len(values) else []
        low, high = min(a for a, _ in seen) * scale, max(b for _, b in seen) * scale
        out.append([round(low - 0.06 * (high - low), 3), round(high + 0.06 * (high - low), 3)])
    return out


def _share(rep: Rep, t_s: Any) -> Any:
    """Time as a share of the rep, %: 0 leaves the top, 50 leaves the bottom, 100 arrives at the top."""
    return np.interp(t_s, [rep.start_s, rep.drive_s, rep.top_s], [0.0, 50.0, 100.0], left=np.nan, right=np.nan)


def _side(signal: str, words: Words) -> str:
    side = signal.split("_", maxsplit=1)[0]
    return words(f"side.{side}") if side in ("left", "right") else ""


def _name(signal: str, words: Words) -> str:
    title = next(row[0] for row in ROWS if signal in row[2])
    return f"{words('kiosk.strip.' + title)} {_side(signal, words)}".strip()


def _plain(values: Any, digits: int) -> list[float | None]:
    return [None if np.isnan(v) else round(float(v), digits) for v in values]


def _domain(i: int, n: int) -> list[float]:
    """From the top down, with a strip above each for its words."""
    return [round(1 - (i + 1) / n + 0.004, 4), round(1 - i / n - 0.028, 4)]


def _axis(letter: str, i: int) -> str:
    return f"{letter}{_nth(i)}"


def _nth(i: int) -> str:
    return str(i + 1) if i else ""
