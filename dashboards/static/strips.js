// The last seconds of each signal with its limit. A line ends where the signal does: nothing is drawn for what is not seen.

const SHOWN_S = 12, GAP_S = 0.4;
// Columns of `values`; the signals whose limits are drawn, and whether the fault lies above them; range; how it is written.
const STRIPS = {
  sled: { columns: [0], limits: [null], range: [-0.05, 0.6], scale: 1, digits: 2 },
  knee: { columns: [1, 2], limits: ["left_knee_flexion_deg", "right_knee_flexion_deg"], range: [-5, 120], scale: 1, digits: 0 },
  medial: { columns: [3, 4], limits: ["left_knee_medial_mm", "right_knee_medial_mm"], above: true, range: [-30, 70], scale: 1, digits: 0 },
  tilt: { columns: [5], limits: ["posterior_tilt_deg"], above: true, range: [-6, 24], scale: 1, digits: 0 },
  heel: { columns: [6, 7], limits: ["left_heel_share", "right_heel_share"], range: [0, 90], scale: 100, digits: 0 },
};
const rows = [];
const still = matchMedia("(prefers-reduced-motion: reduce)");
let drawn = 0;

export function addRow(at, values) {
  if (rows.length && at < rows[rows.length - 1][0]) rows.length = 0; // another time line: the box began anew
  rows.push([at, values]);
  while (rows.length && rows[0][0] < at - SHOWN_S) rows.shift();
}

export function drawStrips(limits) {
  const now = performance.now();
  if (now - drawn < (still.matches ? 1000 : 45)) return;
  drawn = now;
  const styles = getComputedStyle(document.documentElement), colour = name => styles.getPropertyValue(name).trim();
  const colours = { left: colour("--left"), right: colour("--right"), one: colour("--good"), limit: colour("--bad"), card: colour("--card") };
  for (const figure of document.querySelectorAll("[data-strip]")) drawStrip(figure, STRIPS[figure.dataset.strip], limits, colours);
}

function drawStrip(figure, strip, limits, colours) {
  const canvas = figure.querySelector("canvas"), sharp = Math.min(devicePixelRatio, 2);
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) { canvas.width = Math.round(width * sharp); canvas.height = Math.round(height * sharp); }
  const pen = canvas.getContext("2d"), newest = rows.at(-1);
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen.clearRect(0, 0, width, height);
  if (!newest) return;
  const [low, high] = reach(strip);
  const y = value => height - 3 - (value - low) / (high - low) * (height - 6), x = at => width - (newest[0] - at) / SHOWN_S * width;
  const labels = drawLimits(pen, strip, limits, { y, width, height, size: 0.8 * parseFloat(getComputedStyle(canvas).fontSize), colours });
  strip.columns.forEach((column, i) => {
    pen.strokeStyle = strip.columns.length === 1 ? colours.one : i ? colours.right : colours.left;
    pen.setLineDash(i ? [7, 3] : []);
    drawCurve(pen, column, x, value => y(value * strip.scale));
    const value = newest[1][column];
    figure.querySelector(`[data-value="${i}"]`).textContent = value === null ? "–" : written(value * strip.scale, strip.digits);
  });
  // Over the lines, with a rim of the card's colour: a label that a curve runs through reads as another number.
  pen.setLineDash([]);
  pen.strokeStyle = colours.card;
  pen.fillStyle = colours.limit;
  pen.lineWidth = 4;
  for (const [text, at] of labels) { pen.strokeText(text, 3, at); pen.fillText(text, 3, at); }
}

function drawCurve(pen, column, x, y) {
  pen.lineWidth = 2.5;
  pen.beginPath();
  let before = null;
  for (const [at, values] of rows) {
    const value = values[column];
    if (value === null) { before = null; continue; }
    pen[before !== null && at - before < GAP_S ? "lineTo" : "moveTo"](x(at), y(value));
    before = at;
  }
  pen.stroke();
}

// What rounds to nothing has no sign: a still knee does not flicker between 0 and -0.
const written = (value, digits) => value.toFixed(digits).replace(/^-(?=[0.]*$)/, "");

// The usual range, wider where the signal leaves it: a line that is cut off looks like one that is not there.
function reach({ columns, range, scale }) {
  let [low, high] = range;
  for (const [, values] of rows) for (const column of columns) {
    const value = values[column];
    if (value !== null) { low = Math.min(low, value * scale); high = Math.max(high, value * scale); }
  }
  return [low, high];
}

function drawLimits(pen, strip, limits, { y, width, height, size, colours }) {
  pen.setLineDash([3, 4]);
  pen.lineWidth = 1.5;
  pen.strokeStyle = colours.limit;
  const labels = []; // one: two feet have limits of their own, a hair apart
  for (const value of new Set(strip.limits.filter(name => name in limits).map(name => limits[name] * strip.scale))) {
    pen.beginPath();
    pen.moveTo(0, y(value));
    pen.lineTo(width, y(value));
    pen.stroke();
    pen.fillStyle = colours.limit;
    pen.globalAlpha = 0.13;
    if (strip.above) pen.fillRect(0, 0, width, y(value)); else pen.fillRect(0, y(value), width, height - y(value));
    pen.globalAlpha = 1;
    pen.font = `600 ${size}px system-ui, sans-serif`;
    if (!labels.length) labels.push([`${document.getElementById("strips").dataset.limit} ${written(value, strip.digits)}`, y(value) - 4]);
  }
  return labels;
}
