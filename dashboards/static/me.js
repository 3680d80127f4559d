// Who is on the machine: what this phone remembers of its lifter, if allowed to, and what it tells the box of it.

import { $ } from "/static/page.js";

const GYM = document.body.dataset.place.split("/")[0]; // one server may have the pages of several, each with its own boxes
const KEPT = `sledguard me ${GYM}`, TOLD = "sledguard me told", FIELDS = ["height", "thigh", "shank"];
const ANSWER_MAX_MS = 6000; // the server gives up after 4 s and says so: whoever hears nothing for longer is cut off
const SURE_MAX_MS = 10000;

// say(deed): sends it, false where there is no link; notSent(): what is said then.
//
// A number is kept before it is sent, as open, and used again until its fate is known: a box may have taken what it did
// not answer, and nobody but this phone could have that forgotten.
export function openMe(say, notSent) {
  const says = $("me-card").dataset;
  let me = recall(), asked = null, seen = null, count = 0, late = 0, sure = 0;

  const typed = () => Object.fromEntries(FIELDS.map(name => [name, $(`me-${name}`).value.trim()]));
  const saysNothing = lengths => FIELDS.every(name => !lengths[name]);
  const told = (ok, text) => { $("me-said").className = ok ? "good" : "bad"; $("me-said").textContent = text; };
  function fill() {
    for (const name of FIELDS) $(`me-${name}`).value = me?.[name] ?? "";
    $("me-tape").open = Boolean(me?.thigh);
  }
  function draw() {
    $("me-ask").hidden = $("me-private").hidden = me !== null;
    $("me-kept").hidden = me === null || me.open;
    $("me-open").hidden = !me?.open;
    $("me-forget").hidden = me === null;
    $("me-card").classList.toggle("has-number", me !== null || $("me-said").textContent !== "");
    showKnown();
    doubt();
  }
  // Known is only whom this phone has told, as long as nobody else was told of after it.
  function showKnown() {
    const { lifter_known: known, lifter_said: said } = seen ?? {};
    const isMe = known && Boolean(said) && me !== null && said === recall(TOLD, "sessionStorage");
    $("me-now").textContent = known === true ? (isMe ? says.known : "") : known === false ? says.anybody : "";
  }
  function doubt() {
    clearTimeout(sure);
    $("me-forget").textContent = says.forget;
    delete $("me-forget").dataset.sure;
  }
  function ask(deed, what) {
    asked = { n: ++count, ...what };
    told(true, "…");
    clearTimeout(late);
    if (say({ ...deed, n: count })) late = setTimeout(() => { if (asked) leftOpen(says.noAnswer); }, ANSWER_MAX_MS);
    else refused(notSent());
  }
  function leftOpen(text) {
    told(false, text);
    draw();
  }
  // A number that was drawn for this and has reached no box is none.
  function refused(text) {
    if (asked.drawn) { me = null; drop(KEPT); }
    asked = null;
    told(false, text);
    draw();
  }
  const isMine = n => asked !== null && asked.n === n;

  $("me-form").oninput = () => { $("me-said").textContent = ""; draw(); };
  $("me-form").onsubmit = event => {
    event.preventDefault();
    const isNew = me === null && $("me-remember").checked;
    if (isNew) {
      me = { id: drawn(), open: true, ...typed() };
      if (!keep(KEPT, me)) { me = null; told(false, says.keepsNothing); return; }
    }
    ask({ do: "me", lifter: me?.id ?? null, ...typed() }, { drawn: isNew, lengths: typed(), remembers: me !== null });
    if (isNew) draw();
  };
  $("me-forget").onclick = () => {
    if ("sure" in $("me-forget").dataset) { doubt(); ask({ do: "forget", lifter: me.id }, {}); return; }
    $("me-forget").dataset.sure = "";
    $("me-forget").textContent = says.sure;
    sure = setTimeout(doubt, SURE_MAX_MS);
  };

  fill();
  draw();
  $("me-remember").checked = false;
  $("me-card").open = me !== null;
  return {
    // said: the command by which it was told; open: whether nobody knows what became of it.
    answered({ n, ok, open, text, said }) {
      if (!isMine(n)) return;
      clearTimeout(late);
      if (open) { leftOpen(text); return; }
      if (!ok) { refused(text); return; }
      const { lengths, remembers } = asked, asBefore = saysNothing(lengths) && !saysNothing(me ?? {}) && !me?.open;
      asked = null;
      if (remembers) {
        me = { id: me.id, ...(asBefore ? Object.fromEntries(FIELDS.map(name => [name, me[name] ?? ""])) : lengths) };
        keep(KEPT, me);
        keep(TOLD, said, "sessionStorage");
        if (asBefore) fill();
      } else drop(TOLD, "sessionStorage");
      told(true, remembers && asBefore ? `${text} ${says.asBefore}` : text);
      draw();
    },
    forgotten({ n, ok, open, text }) {
      if (!isMine(n)) return;
      clearTimeout(late);
      if (open) { leftOpen(text); return; }
      if (!ok) { refused(text); return; }
      asked = me = null;
      drop(KEPT);
      drop(TOLD, "sessionStorage");
      $("me-remember").checked = false;
      told(true, text);
      fill();
      draw();
    },
    show(frame) {
      if (frame.ended !== seen?.ended) doubt(); // what was asked in one view is not answered in another
      seen = frame;
      showKnown();
    },
  };
}

// 128 bits by chance: nobody else has this number, and nobody guesses it.
function drawn() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
}

// Storage may be refused altogether, and then even to name it is an error.
function recall(name = KEPT, where = "localStorage") {
  try {
    const kept = JSON.parse(window[where].getItem(name));
    return name === TOLD || /^[0-9a-f]{32}$/.test(kept?.id) ? kept : null;
  } catch { return null; } // a browser that keeps nothing, or kept nonsense
}

function keep(name, what, where = "localStorage") {
  try { window[where].setItem(name, JSON.stringify(what)); return true; } catch { return false; }
}

function drop(name, where = "localStorage") {
  try { window[where].removeItem(name); } catch { /* then it was never kept */ }
}
