// What all parts of the page share: who am I, the filter, notices.

import { byId, h } from "./dom.js";
import { sentence, words } from "./words.js";

export const state = { me: null, filter: {}, page: 0 };

export function titleOf(intent) {
  const known = state.me?.intents.find((one) => one.name === intent);
  return known?.title ?? words.intents[intent] ?? intent ?? words.intents.nlu_fallback;
}

export function notify(kind, text, lines = []) {
  const close = h("button", { type: "button", class: "quiet", "aria-label": words.dismiss, onclick: () => notice.remove() }, "×");
  const notice = h("div", { class: `notice ${kind}` },
    h("div", {}, h("p", {}, text), lines.length ? h("pre", {}, lines.join("\n")) : null), close);
  byId("notices").replaceChildren(notice);
}

export const quiet = () => byId("notices").replaceChildren();

// Where something could not be loaded: said above, and a button to try again.
export function failed(problem, pane, again) {
  complain(problem);
  byId("notices").querySelector(".notice")?.classList.add("load");
  pane.replaceChildren(h("p", { class: "empty" }, h("button", { type: "button", onclick: again }, words.again)));
}

export const loaded = () => byId("notices").querySelector(".notice.load")?.remove();

export function complain(problem) {
  if (problem.code === "session") return;
  if (problem.code === undefined) console.error(problem);
  notify("error", sentence(problem));
}

export function showChanged(files) {
  state.me.changed = files;
  const bar = byId("changed");
  bar.hidden = files.length === 0;
  if (bar.hidden) return;
  const command = words.command(files);
  const copy = h("button", { type: "button", class: "command" }, command);
  copy.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(command).catch(() => {});
    copy.dataset.done = words.copied;
  });
  bar.replaceChildren(h("span", {}, words.changed(files)), copy);
}

// Arrow keys in a list of buttons: one of them is in the tab order, the others follow it. Called
// again for the same list when its items have changed. `pick(item, clicked)`.
const picks = new WeakMap();
export function roving(list, pick) {
  const items = () => [...list.querySelectorAll("[data-item]")];
  const focus = (item) => {
    for (const other of items()) other.tabIndex = other === item ? 0 : -1;
    item?.focus();
  };
  if (!picks.has(list)) {
    list.addEventListener("keydown", (event) => {
      const all = items();
      const at = all.indexOf(document.activeElement);
      const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
      if (at < 0 || !(event.key in moves)) return;
      event.preventDefault();
      const next = all[Math.max(0, Math.min(all.length - 1, moves[event.key]))];
      focus(next);
      picks.get(list)(next, false);
    });
    list.addEventListener("click", (event) => {
      const item = event.target.closest("[data-item]");
      if (item) { focus(item); picks.get(list)(item, true); }
    });
  }
  picks.set(list, pick);
  items().forEach((item, index) => { item.tabIndex = index === 0 ? 0 : -1; });
  return focus;
}

// On a narrow screen what was chosen in the list stands below it.
export function reveal(pane) {
  if (matchMedia("(max-width: 820px)").matches) pane.scrollIntoView({ block: "start", behavior: "smooth" });
}

export function pager(page, pages, go) {
  if (pages <= 1) return null;
  return h("div", { class: "pager" },
    h("button", { type: "button", disabled: page === 0, onclick: () => go(page - 1) }, words.earlier),
    h("span", {}, words.pages(page, pages)),
    h("button", { type: "button", disabled: page >= pages - 1, onclick: () => go(page + 1) }, words.later));
}
