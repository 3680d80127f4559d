// Who is on the machine: what this phone remembers of its lifter, if allowed to, and what it tells the box of it.

import { $ } from "/static/page.js";

const KEPT = "sledguard me", FIELDS = ["height", "thigh", "shank"];

// say(deed): sends it, false where there is no link; notSent: what is said then.
export function openMe(say, notSent) {
  let known = recall(), asked = null;

  const typed = () => Object.fromEntries(FIELDS.map(name => [name, $(`me-${name}`).value.trim()]));
  const told = (ok, text) => { $("me-said").className = ok ? "good" : "bad"; $("me-said").textContent = text; };
  function fill() {
    for (const name of FIELDS) $(`me-${name}`).value = known?.[name] ?? "";
    $("me-tape").open = Boolean(known?.thigh);
    $("me-remember").checked = false;
    remembered();
  }
  function remembered() {
    $("me-ask").hidden = $("me-private").hidden = known !== null;
    $("me-kept").hidden = $("me-forget").hidden = known === null;
  }

  $("me-form").oninput = () => { $("me-said").textContent = ""; };
  $("me-form").onsubmit = event => {
    event.preventDefault();
    const id = known?.id ?? ($("me-remember").checked ? drawn() : null);
    asked = { id, ...typed() };
    told(true, "…");
    if (!say({ do: "me", lifter: id, ...typed() })) told(false, notSent);
  };
  $("me-forget").onclick = () => {
    told(true, "…");
    if (!say({ do: "forget", lifter: known.id })) told(false, notSent);
  };

  fill();
  $("me-card").open = known !== null;
  return {
    // Only what a box has taken is remembered, so that a mistake is not.
    answered({ ok, text }) {
      told(ok, text);
      if (!ok || asked === null) return;
      if (asked.id) keep(known = asked);
      asked = null;
      remembered();
    },
    forgotten({ ok, text }) {
      told(ok, text);
      if (!ok) return;
      localStorage.removeItem(KEPT);
      known = null;
      fill();
    },
  };
}

// 128 bits by chance: nobody else has this number, and nobody guesses it.
function drawn() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
}

function recall() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT));
    return /^[0-9a-f]{32}$/.test(kept?.id) ? kept : null;
  } catch { return null; } // a browser that keeps nothing, or kept nonsense
}

function keep(me) {
  try { localStorage.setItem(KEPT, JSON.stringify(me)); } catch { /* kept for as long as the page is open */ }
}
