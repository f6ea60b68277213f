// Keeps a page's figures fresh: fetches the page again and puts in what changed. One request at a time,
// none while nobody looks, and longer pauses while the gateway is slow or away.
const EVERY_MS = 2000;
const LONGEST_MS = 30000;
const SHARE_OF_TIME = 10; // of ten seconds, at most one goes into asking

const frame = document.getElementById("live");
const state = document.getElementById("live-state");
const pause = document.getElementById("live-pause");
let timer = 0;
let asking = null;
let wait = EVERY_MS;
let paused = false;

frame.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  pause.textContent = paused ? "Resume" : "Pause";
  if (paused) rest("paused");
  else look();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) rest("resting");
  else if (!paused) look();
});
later();

function later() {
  clearTimeout(timer);
  if (!paused && !document.hidden) timer = setTimeout(look, wait);
}

function rest(word) {
  clearTimeout(timer);
  asking?.abort();
  say(word);
}

function say(word) {
  if (state.textContent !== word) state.textContent = word;
}

async function look() {
  clearTimeout(timer);
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  const began = performance.now();
  try {
    const signal = AbortSignal.any([mine.signal, AbortSignal.timeout(LONGEST_MS)]);
    const answer = await fetch(location.href, { signal, headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    wait = Math.min(LONGEST_MS, Math.max(EVERY_MS, SHARE_OF_TIME * (performance.now() - began)));
    say("live");
  } catch {
    if (mine.signal.aborted) return; // we rest, or ask anew
    wait = Math.min(LONGEST_MS, 2 * wait);
    say("no answer from the gateway");
  }
  later();
}

// What a person is at stays: the focus, and how far a wide table was scrolled.
function take(page) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${old.dataset.live}"]`);
    if (!fresh || fresh.outerHTML === old.outerHTML) continue;
    const focus = old.contains(document.activeElement) ? place(document.activeElement) : null;
    const scrolled = [...old.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
    old.replaceChildren(...fresh.childNodes);
    old.querySelectorAll(".scroll").forEach((box, n) => (box.scrollLeft = scrolled[n] ?? 0));
    if (focus) old.querySelector(focus)?.focus({ preventScroll: true });
  }
}

function place(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const href = element.getAttribute("href");
  if (href) return `[href="${CSS.escape(href)}"]`;
  return `[aria-label="${CSS.escape(element.getAttribute("aria-label") ?? "")}"]`;
}
