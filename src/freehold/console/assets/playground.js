// One question to both homes of a route. The URL keeps route and question; going back shows what was answered.
import { Side } from "./side.js";

const form = document.getElementById("ask");
const route = document.getElementById("route");
const question = document.getElementById("question");
const key = document.getElementById("key");
const send = document.getElementById("send");
const stop = document.getElementById("stop");
const bills = document.getElementById("bills");
const sides = [...document.querySelectorAll(".side")].map((section) => new Side(section));
const turns = new Map(); // what was answered, by the number in the history's entry; gone with the page
let turn = 0;
let under_way = null;

// Where scripts do not run, the form stays what it says it is; where they do, asking changes nothing but this page.
form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
route.addEventListener("change", () => expect());
stop.addEventListener("click", halt);
addEventListener("keydown", (event) => {
  if (event.key === "Escape") halt();
});
addEventListener("popstate", (event) => {
  if (under_way) leave();
  halt();
  read();
  show(event.state?.turn);
});
const opened = { route: route.value, q: question.value };
history.replaceState({ turn }, "");
expect();

function read() {
  const said = new URLSearchParams(location.search);
  route.value = said.get("route") ?? opened.route;
  question.value = said.get("q") ?? opened.q;
}

function show(number) {
  const kept = turns.get(number);
  for (const side of sides) side.clear();
  expect();
  if (kept) sides.forEach((side) => kept[side.home] && side.restore(kept[side.home]));
  turn = number ?? turn;
}

function expect() {
  const { rent, own, bills: whom } = route.selectedOptions[0].dataset;
  const names = { rent, own };
  for (const side of sides) {
    side.expect(names[side.home]);
    side.section.hidden = !names[side.home];
  }
  const both = rent && own;
  send.textContent = both ? "Ask both homes" : "Ask";
  bills.textContent = whom ? `${whom} bills real money.` : "";
}

async function ask() {
  halt();
  remember();
  for (const side of sides) side.clear();
  expect();
  const mine = new AbortController();
  under_way = mine;
  stop.disabled = false;
  const asked = { route: route.value, text: question.value, key: key?.value.trim() };
  const number = turn;
  const kept = {};
  turns.set(number, kept);
  await Promise.all(
    sides.filter((side) => !side.section.hidden).map(async (side) => {
      const answer = await side.ask(asked, mine.signal);
      if (turn === number) kept[side.home] = answer;
    }),
  );
  if (under_way === mine) halt();
}

// A new entry for every question; the first takes the place of the page as it was opened if it asks just that.
function remember() {
  const url = `?${new URLSearchParams({ route: route.value, q: question.value })}`;
  turn = Math.max(0, ...turns.keys()) + 1;
  if (url === location.search) history.replaceState({ turn }, "");
  else history.pushState({ turn }, "", url);
}

// Going away from answers that are still coming: they are kept as far as they came.
function leave() {
  for (const side of sides) turns.get(turn)[side.home] ??= { ...side.keep(), state: "stopped", doing: "stopped" };
}

function halt() {
  under_way?.abort();
  under_way = null;
  stop.disabled = true;
}
