// Times in the reader's own zone, print, and the operator's page kept fresh. Without it everything still reads.

const language = document.documentElement.lang;

function localTimes(root) {
  for (const time of root.querySelectorAll("time")) {
    const at = new Date(time.dateTime), isToday = at.toDateString() === new Date().toDateString();
    time.textContent = at.toLocaleString(language, isToday ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" });
  }
}
localTimes(document);
for (const button of document.querySelectorAll("[data-print]")) button.onclick = () => print();

// The language stays through the clicks that follow.
const chosen = new URLSearchParams(location.search).get("lang");
function keepLanguage(root) {
  if (chosen) for (const link of root.querySelectorAll("main a[href^='/'], header nav a[href^='/'], a.home")) {
    const url = new URL(link.getAttribute("href"), location.origin);
    url.searchParams.set("lang", chosen);
    link.setAttribute("href", url.pathname + url.search + url.hash);
  }
}
keepLanguage(document);

// Each part is replaced by what the server has now, but for one in which somebody types; what was unfolded stays so.
// Nothing changes under a finger: what is pressed must still be there when it is let go.
const parts = [...document.querySelectorAll("[data-fresh]")];
// Of a button that is let go elsewhere, as outside the window, nothing is told: it counts as let go after a while.
const HELD_MAX_MS = 5000;
let pressedMs = -Infinity;
addEventListener("pointerdown", (event) => { if (event.button === 0) pressedMs = performance.now(); });
for (const over of ["pointerup", "pointercancel", "contextmenu", "blur", "dragend"]) addEventListener(over, () => { setTimeout(() => { pressedMs = -Infinity; }); });
function renew(part, page) {
  const focused = document.activeElement, anew = page.getElementById(part.id);
  if (!anew || performance.now() - pressedMs < HELD_MAX_MS || (part.contains(focused) && focused.matches("input, select, textarea"))) return;
  for (const unfolded of part.querySelectorAll("details[open][id]")) page.getElementById(unfolded.id)?.setAttribute("open", "");
  if (part.isEqualNode(anew)) return;
  part.replaceChildren(...anew.childNodes);
  if (focused?.id && !focused.isConnected) document.getElementById(focused.id)?.focus();
}
if (parts.length) setInterval(async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href);
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    localTimes(page);
    keepLanguage(page);
    for (const part of parts) renew(part, page);
    document.getElementById("stale").hidden = true;
  } catch { document.getElementById("stale").hidden = false; }
}, parts[0].dataset.fresh * 1000);
