// The lifter's phone. It draws what it is sent; nothing is judged here.

import { openLink } from "/static/link.js";
import { openMe } from "/static/me.js";
import { $, MARKS, hideCue, icon, make, showCue, showDone, showSet, showSignal } from "/static/page.js";
import { showRamps } from "/static/ramp.js";
import * as sound from "/static/sound.js";

const { place, noSignal, notSent } = document.body.dataset;
const language = document.documentElement.lang;
const KEPT = `sledguard ${place}`;
const VIEWS = { setup: "setup", lifting: "lift", resting: "rest", idle: "wait", unknown: "wait" };

// The join ticket leaves the address bar at once: whoever borrows the phone finds no way in there.
let join = location.hash.slice(1);
if (join) { sessionStorage.removeItem(KEPT); history.replaceState(null, "", location.pathname + location.search); }
let code = "", shown = null;

const link = openLink({ hello, take, signal });
const me = openMe(deed => link.say(deed), () => document.body.dataset.view === "ended" ? $("me-card").dataset.scan : notSent);
if (!hello()) view("join");

function hello() {
  const session = sessionStorage.getItem(KEPT);
  if (session) return { page: "phone", session, language };
  if (join) return { page: "phone", place, join, language };
  return code ? { page: "phone", place, code, language } : null;
}

function take(frame) {
  switch (frame.t) {
    case "welcome": join = code = ""; sessionStorage.setItem(KEPT, frame.session); $("refused").hidden = true; break;
    case "refused": refuse(frame.why); break;
    case "view": show(frame); break;
    case "live": showLive(frame); break;
    case "cue": showCue(frame); sound.alarm(frame); break;
    case "cue_over": hideCue(); break;
    case "care": showCare(frame); break;
    case "load": answerLoad(frame); break;
    case "me": me.answered(frame); break;
    case "forgotten": me.forgotten(frame); break;
    case "help": answerHelp(frame.told); break;
  }
}

function signal(cause) {
  const isOut = ["join", "ended"].includes(document.body.dataset.view);
  showSignal(isOut ? "ok" : cause);
  if (cause !== "ok") sound.quiet();
  document.title = cause === "ok" || isOut ? "sledguard" : noSignal;
}

function refuse(why) {
  const known = sessionStorage.getItem(KEPT) !== null;
  sessionStorage.removeItem(KEPT);
  join = code = "";
  hideCue();
  showSignal("ok");
  if (known && shown) { view("ended"); return; }
  view("join");
  const told = $("refused");
  told.textContent = told.dataset[why] ?? told.dataset.expired;
  told.hidden = false;
}

const open = dialog => { if (!$(dialog).open) $(dialog).showModal(); };

function view(name) { document.body.dataset.view = name; }

function show(frame) {
  shown = frame;
  view(frame.ended ? "ended" : VIEWS[frame.activity]);
  showSet(frame);
  if (!$("load-form").dataset.typed) $("load-kg").value = frame.load_kg ?? "";
  $("load-now").textContent = frame.load || "–";
  $("of-max").textContent = frame.of_max;
  me.show(frame);
  showChecks(frame.checks);
  showSummary(frame);
  showPain(frame.pain);
}

function showLive(frame) {
  $("phase").textContent = $("phase").dataset[frame.phase] ?? "";
  showRamps(frame.ramps);
}

function showChecks(checks) {
  const says = $("checks").dataset;
  const focused = document.activeElement?.dataset?.item;
  $("checks").replaceChildren(...checks.map(one => {
    const row = make("li", one.verdict), text = make("span", "", one.text);
    const state = one.verdict === "pass" ? `${says.pass}: ${says[one.by]}` : one.hint || says.unknown;
    text.append(make("small", "", state));
    row.append(icon(MARKS[one.verdict]), text);
    if (one.verdict === "unknown") {
      const tap = make("button", "", says.tap);
      tap.dataset.item = one.item;
      tap.setAttribute("aria-label", `${one.text}: ${says.tap}`);
      tap.onclick = () => link.say({ do: "confirm", item: one.item });
      row.append(tap);
    }
    return row;
  }));
  if (focused) $("checks").querySelector(`[data-item="${focused}"]`)?.focus();
  $("ready").hidden = !checks.length || checks.some(one => one.verdict !== "pass");
}

function showSummary(frame) {
  showDone(frame);
  $("alerts-card").hidden = !frame.alerts.length && !frame.signs.length;
  $("clean").hidden = !frame.summary || !$("alerts-card").hidden || !frame.seen.length;
  const says = $("alerts").dataset;
  $("alerts").replaceChildren(...frame.alerts.map(alert => {
    const item = showSeen(alert), choices = make("div", "choices");
    if (alert.right === null) choices.append(make("span", "dim", says.ask), ...[true, false].map(right => {
      const button = make("button", "", right ? says.yes : says.no);
      button.setAttribute("aria-label", `${alert.text}. ${says.ask} ${button.textContent}`);
      button.onclick = () => link.say({ do: "right", alert: alert.id, right });
      return button;
    }));
    else choices.append(make("span", "good", `${alert.right ? says.yes : says.no}. ${says.thanks}`));
    item.append(choices);
    return item;
  }), ...frame.signs.map(showSeen));
}

function showSeen(one) {
  const item = make("li");
  item.append(make("b", "", one.text), ...(one.cue ? [make("span", "said", `“${one.cue}”`)] : []));
  return item;
}

function showPain(pain) {
  for (const button of document.querySelectorAll("[data-pain]")) button.setAttribute("aria-pressed", String(button.dataset.pain === pain));
  $("fine").hidden = pain !== "none";
}

function showCare(frame) {
  const local = iso => new Date(iso).toLocaleString(language, { weekday: "short", hour: "2-digit", minute: "2-digit", day: "numeric", month: "short" });
  $("hip-first").hidden = !frame.cards.includes("hip_first_try");
  const hold = $("hold"), doctor = $("doctor");
  hold.hidden = !frame.holds;
  hold.textContent = frame.hold_until ? hold.dataset.until.replace("{when}", local(frame.hold_until)) : hold.dataset.open;
  doctor.hidden = !frame.doctor_by;
  doctor.textContent = frame.doctor_by ? doctor.dataset.by.replace("{when}", local(frame.doctor_by)) : "";
  const asksWhere = !$("areas").hidden; // the card comes with the next answer
  if (frame.cards.includes("after_care") && !frame.cards.includes("red_flags") && !asksWhere) open("care");
  if (frame.cards.includes("red_flags")) open("flags");
}

function answerHelp(told) {
  $("helped").hidden = false;
  $("helped").textContent = told ? $("helped").dataset.told : $("helped").dataset.failed;
}

// What was typed stays until the box has taken it; what the box says of the load stays out meanwhile.
function answerLoad({ ok, text }) {
  $("load-said").className = ok ? "good" : "bad";
  $("load-said").textContent = text;
  if (ok) { $("load-form").dataset.typed = ""; $("load-most").value = ""; }
}

function startIce() {
  const button = $("ice"), ends = Date.now() + button.dataset.seconds * 1000;
  button.disabled = true;
  const step = () => {
    const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
    button.textContent = left
      ? button.dataset.running.replace("{left}", `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`) : button.dataset.over;
    if (left) setTimeout(step, 1000); else { button.disabled = false; sound.alarm({ kind: "lumbar", text: button.dataset.over, side_text: "" }); }
  };
  step();
}

$("code-form").onsubmit = event => { event.preventDefault(); code = $("code").value.trim(); $("refused").hidden = true; link.connect(); };
$("load-form").oninput = () => { $("load-form").dataset.typed = "yes"; $("load-said").textContent = ""; };
$("load-form").onsubmit = event => {
  event.preventDefault();
  $("load-said").textContent = "…";
  if (!link.say({ do: "load", load: $("load-kg").value, most: $("load-most").value })) answerLoad({ ok: false, text: notSent });
};
$("sound-on").onclick = async () => {
  await sound.turnOn();
  const can = await sound.abilities();
  for (const row of document.querySelectorAll("[data-can]")) {
    row.className = can[row.dataset.can] ? "yes" : "no";
    row.querySelector(".answer").textContent = row.dataset[can[row.dataset.can] ? "yes" : "no"];
  }
  $("sound-on").hidden = $("sound-why").hidden = true;
  $("can").hidden = false;
};
for (const button of document.querySelectorAll("[data-pain]")) button.onclick = () => {
  const { pain } = button.dataset;
  $("areas").hidden = pain !== "ache";
  if (pain === "sharp") open("flags"); // at once, link or no link
  link.say({ do: "pain", pain });
};
for (const button of document.querySelectorAll("[data-area]")) button.onclick = () => {
  $("areas").hidden = true;
  if (!link.say({ do: "pain", pain: "ache", area: button.dataset.area })) open("care");
};
$("help").onclick = () => { if (!link.say({ do: "help" })) answerHelp(false); };
$("ice").onclick = startIce;
$("menu-open").onclick = () => open("menu");
$("menu-flags").onclick = () => { $("menu").close(); open("flags"); };
$("menu-care").onclick = () => { $("menu").close(); open("care"); };
$("leave").onclick = () => { sessionStorage.removeItem(KEPT); link.close(); $("menu").close(); showSignal("ok"); view("ended"); };
