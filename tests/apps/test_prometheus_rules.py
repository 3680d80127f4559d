"""The rules and settings for Prometheus: read by its own tool, of metrics that there are, firing when they should."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "config/telegraf"
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: prometheus)")
BOX = '{gym="home", box="box"}'


def promtool(*words: object) -> str:
    """What it says; it must find nothing wrong."""
    ran = subprocess.run(
        [str(PROMTOOL), *map(str, words)], capture_output=True, text=True, timeout=120, check=False, cwd=FOLDER
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_every_metric_of_the_rules_is_one_that_telegraf_makes() -> None:
    """Its name is the measurement's, then the field's as it is renamed."""
    consumers = tomllib.loads((FOLDER / "sledguard.conf").read_text())["inputs"]["mqtt_consumer"]
    made = {
        f"{one['name_override']}_{field.get('rename', field['path'])}"
        for one in consumers
        for parser in one["json_v2"]
        for field in parser.get("field", [])
    }
    asked = set(re.findall(r"\bsledguard_\w+", (FOLDER / "prometheus-rules.yml").read_text()))
    assert asked
    assert asked <= made


@needs_promtool
def test_prometheus_reads_its_settings_and_the_rules() -> None:
    """Without a mistake."""
    assert "2 rules found" in promtool("check", "config", "prometheus.yml")


@needs_promtool
@pytest.mark.parametrize(
    ("metric", "values", "alert", "minute"),
    [
        ("outbox_depth", "101x30", "SledguardOutboxGrows", 12),
        ("outbox_depth", "100x30", None, 12),
        ("outbox_depth", "101x8 0x22", None, 20),
        ("outbox_dropped", "0x10 3x20", "SledguardOutboxLost", 12),
        ("outbox_dropped", "3x30", None, 20),
    ],
    ids=["waits for ten minutes", "few wait", "it was over soon", "lost some", "lost long ago"],
)
def test_the_rules_fire_when_they_should(
    tmp_path: Path, metric: str, values: str, alert: str | None, minute: int
) -> None:
    """A box that keeps its messages for ten minutes, and one that has given some up; with their names in the text."""
    rule = "SledguardOutboxGrows" if metric == "outbox_depth" else "SledguardOutboxLost"
    said = {
        "SledguardOutboxGrows": "Box box of home does not get its reps to the broker",
        "SledguardOutboxLost": "Box box of home had no room left and gave up messages",
    }[rule]
    expected = [{"exp_labels": {"gym": "home", "box": "box"}, "exp_annotations": {"summary": said}}] if alert else []
    case = {
        "rule_files": [str(FOLDER / "prometheus-rules.yml")],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": f"sledguard_box_{metric}{BOX}", "values": values}],
                "alert_rule_test": [{"eval_time": f"{minute}m", "alertname": rule, "exp_alerts": expected}],
            }
        ],
    }
    file = tmp_path / "case.yml"
    file.write_text(json.dumps(case))
    promtool("test", "rules", file)
