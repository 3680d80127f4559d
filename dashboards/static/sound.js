// What a phone can do to be noticed: tones, vibration, words. All of it needs one tap first, as browsers ask.

const TONES = { // Hz and s; each fault has a rhythm of its own, "rack it" one that needs no learning
  lockout: [[880, .22], [0, .06], [880, .08]], valgus: [[740, .09], [0, .07], [740, .09]],
  heel_lift: [[988, .07], [0, .06], [988, .07], [0, .06], [988, .07]], lumbar: [[523, .35]],
  sign: [[660, .12]], grave: [[440, .3], [0, .1], [440, .3], [0, .1], [440, .3]],
};
const SIDE = { left: -1, right: 1 };
let audio = null, lock = null, saying = 0;

export const isOn = () => audio !== null;
export const state = () => audio?.state ?? "off";

export async function turnOn() {
  audio ??= new (window.AudioContext || window.webkitAudioContext)();
  await audio.resume();
  play("lumbar", null, .15);
  if (canSpeak()) speechSynthesis.speak(new SpeechSynthesisUtterance(""));
  await stayAwake();
}

export async function abilities() {
  const speaks = await voices();
  // A desktop browser takes the call to vibrate and has nothing to do it with: only where there is a touch screen.
  const vibrates = matchMedia("(pointer: coarse)").matches && (navigator.vibrate?.(40) ?? false);
  return { sound: audio?.state === "running", vibrate: vibrates, speak: speaks, awake: lock !== null };
}

export function alarm(frame) {
  if (!audio) return;
  const name = frame.grave ? "grave" : frame.kind in TONES ? frame.kind : "sign";
  const rhythm = frame.gentle ? [] : TONES[name]; // between reps there is nothing to interrupt: words alone
  if (!frame.gentle) {
    play(name, frame.side, .5);
    navigator.vibrate?.(rhythm.map(([, seconds]) => Math.round(seconds * 1000)));
  }
  say(frame.side_text ? `${frame.side_text.toLowerCase()}. ${frame.text}` : frame.text, rhythm.reduce((sum, [, s]) => sum + s, 0));
}

export function quiet() { clearTimeout(saying); if (canSpeak()) speechSynthesis.cancel(); }

function play(name, side, loudness) {
  if (audio.state !== "running") audio.resume();
  let at = audio.currentTime;
  const out = audio.createGain();
  const pan = audio.createStereoPanner?.();
  if (pan) { pan.pan.value = SIDE[side] ?? 0; out.connect(pan).connect(audio.destination); } else out.connect(audio.destination);
  for (const [hertz, seconds] of TONES[name]) {
    if (hertz) {
      const tone = audio.createOscillator(), shape = audio.createGain();
      tone.frequency.value = hertz;
      shape.gain.setValueAtTime(0, at);
      shape.gain.linearRampToValueAtTime(loudness, at + .01);
      shape.gain.setValueAtTime(loudness, at + seconds - .015);
      shape.gain.linearRampToValueAtTime(0, at + seconds);
      tone.connect(shape).connect(out);
      tone.start(at);
      tone.stop(at + seconds);
    }
    at += seconds;
  }
}

const canSpeak = () => "speechSynthesis" in window;
const voice = () => speechSynthesis.getVoices().find(one => one.lang.slice(0, 2).toLowerCase() === document.documentElement.lang);

// Voices arrive late on most phones: wait a moment before saying that there is none.
async function voices() {
  if (!canSpeak()) return false;
  for (let i = 0; i < 8 && !speechSynthesis.getVoices().length; i++) await new Promise(done => setTimeout(done, 100));
  return voice() !== undefined;
}

function say(text, after) {
  if (!canSpeak() || !voice()) return;
  clearTimeout(saying);
  saying = setTimeout(() => {
    speechSynthesis.cancel();
    const words = new SpeechSynthesisUtterance(text);
    words.voice = voice();
    words.lang = document.documentElement.lang;
    words.rate = 1.15;
    speechSynthesis.speak(words);
  }, after * 1000);
}

async function stayAwake() {
  if (!("wakeLock" in navigator)) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => { lock = null; });
  } catch { lock = null; }
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !audio) return;
  if (audio.state !== "running") audio.resume();
  if (!lock) stayAwake();
});
