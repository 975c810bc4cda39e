// What all parts of the page share: who am I, the filter, notices.

import { byId, h } from "./dom.js";
import { sentence, words } from "./words.js";

export const state = { me: null, filter: {}, page: 0 };

export function titleOf(intent) {
  const known = state.me?.intents.find((one) => one.name === intent);
  return known?.title ?? words.intents[intent] ?? intent ?? words.intents.nlu_fallback;
}

// What the map calls an action or a form; nothing if it has no words for it.
export function labelOf(kind, name) {
  return state.me?.labels[kind][name];
}

export const formTitle = (form) => labelOf("forms", form) ? `«${labelOf("forms", form)}»` : form;

// A notice replaces only the one of its topic: what was written stays in sight when a training ends
// or a list can't be loaded.
export function notify(kind, text, lines = [], topic = "done") {
  dismiss(topic);
  const close = h("button", { type: "button", class: "quiet", "aria-label": words.dismiss, onclick: () => notice.remove() }, "×");
  const notice = h("div", { class: `notice ${kind}`, "data-topic": topic },
    h("div", {}, h("p", {}, text), lines.length ? h("pre", {}, lines.join("\n")) : null), close);
  byId("notices").prepend(notice);
  return notice;
}

export const dismiss = (topic) => byId("notices").querySelector(`[data-topic="${topic}"]`)?.remove();
export const quiet = () => byId("notices").replaceChildren();

// Where something could not be loaded: said above, and a button to try again.
export function failed(problem, pane, again) {
  complain(problem, "load");
  pane.replaceChildren(h("p", { class: "empty" }, h("button", { type: "button", onclick: again }, words.again)));
}

export const loaded = () => dismiss("load");

export function complain(problem, topic = "done") {
  if (problem.code === "session") return;
  if (problem.code === undefined) console.error(problem);
  // Whatever was wanted: a bot that is away is told of once.
  notify("error", sentence(problem), [], problem.code === "away" ? "away" : topic);
}

export function showChanged(files) {
  state.me.changed = files;
  const bar = byId("changed");
  bar.hidden = files.length === 0;
  const command = words.command(files);
  if (bar.hidden || bar.dataset.command === command) return;
  bar.dataset.command = command;
  const copy = h("button", { type: "button", class: "command" }, command);
  copy.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(command).catch(() => {});
    copy.dataset.done = words.copied;
  });
  bar.replaceChildren(h("span", {}, words.changed(files)), copy);
}
