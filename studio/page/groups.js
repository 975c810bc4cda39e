// «Не поняли»: groups on the left, the phrases of those that are chosen on the right.

import { api } from "./api.js";
import { TAKEN_BACK, offerKeys, teach } from "./assignment.js";
import { dayOf, h } from "./dom.js";
import { focusItem, hasModifier, home, isNowhere, itemsOf, pager, reveal, roving, settle } from "./list.js";
import { counts, now, phrasesOf, standing } from "./phrases.js";
import { failed, loaded, state } from "./state.js";
import { words } from "./words.js";

let shown = { groups: [] };
let chosen = null; // the group that the keyboard is at
const marked = new Set(); // groups that are assigned together
let panes = null;
let turn = 0;
let drawn = ""; // what stands on the right

export async function showGroups(main) {
  const mine = ++turn;
  if (panes?.list.isConnected) {
    marked.clear();
    return refresh(mine);
  }
  panes = {
    list: h("div", { class: "list", role: "group", "aria-label": words.listGroups, "aria-description": words.keysGroups }),
    detail: h("section", { class: "detail", "aria-live": "polite" }),
    summary: h("p", { class: "summary" }),
  };
  drawn = "";
  marked.clear();
  main.replaceChildren(h("div", { class: "split" },
    h("div", { class: "side" }, panes.summary, panes.list, h("p", { class: "hidden-note" }, words.onlyDigits)), panes.detail));
  roving(panes.list, pick);
  panes.list.addEventListener("focusin", (event) => { if (!panes.list.contains(event.relatedTarget)) keepUp(); });
  panes.list.addEventListener("keydown", listKeys);
  // A button would be pressed by the space bar that has marked it.
  panes.list.addEventListener("keyup", (event) => { if (event.key === " " && event.target.closest("[data-item]")) event.preventDefault(); });
  panes.detail.addEventListener("keydown", detailKeys);
  settle(() => home(panes.list));
  await refresh(mine);
}

export async function refresh(mine = ++turn) {
  try {
    const found = await api.groups({ ...state.filter, page: state.page });
    if (mine !== turn || !panes?.list.isConnected) return;
    loaded();
    kept = Date.now();
    shown = found;
    render();
    if (found.unread) setTimeout(() => mine === turn && panes.list.isConnected && refresh(mine), 300);
  } catch (problem) {
    if (mine === turn && panes?.list.isConnected) failed(problem, panes.list, () => refresh());
  }
}

function render() {
  const inside = panes.list.contains(document.activeElement) || panes.detail.contains(document.activeElement);
  const inList = panes.list.contains(document.activeElement);
  const ids = shown.groups.map((one) => one.id);
  panes.summary.textContent = words.groupsSummary(shown.total, shown.messages)
    + (shown.unread ? ` · ${words.reading(shown.unread)}` : "");
  const empty = state.filter.search ? words.nothingFound : state.filter.show === "all" ? words.noGroups : words.noClear;
  panes.list.replaceChildren(
    ...(shown.groups.length ? shown.groups.map(line) : [h("p", { class: "empty" }, empty)]),
    pager(state.page, shown.pages, (page) => { state.page = page; chosen = null; refresh(); }) ?? "");
  roving(panes.list, pick);
  if (!ids.includes(chosen)) chosen = null;
  for (const id of [...marked]) if (!ids.includes(id)) marked.delete(id);
  mark();
  const current = itemsOf(panes.list).find((item) => item.dataset.item === chosen);
  if (current && inList) focusItem(panes.list, current);
  else if (current) for (const item of itemsOf(panes.list)) item.tabIndex = item === current ? 0 : -1;
  renderDetail();
  if (inside && isNowhere()) home(panes.list);
}

function line(group) {
  const [become, told, meaning] = standing(group);
  return h("button", { type: "button", class: `item group ${become}`, "data-item": group.id },
    h("span", { class: "mark", title: words.markKey }, "✓"),
    h("span", { class: "item-head" },
      h("b", {}, group.phrases[0].text),
      h("span", { class: "count", title: words.messages(group.times) }, group.times)),
    h("span", { class: "item-foot" },
      h("span", { class: `dot ${become}` }, told),
      meaning ? h("span", { class: "likely" }, meaning) : null,
      h("span", {}, words.phrases(group.texts)),
      h("span", {}, dayOf(group.last_at))));
}

// A click takes one group; with Ctrl or on its box it marks one more, with Shift all up to it.
function pick(item, event) {
  const id = item.dataset.item;
  const click = event.type === "click";
  const box = click && event.target.closest(".mark") !== null;
  if (event.shiftKey) range(chosen ?? id, id);
  else if (box || (click && (event.ctrlKey || event.metaKey))) toggle(id);
  else if (click) marked.clear();
  chosen = id;
  mark();
  renderDetail();
  if (click && !box) reveal(panes.detail);
}

function range(from, to) {
  const ids = shown.groups.map((one) => one.id);
  const [first, last] = [ids.indexOf(from), ids.indexOf(to)].sort((one, other) => one - other);
  for (const id of ids.slice(first, last + 1)) marked.add(id);
}

function toggle(id) {
  if (!marked.delete(id)) marked.add(id);
}

function unmark() {
  marked.clear();
  mark();
  renderDetail();
  if (isNowhere()) home(panes.list);
}

function mark() {
  panes.list.classList.toggle("marking", marked.size > 0);
  for (const item of itemsOf(panes.list)) {
    const isMarked = marked.has(item.dataset.item);
    item.setAttribute("aria-pressed", String(item.dataset.item === chosen));
    item.classList.toggle("marked", isMarked);
    if (isMarked) item.setAttribute("aria-description", words.isMarked);
    else item.removeAttribute("aria-description");
  }
}

const selection = () => shown.groups.filter((one) => (marked.size ? marked.has(one.id) : one.id === chosen));

function renderDetail() {
  const groups = selection();
  const key = JSON.stringify(groups.map((one) => [one.id, one.phrases.map((known) => known.text)]));
  // What was ticked off or mended stays; only what the bot thinks has changed.
  if (key === drawn) return renderStates(groups);
  drawn = key;
  panes.detail.replaceChildren(...(groups.length ? phrasesOf(groups, assign, unmark)
    : [h("p", { class: "empty" }, words.chooseGroup), h("p", { class: "keys" }, words.keysGroups)]));
  panes.detail.scrollTop = 0;
}

function renderStates(groups) {
  const phrases = new Map(groups.flatMap((one) => one.phrases).map((one) => [one.text, one]));
  for (const item of panes.detail.querySelectorAll("[data-text]")) {
    const one = phrases.get(item.dataset.text);
    if (!one) continue;
    item.querySelector(".now").replaceChildren(now(one));
    item.querySelector(".counts").replaceChildren(...counts(one));
  }
}

// Others record phrases too, and a model may have been trained elsewhere: what is shown keeps up.
const KEEPING_UP = 15_000;
let kept = 0;

async function keepUp() {
  const here = panes?.list.isConnected && !document.hidden && document.querySelector("dialog[open]") === null;
  if (!here || Date.now() - kept < KEEPING_UP / 5) return;
  kept = Date.now();
  const mine = turn;
  const found = await api.groups({ ...state.filter, page: state.page }).catch(() => null);
  // What is being pressed must not be replaced under the finger.
  if (mine !== turn || !found || !panes.list.isConnected || panes.list.matches(":active")) return;
  const before = JSON.stringify(shown);
  if (isTouched()) {
    // Ticks, edits and marks stay: only what became of the phrases is taken over.
    const fresh = new Map(found.groups.map((one) => [one.id, one]));
    shown = { ...shown, groups: shown.groups.map((one) => restated(one, fresh.get(one.id))) };
  } else shown = found;
  if (JSON.stringify(shown) !== before) render();
}

function restated(group, fresh) {
  if (!fresh) return group;
  const phrases = new Map(fresh.phrases.map((one) => [one.text, one]));
  return { ...group, state: fresh.state,
    phrases: group.phrases.map((one) => ({ ...one, now: phrases.get(one.text)?.now ?? one.now, learnt: (phrases.get(one.text) ?? one).learnt })) };
}

function isTouched() {
  return marked.size > 0 || [...panes.detail.querySelectorAll(".phrases input")].some((input) =>
    input === document.activeElement || (input.type === "checkbox" ? input.checked !== input.defaultChecked : input.value !== input.defaultValue));
}

setInterval(keepUp, KEEPING_UP);
window.addEventListener("focus", keepUp);
document.addEventListener(TAKEN_BACK, async () => {
  if (!panes?.list.isConnected) return;
  await refresh();
  settle(() => home(panes.list));
});

async function assign(intent) {
  const phrases = [...panes.detail.querySelectorAll(".phrases li")]
    .filter((item) => item.querySelector("input[type=checkbox]").checked)
    .map((item) => ({ text: item.querySelector(".phrase-text").value, hidden: JSON.parse(item.dataset.hidden) }));
  const assigned = selection().map((one) => one.id);
  if (!(await teach(intent, phrases))) return;
  if (!panes.list.isConnected) return;
  // The next ones may have been marked meanwhile.
  for (const id of assigned) marked.delete(id);
  await refresh();
}

function listKeys(event) {
  const item = document.activeElement?.dataset?.item ?? null;
  const plain = !hasModifier(event) && !event.shiftKey;
  if (event.key === "ArrowRight" || event.key === "Enter") {
    if (event.target.closest(".pager, .empty")) return;
    event.preventDefault();
    const wanted = item ?? chosen ?? shown.groups[0]?.id;
    if (!wanted) return;
    if (!marked.size) { chosen = wanted; mark(); renderDetail(); }
    panes.detail.querySelector(".phrases input")?.focus();
  } else if (item && plain && (event.key === " " || event.code === "KeyX")) {
    event.preventDefault();
    chosen = item;
    toggle(item);
    mark();
    renderDetail();
  } else if (event.key === "Escape" && marked.size) {
    event.preventDefault();
    unmark();
  } else offerKeys(event, panes.detail);
}

function detailKeys(event) {
  const typing = event.target.matches(".phrase-text");
  if (event.key === "Escape" || (event.key === "ArrowLeft" && !typing)) {
    home(panes.list);
    event.preventDefault();
  } else if (!typing && !event.target.matches("select")) offerKeys(event, panes.detail);
}
