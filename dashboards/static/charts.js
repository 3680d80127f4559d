// Hands figures to Plotly. They come finished; only the colours are looked up here, in the page's own style.

const styles = getComputedStyle(document.documentElement);
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const NARROW_PX = 560;
const OPTIONS = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d"] };

// Any text that begins with -- is the name of a colour.
function coloured(value) {
  if (typeof value === "string") return value.startsWith("--") ? styles.getPropertyValue(value).trim() : value;
  if (Array.isArray(value)) return typeof value[0] === "number" || value[0] === null ? value : value.map(coloured);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one)]));
  return value;
}

async function draw(place, address) {
  const answer = await fetch(address);
  if (!answer.ok) { place.textContent = place.dataset.empty ?? ""; return; }
  const { data, layout } = coloured(await answer.json()), narrow = place.clientWidth < NARROW_PX;
  for (const one of layout.annotations ?? []) { if (narrow && one.short) one.text = one.short; delete one.short; }
  const grid = coloured("--line");
  for (const name of Object.keys(layout)) if (/^[xy]axis/.test(name)) Object.assign(layout[name], { gridcolor: grid, linecolor: grid });
  Object.assign(layout, { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { color: coloured("--text"), family: "system-ui, sans-serif", size: 13 } });
  if (still) layout.transition = { duration: 0 };
  await Plotly.newPlot(place, data, layout, OPTIONS);
  place.dataset.drawn = "yes";
}

for (const place of document.querySelectorAll("[data-figure]")) draw(place, place.dataset.figure);
