// The one connection to the server: opened again by itself, and honest about how old what it brought is.
//
// `heard` is the only truth: nothing for SILENT_MS means that the screen is not now, whatever the socket says of itself.

const SILENT_MS = 1000, DEAD_MS = 3000, PAUSE_FIRST_MS = 250, PAUSE_MAX_MS = 2000, LOOK_MS = 150;

// hello(): the first message, or null while there is nothing to say; take(frame): a message; signal(cause): "ok" or why not.
export function openLink({ hello, take, signal }) {
  let socket = null, heard = performance.now(), server = "ok", told = "", pause = PAUSE_FIRST_MS, timer = 0, refused = false;

  const tell = () => {
    const cause = performance.now() - heard > SILENT_MS ? "link" : server;
    if (cause !== told) signal(told = cause);
  };
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(connect, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 1.6, PAUSE_MAX_MS);
  };
  function connect() {
    clearTimeout(timer);
    const first = hello();
    if (!first) return;
    refused = false;
    const mine = socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/ws");
    mine.onopen = () => mine.send(JSON.stringify(first));
    mine.onmessage = event => {
      if (mine !== socket) return;
      heard = performance.now();
      const frame = JSON.parse(event.data);
      if (frame.t === "refused") refused = true;
      else if (frame.t === "beat") { server = frame.signal; pause = PAUSE_FIRST_MS; }
      take(frame);
      tell();
    };
    mine.onclose = () => { if (mine === socket) { socket = null; if (!refused) again(); } };
    mine.began = performance.now();
  }
  setInterval(() => {
    if (refused || !hello()) return;
    tell();
    // A connection that is open and says nothing is dead: a Wi-Fi that went away tells nobody.
    if (socket && performance.now() - Math.max(heard, socket.began) > DEAD_MS) { const old = socket; socket = null; old.close(); again(); }
  }, LOOK_MS);
  for (const name of ["online", "pageshow"]) addEventListener(name, () => { if (!socket && !refused) { pause = PAUSE_FIRST_MS; connect(); } });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !socket && !refused) connect(); });

  connect();
  return {
    connect() { heard = performance.now(); pause = PAUSE_FIRST_MS; if (socket) { const old = socket; socket = null; old.close(); } connect(); },
    say(message) { if (socket?.readyState === 1) { socket.send(JSON.stringify(message)); return true; } return false; },
    close() { refused = true; socket?.close(); },
  };
}
