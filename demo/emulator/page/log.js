// The log: every request in both directions, newest first.

import { h } from "./dom.js";
import { state } from "./state.js";
import { words } from "./words.js";

const clock = new Intl.DateTimeFormat("ru", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export class Log {
  #rows = new Map(); // exchange number → element
  #clearedAt = 0;
  #json = "";

  constructor() {
    this.list = document.getElementById("log-list");
    this.empty = document.getElementById("log-empty");
    this.filter = document.getElementById("log-filter");
    this.filter.addEventListener("input", () => this.render());
    this.filter.addEventListener("submit", (event) => event.preventDefault());
    document.getElementById("clear-log").addEventListener("click", () => {
      this.#clearedAt = state.exchanges.at(-1)?.number ?? 0;
      this.render();
    });
  }

  render() {
    const wanted = new FormData(this.filter);
    const text = wanted.get("text").trim().toLowerCase();
    const last = state.exchanges.at(-1)?.number ?? 0;
    if (last < this.#clearedAt) this.#clearedAt = 0;
    const shown = state.exchanges.filter((exchange) =>
      exchange.number > this.#clearedAt
      && (!wanted.get("messenger") || exchange.messenger === wanted.get("messenger"))
      && (!wanted.get("direction") || exchange.direction === wanted.get("direction"))
      && (!wanted.has("failed") || !exchange.accepted)
      && (!text || `${exchange.path} ${exchange.body} ${exchange.answer}`.toLowerCase().includes(text)));
    const json = shown.map((exchange) => `${exchange.number}${exchange.at}`).join();
    if (json === this.#json) return;
    this.#json = json;
    const rows = new Map();
    for (const exchange of shown) {
      const id = `${exchange.number}${exchange.at}`;
      rows.set(id, this.#rows.get(id) ?? row(exchange));
    }
    this.#rows = rows;
    this.list.replaceChildren(...[...rows.values()].reverse());
    this.empty.hidden = rows.size > 0;
  }
}

function row(exchange) {
  const toBot = exchange.direction === "to_bot";
  const status = exchange.status ?? words.log.noAnswer;
  const details = h(
    "details",
    { class: `exchange ${exchange.direction} ${exchange.accepted ? "good" : "bad"}` },
    h(
      "summary",
      {},
      h("span", { class: `tag ${exchange.messenger}` }, exchange.messenger === "viber" ? "Viber" : "VK"),
      h("span", { class: "arrow", title: toBot ? words.log.toBot : words.log.fromBot }, toBot ? "→" : "←"),
      h("span", { class: "what" }, nameOf(exchange)),
      exchange.attempt > 1 ? h("span", { class: "attempt" }, words.log.attempt(exchange.attempt)) : null,
      h("span", { class: "gist" }, gistOf(exchange)),
      h("span", { class: "code" }, String(status)),
      h("span", { class: "took" }, words.log.ms(exchange.took)),
    ),
  );
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(inside(exchange));
  });
  return h("li", {}, details);
}

function nameOf(exchange) {
  if (exchange.direction === "from_bot") return exchange.path.split("/").at(-1);
  const body = parsed(exchange.body);
  return body?.event ?? body?.type ?? exchange.path;
}

// What a person looks for first: the words, or why it failed.
function gistOf(exchange) {
  if (exchange.problem) return exchange.problem;
  const answer = parsed(exchange.answer);
  if (!exchange.accepted) return answer?.status_message ?? answer?.error?.error_msg ?? exchange.answer.slice(0, 80);
  const body = parsed(exchange.body) ?? {};
  const text = body.text ?? (typeof body.message === "string" ? body.message : body.message?.text) ?? body.object?.message?.text ?? "";
  return text.split("\n")[0];
}

function inside(exchange) {
  const headers = Object.entries(exchange.headers).map(([name, value]) => `${name}: ${value}`).join("\n");
  return h(
    "div",
    { class: "inside" },
    h("p", {}, `${clock.format(new Date(exchange.at))}  ${exchange.method} ${exchange.path}`),
    headers ? h("h3", {}, words.log.headers) : null,
    headers ? h("pre", {}, headers) : null,
    h("h3", {}, words.log.request),
    h("pre", {}, pretty(exchange.body)),
    h("h3", {}, words.log.answer),
    h("pre", {}, exchange.problem ?? pretty(exchange.answer)),
  );
}

// Numbers longer than a double would change if they were parsed: they are shown as text.
function parsed(text) {
  try {
    return JSON.parse(text.replace(/([:[,]\s*)(-?\d{16,})(?=\s*[,\]}])/g, '$1"$2"'), expanded);
  } catch {
    return null;
  }
}

// A keyboard travels as JSON inside a string: unfolded it can be read.
function expanded(key, value) {
  if (typeof value !== "string" || !/^[[{].*[\]}]$/s.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function pretty(text) {
  if (!text) return words.log.empty;
  const value = parsed(text);
  return value === null ? text : JSON.stringify(value, null, 2);
}
