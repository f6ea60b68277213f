// One home's half of the playground: asks the gateway, and paints what comes once per frame.
import { events } from "./sse.js";

const LOOKS_FOR_RECEIPT = 12;
const BETWEEN_LOOKS_MS = 150;

export class Side {
  constructor(section) {
    this.section = section;
    this.home = section.dataset.home;
    this.parts = Object.fromEntries(
      ["who", "mark", "doing", "answer", "figures"].map((name) => [name, section.querySelector(`.${name}`)]),
    );
    this.blank = this.parts.figures.innerHTML; // before the first answer: dashes
    this.now = null;
  }

  // Who would answer; nobody here hides nothing but says so.
  expect(names) {
    this.expected = names;
    this.parts.who.textContent = names || "nobody";
    this.parts.mark.hidden = !names.includes("(simulated)");
    if (this.parts.mark.hidden === false) this.parts.who.textContent = names.replaceAll(" (simulated)", "");
    if (!this.now) this.become("idle", names ? "not asked yet" : "the route has no model here");
  }

  clear() {
    this.now = null;
    this.parts.answer.textContent = "";
    this.parts.figures.innerHTML = this.blank;
    this.expect(this.expected ?? "");
  }

  // Asks, and returns what there is to show when it is over.
  async ask(question, signal) {
    const now = { text: "", began: performance.now(), ttft: null, tokens: null, id: null, over: false };
    this.clear();
    this.now = now;
    this.become("waiting", "waiting for the first token");
    const painting = this.paint(now);
    try {
      await this.listen(question, signal, now);
      this.become("done", "done", "good");
    } catch (error) {
      if (signal.aborted) this.become("stopped", "stopped");
      else this.become("failed", error.message, "bad");
    }
    now.over = true;
    now.took = performance.now() - now.began;
    await painting;
    if (this.now === now) await this.settle(now);
    return this.keep();
  }

  async listen({ route, text, key }, signal, now) {
    const headers = { "content-type": "application/json", "x-freehold-home": this.home };
    if (key) headers.authorization = `Bearer ${key}`;
    const body = { model: route, messages: [{ role: "user", content: text }], stream: true };
    body.stream_options = { include_usage: true };
    const answer = await fetch("/v1/chat/completions", {
      method: "POST", headers, signal, body: JSON.stringify(body),
    });
    now.id = answer.headers.get("x-request-id");
    if (!answer.ok) throw new Error(await reason(answer));
    this.parts.who.textContent = answer.headers.get("x-freehold-model");
    this.parts.mark.hidden = answer.headers.get("x-freehold-simulated") !== "true";
    let whole = false;
    for await (const data of events(answer)) {
      if (data === "[DONE]") whole = true;
      else this.hear(JSON.parse(data), now);
    }
    if (!whole) throw new Error("the answer was cut before its end");
  }

  hear(event, now) {
    if (event.error) throw new Error(event.error.message);
    if (event.usage) now.tokens = `${event.usage.prompt_tokens} → ${event.usage.completion_tokens}`;
    const text = event.choices?.[0]?.delta?.content;
    if (!text) return;
    if (now.ttft === null) {
      now.ttft = performance.now() - now.began;
      this.become("answering", "answering");
    }
    now.text += text;
  }

  // Once per frame, however many tokens came in between.
  paint(now) {
    return new Promise((resolve) => {
      let painted = 0;
      const frame = () => {
        if (this.now !== now) return resolve();
        const box = this.parts.answer;
        const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
        if (now.text.length > painted) {
          box.append(now.text.slice(painted));
          painted = now.text.length;
          if (atEnd) box.scrollTop = box.scrollHeight;
        }
        this.figure("ttft", now.ttft);
        this.figure("took", now.over ? now.took : performance.now() - now.began);
        if (now.tokens) this.section.querySelector(".tokens").textContent = now.tokens;
        if (now.over) resolve();
        else requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
  }

  // The ledger has the last word: its figures replace what was seen from here.
  async settle(now) {
    for (let look = 0; now.id && look < LOOKS_FOR_RECEIPT; look += 1) {
      const answer = await fetch(`/requests/${encodeURIComponent(now.id)}/receipt`);
      if (this.now !== now) return;
      if (answer.status === 200) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        this.parts.figures.replaceChildren(...page.body.childNodes);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS_MS));
    }
  }

  keep() {
    const { who, mark, doing, answer, figures } = this.parts;
    return {
      who: who.textContent, simulated: !mark.hidden, state: this.section.dataset.state, doing: doing.textContent,
      look: doing.className, text: answer.textContent, figures: figures.innerHTML,
    };
  }

  restore(kept) {
    this.now = {}; // whatever is still under way is no longer shown
    const { who, mark, doing, answer, figures } = this.parts;
    who.textContent = kept.who;
    mark.hidden = !kept.simulated;
    this.section.dataset.state = kept.state;
    doing.textContent = kept.doing;
    doing.className = kept.look;
    answer.textContent = kept.text;
    figures.innerHTML = kept.figures;
  }

  figure(name, ms) {
    const cell = this.section.querySelector(`.${name}`);
    if (cell && ms != null) cell.textContent = ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
  }

  become(state, words, look = "") {
    this.section.dataset.state = state;
    this.parts.doing.textContent = words;
    this.parts.doing.className = `doing ${look}`.trim();
  }
}

async function reason(answer) {
  const text = await answer.text();
  try {
    return JSON.parse(text).error.message;
  } catch {
    return text.slice(0, 500) || `status ${answer.status}`;
  }
}
