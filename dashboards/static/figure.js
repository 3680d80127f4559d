// Draws the lifter: points come as metres, y up; all that is known of knees and rails is known on the server.

import { $ } from "/static/page.js";

const SVG = "http://www.w3.org/2000/svg";
const FOOT = [[0.06, 0.04], [-0.125, -0.145]]; // heel and toes from the ankle, along the sled's plate, in picture terms
const LIFT = 0.055;
let lit = new Set(), unknown = new Set();

// What is lit now, and what cannot be judged; both by verdict, such as "lockout_left".
export function setParts(litNow, unknownNow) {
  lit = new Set(litNow);
  unknown = new Set(unknownNow);
  for (const part of document.querySelectorAll("[data-part]")) {
    part.classList.toggle("lit", lit.has(part.dataset.part));
    part.classList.toggle("unknown", unknown.has(part.dataset.part));
  }
}

export function drawFigure(figure) {
  const marks = [];
  for (const side of ["left", "right"]) {
    drawSide(side, figure.legs[side], marks);
    drawFront(side, figure.front[side], figure.heels[side]);
  }
  $("carriage").classList.toggle("gone", !figure.sled);
  if (figure.sled) $("carriage").setAttribute("transform", `translate(${figure.sled[0]} ${-figure.sled[1]})`);
  // The pelvis turns about the tailbone's contact; twice as far as measured, or nobody would see 12° across a room.
  $("pelvis").setAttribute("transform", `rotate(${2 * (figure.tilt ?? 0)} 0.05 0.05)`);
  if (lit.has("lumbar")) marks.push([0.2, 0.14]);
  $("marks").replaceChildren(...marks.map(mark));
}

function drawSide(side, leg, marks) {
  const group = document.querySelector(`#side [data-leg="${side}"]`);
  group.classList.toggle("gone", !leg);
  if (!leg) return;
  const [, knee, ankle] = leg.map(([x, y]) => [x, -y]);
  group.children[0].setAttribute("points", leg.map(([x, y]) => `${x},${-y}`).join(" "));
  place(group.children[1], knee);
  const lifts = lit.has(`heel_lift_${side}`);
  const [heel, toes] = FOOT.map(([x, y]) => [ankle[0] + x, ankle[1] + y]);
  if (lifts) { heel[0] -= LIFT; heel[1] += LIFT; }
  group.children[2].setAttribute("d", `M${heel} L${toes}`);
  if (lit.has(`lockout_${side}`)) marks.push([knee[0] - 0.12, knee[1] - 0.1]);
  if (lifts) marks.push([heel[0] + 0.03, heel[1] + 0.13]);
}

function drawFront(side, leg, heelShare) {
  const group = document.querySelector(`#front [data-leg="${side}"]`);
  group.classList.toggle("gone", !leg);
  group.children[3].setAttribute("width", 0.16 * Math.min(1, Math.max(0, heelShare ?? 0)));
  if (!leg) return;
  group.children[0].setAttribute("points", leg.map(([x, y]) => `${x},${-y}`).join(" "));
  place(group.children[1], [leg[1][0], -leg[1][1]]);
}

function place(circle, [x, y]) { circle.setAttribute("cx", x); circle.setAttribute("cy", y); }

// A "!" beside the lit part: red alone tells a part of the lifters nothing.
function mark([x, y]) {
  const group = document.createElementNS(SVG, "g"), circle = document.createElementNS(SVG, "circle"), text = document.createElementNS(SVG, "text");
  group.setAttribute("class", "mark");
  place(circle, [x, y]);
  circle.setAttribute("r", 0.075);
  text.setAttribute("x", x);
  text.setAttribute("y", y + 0.047);
  text.textContent = "!";
  group.append(circle, text);
  return group;
}
