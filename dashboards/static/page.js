// What phone and kiosk share: elements by id, the cue, the loss of signal, the machine's set, the finished set.

export const $ = id => document.getElementById(id);

export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

// By the verdict on an item of the set-up check.
export const MARKS = { pass: "tick", fix: "cross", unknown: "question" };
const KINDS = new Set(["lockout", "valgus", "heel_lift", "lumbar"]);
let takeDown = 0;

// All of the panel changes in one go, before the next picture: never new words on an old colour.
export function showCue(frame) {
  const panel = $("cue");
  panel.className = frame.grave ? "cue grave" : "cue";
  panel.dataset.side = frame.side || "";
  $("cue-use").setAttribute("href", `/static/icons.svg#${frame.grave ? "stop" : KINDS.has(frame.kind) ? frame.kind : "warning"}`);
  $("cue-text").textContent = frame.text;
  $("cue-side").textContent = frame.side_text;
  $("cue-what").textContent = frame.what;
  panel.hidden = false;
  $("cue-said").textContent = `${frame.side_text} ${frame.text}`;
  clearTimeout(takeDown);
  takeDown = setTimeout(hideCue, frame.stays_ms);
}

export function hideCue() {
  clearTimeout(takeDown);
  $("cue").hidden = true;
  $("cue-said").textContent = "";
}

// Without a signal nothing that was true a moment ago may be read as true now.
export function showSignal(cause) {
  const lost = cause !== "ok";
  $("lost").hidden = !lost;
  $("lost").dataset.cause = cause;
  document.body.dataset.signal = cause;
  if (lost) hideCue();
}

// What both show of the set that is on: load, reps, what is asked of the lifter, and what is not judged.
export function showSet(frame) {
  $("machine").textContent = frame.machine;
  $("set").textContent = frame.set ? `· ${frame.set_text}` : "";
  $("load").textContent = frame.load ? `· ${frame.load}` : "";
  $("reps").textContent = frame.reps;
  $("reps-word").textContent = frame.reps_word;
  $("reps").dataset.digits = String(frame.reps).length;
  $("asks").textContent = frame.asks;
  $("asks").hidden = !frame.asks;
  showTold($("told"), frame.told);
  showBars($("bars"), frame.bars);
  showBlind($("blind"), $("blind-card"), frame.blind);
}

// The set once it is over, as far as the box has summed it up.
export function showDone(frame) {
  const summary = frame.summary;
  $("done").textContent = summary?.title ?? "";
  $("done-reps").textContent = frame.reps;
  $("done-reps-word").textContent = frame.reps_word;
  $("done-clean").textContent = summary?.clean ?? 0;
  $("done-clean-word").textContent = summary?.clean_word ?? "";
  $("facts").replaceChildren(...(summary?.facts ?? []).flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value)]));
}

function showBars(list, bars) {
  const says = list.dataset;
  list.replaceChildren(...bars.map(bar => {
    const item = make("li", [bar.faults.length && "fault", bar.blind && "blind", !bar.counted && "void"].filter(Boolean).join(" "));
    const column = make("i");
    column.style.height = `${Math.max(6, (bar.height ?? 0.5) * 72)}%`;
    const words = [`${says.rep} ${bar.n}`, bar.cm ? `${bar.cm} cm` : "", ...new Set([...bar.faults, ...bar.signs]), bar.blind ? says.blind : "", bar.counted ? "" : says.notCounted];
    item.append(...(bar.faults.length ? [make("b", "", "!")] : []), column, make("span", "", String(bar.n)));
    item.setAttribute("aria-label", words.filter(Boolean).join(", "));
    item.title = words.filter(Boolean).join(", ");
    return item;
  }));
}

function showBlind(list, card, blind) {
  card.hidden = !blind.length;
  list.replaceChildren(...blind.map(one => {
    const item = make("li");
    item.append(make("b", "", one.what), ` – ${one.why}`);
    return item;
  }));
}

// What sensors ask of the lifter. Nothing is replaced by the same: it would be read out again.
function showTold(place, told) {
  if (told.join("\n") === place.dataset.told) return;
  place.dataset.told = told.join("\n");
  place.replaceChildren(...told.map(one => make("p", "", one)));
}
