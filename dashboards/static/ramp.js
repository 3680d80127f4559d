// The parking-sensor ramp: how near the limits are that lie ahead, as ladders whose rungs light up from far to reached.
// It says no more than the last message did, and fades once none has come for a while.

const STALE_MS = 500; // a phone is told five times a second, the kiosk twenty
const ladders = [...document.querySelectorAll("[data-ladder]")];
let timer = 0;

// ramps: by limit, one nearness for each leg or one for both, 0 far and 1 reached, null where not known.
export function showRamps(ramps) {
  for (const ladder of ladders) {
    const [limit, i] = ladder.dataset.ladder.split(" ");
    if (ramps[limit].some(one => one !== null)) ladder.hidden = i >= ramps[limit].length; // fading, it keeps its shape
    light(ladder, ramps[limit][i] ?? null);
  }
  clearTimeout(timer);
  timer = setTimeout(() => ladders.forEach(ladder => light(ladder, null)), STALE_MS);
}

function light(ladder, nearness) {
  const rungs = ladder.children.length;
  const lit = nearness === null ? "none" : String(Math.min(rungs, Math.max(0, Math.floor(nearness * rungs + 1e-6))));
  if (ladder.dataset.lit === lit) return;
  ladder.dataset.lit = lit;
  if (lit === "none") return; // the rungs fade as they were
  [...ladder.children].forEach((rung, i) => rung.classList.toggle("on", i < lit));
}
