// The screen at the machine. It draws what it is sent; nothing is judged here.

import { drawFigure, setParts } from "/static/figure.js";
import { openLink } from "/static/link.js";
import { $, MARKS, hideCue, icon, make, showCue, showDone, showSet, showSignal } from "/static/page.js";
import { showRamps } from "/static/ramp.js";
import { addRow, drawStrips } from "/static/strips.js";

const { place } = document.body.dataset;
const language = document.documentElement.lang;
const VIEWS = { setup: "setup", lifting: "lift", resting: "rest", idle: "idle", unknown: "idle" };
let limits = {}, waiting = null;

openLink({ hello: () => ({ page: "kiosk", place, key: location.hash.slice(1), language }), take, signal: showSignal });

function take(frame) {
  switch (frame.t) {
    case "refused": $("locked").hidden = false; hideCue(); break;
    case "welcome": $("locked").hidden = true; break;
    case "view": show(frame); break;
    case "live": showLive(frame); break;
    case "cue": showCue(frame); break;
    case "cue_over": hideCue(); break;
    case "join": showJoin(frame); break;
  }
}

function show(frame) {
  document.body.dataset.view = VIEWS[frame.activity];
  showSet(frame);
  $("doing").textContent = frame.doing;
  limits = frame.limits;
  setParts(frame.lit, frame.unseen);
  fit($("blind-card").parentElement);
  $("all-seen").hidden = frame.blind.length > 0 || !frame.seen.length;
  $("sensors").replaceChildren(...frame.sensors.map(problem => make("li", "", problem)));
  showChecks(frame.checks);
  showDone(frame);
}

// What is not judged is read in full: many reasons in smaller letters.
function fit(card) {
  for (const size of ["", ".9em", ".8em", ".7em"]) {
    card.style.fontSize = size;
    if (card.scrollHeight <= card.clientHeight) return;
  }
}

function showChecks(checks) {
  const says = $("checks").dataset;
  $("checks").replaceChildren(...checks.map(one => {
    const row = make("li", one.verdict), words = { pass: says.pass, fix: says.fix, unknown: says.open };
    row.append(icon(MARKS[one.verdict]), make("span", "", one.hint || one.text), make("span", "unseen", words[one.verdict]));
    return row;
  }));
  $("ready").hidden = !checks.length || checks.some(one => one.verdict !== "pass");
}

// Drawn with the next picture, once, however many came since the last.
function showLive(frame) {
  $("phase").textContent = $("phase").dataset[frame.phase] ?? "";
  addRow(frame.at, frame.values);
  if (!waiting) requestAnimationFrame(() => {
    drawFigure(waiting.figure);
    drawStrips(limits);
    showRamps(waiting.ramps);
    waiting = null;
  });
  waiting = frame;
}

function showJoin({ code, where, size, path }) {
  $("where").textContent = where;
  $("code").textContent = `${code.slice(0, 3)} ${code.slice(3)}`;
  $("qr").setAttribute("viewBox", `0 0 ${size} ${size}`);
  $("qr").lastElementChild.setAttribute("d", path);
}
