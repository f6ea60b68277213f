// A form whose state is the URL. What moves is asked for at once; only the latest question gets drawn.
const PATH = "/rent-or-own";
const REST_MS = 90; // a slider on its way is asked about when it rests so long

const form = document.getElementById("board");
const doing = document.getElementById("doing");
const utilisation = document.getElementById("utilisation");
const sliders = [...(form?.querySelectorAll("input[type=range]") ?? [])];
let asking = null;
let timer = 0;
let moving = false;
let known = {}; // what the answer put in for what was not said

if (form) begin();

function begin() {
  for (const slider of sliders) slider.hidden = false;
  const told = document.querySelector('[data-part="said"]').dataset.fields;
  if (told) take(JSON.parse(told));
  else ask();
  form.addEventListener("input", (event) => {
    const slider = event.target;
    if (slider.type === "range") form.elements[slider.dataset.for].value = figure(slider);
    else place();
    fill();
    clearTimeout(timer);
    timer = setTimeout(move, REST_MS);
  });
  form.addEventListener("change", () => {
    move();
    moving = false;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    move();
    moving = false;
  });
  addEventListener("popstate", () => {
    moving = false;
    restore();
    ask();
  });
}

function query() {
  const said = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value.trim() && name !== "wait") said.set(name, value.trim());
  }
  return said.size ? `?${said}` : "";
}

// One step back undoes a whole movement: its first change is a new address, the others replace it.
function move() {
  clearTimeout(timer);
  const there = PATH + query();
  if (there === location.pathname + location.search) return;
  history[moving ? "replaceState" : "pushState"](null, "", there);
  moving = true;
  ask();
}

function restore() {
  const said = new URLSearchParams(location.search);
  for (const field of form.elements) if (field.name) field.value = said.get(field.name) ?? "";
}

async function ask() {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  form.setAttribute("aria-busy", "true");
  doing.textContent = "reckoning …";
  try {
    const answer = await fetch(`${PATH}/answer${query()}`, { signal: mine.signal, headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) throw new Error(page.querySelector("h1")?.textContent ?? String(answer.status));
    draw(page);
    doing.textContent = "";
  } catch (error) {
    if (mine.signal.aborted) return; // a later question is on its way
    doing.textContent = error instanceof TypeError ? "no answer from the gateway" : error.message;
  }
  form.setAttribute("aria-busy", "false");
}

function draw(page) {
  for (const part of page.querySelectorAll("[data-part]")) {
    const here = document.querySelector(`[data-part="${part.dataset.part}"]`);
    const open = [...here.querySelectorAll("details")].map((each) => each.open);
    part.querySelectorAll("details").forEach((each, at) => (each.open = open[at] ?? false));
    here.replaceWith(document.adoptNode(part));
  }
  const told = document.querySelector('[data-part="said"]').dataset.fields;
  if (told) take(JSON.parse(told));
}

function take(fields) {
  known = fields;
  for (const field of form.elements) {
    if (field.tagName === "INPUT" && field.type !== "range" && field.name in known && !field.value) {
      field.placeholder = known[field.name];
    }
  }
  place();
  fill();
}

// Sliders show what holds, whoever said it.
function place() {
  for (const slider of sliders) {
    const value = number(form.elements[slider.dataset.for].value || known[slider.dataset.for]);
    if (value === null) continue;
    slider.value = "log" in slider.dataset ? Math.log10(Math.max(value, 1e-9)) : value;
  }
}

function fill() {
  for (const slider of sliders) {
    const said = form.elements[slider.dataset.for].value || known[slider.dataset.for];
    slider.setAttribute("aria-valuetext", said ? `${Number(number(said)).toLocaleString("en")}` : "not said");
  }
  const peak = number(form.elements.peak.value || known.peak);
  utilisation.textContent = peak ? `${Math.round(100 / peak)} % of the fleet is used on average` : "";
}

function figure(slider) {
  const at = Number(slider.value);
  if (!("log" in slider.dataset)) return String(at);
  const value = 10 ** at;
  return String(Number(value.toPrecision(3)));
}

// `10M`, `2.5k`, `1e6`; null for what is no figure.
function number(said) {
  if (!said) return null;
  const found = /^([\d.]+(?:e\d+)?)([kmg]?)$/i.exec(String(said).replace(/[_,\s]/g, ""));
  if (!found) return null;
  const value = Number(found[1]) * 1000 ** ["", "k", "m", "g"].indexOf(found[2].toLowerCase());
  return Number.isFinite(value) ? value : null;
}
