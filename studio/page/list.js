// Lists of buttons led by the keyboard, and where the keyboard is when nothing else has it.

import { h } from "./dom.js";
import { words } from "./words.js";

// Arrow keys in a list: one of its items is in the tab order, the others follow it; before one is
// chosen the list itself has the keyboard. Called again for the same list when its items have
// changed. `pick(item, event)` is told of the item that a key or a click led to.
const picks = new WeakMap();
export function roving(list, pick) {
  if (!picks.has(list)) {
    list.tabIndex = -1;
    list.addEventListener("keydown", (event) => {
      const all = itemsOf(list);
      const at = all.indexOf(document.activeElement);
      const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
      if (!all.length || (at < 0 && event.target !== list) || !(event.key in moves) || hasModifier(event)) return;
      event.preventDefault();
      const next = all[Math.max(0, Math.min(all.length - 1, moves[event.key]))];
      focusItem(list, next);
      picks.get(list)(next, event);
    });
    list.addEventListener("click", (event) => {
      const item = event.target.closest("[data-item]");
      if (!item) return;
      focusItem(list, item);
      picks.get(list)(item, event);
    });
  }
  picks.set(list, pick);
  itemsOf(list).forEach((item, index) => { item.tabIndex = index === 0 ? 0 : -1; });
}

export const itemsOf = (list) => [...list.querySelectorAll("[data-item]")];
export const hasModifier = (event) => event.ctrlKey || event.altKey || event.metaKey;

export function focusItem(list, item) {
  for (const other of itemsOf(list)) other.tabIndex = other === item ? 0 : -1;
  item.focus();
}

// Back to the list: to the item that is chosen, else to the list before its first item.
export function home(list) {
  const current = list.querySelector("[aria-pressed='true']");
  if (current) focusItem(list, current);
  else list.focus({ preventScroll: true });
}

// The keyboard goes to `place()` if it is nowhere yet, or on the tab that led here.
export function settle(place) {
  if (isNowhere()) place();
}

export function isNowhere() {
  const active = document.activeElement;
  return !active || active === document.body || active.matches("main, .tabs a");
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
