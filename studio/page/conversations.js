// «Разговоры»: visits on the left, one of them on both phones on the right.

import { api } from "./api.js";
import { TAKEN_BACK } from "./assignment.js";
import { dayOf, h, timeOf } from "./dom.js";
import { Replay } from "./replay.js";
import { hasModifier, home, pager, reveal, roving, settle } from "./list.js";
import { complain, failed, loaded, state } from "./state.js";
import { openStory } from "./story.js";
import { words } from "./words.js";

let panes = null;
let chosen = null; // the row in the address
let visit = null; // the conversation that it belongs to
let enter = false; // the keyboard goes on in the conversation that is being opened
let show = true; // what is opened by a click or an address is scrolled to
let turn = 0;
let listed = ""; // the filter of what is listed

export async function showConversations(main, id) {
  const mine = ++turn;
  if (!panes?.list.isConnected) {
    panes = {
      summary: h("p", { class: "summary" }),
      list: h("div", { class: "list", role: "group", "aria-label": words.listVisits, "aria-description": words.keysVisits }),
      detail: h("section", { class: "detail replay-pane" }),
    };
    main.replaceChildren(h("div", { class: "split talks" }, h("div", { class: "side" }, panes.summary, panes.list, h("p", { class: "hidden-note" }, words.onlyDigits)), panes.detail));
    panes.list.addEventListener("keydown", (event) => {
      const item = event.target.closest("[data-item]") ?? (event.target === panes.list ? panes.list.querySelector("[data-item]") : null);
      if (!item || (event.key !== "ArrowRight" && event.key !== "Enter")) return;
      event.preventDefault();
      if (visit === item.dataset.item) return panes.replay?.focus();
      enter = true;
      location.hash = `#/conversations/${item.dataset.item}`;
    });
    panes.detail.addEventListener("keydown", (event) => {
      if (!panes.replay || event.target.matches("input, select, textarea")) return;
      if (event.key === "Escape") {
        event.preventDefault();
        panes.replay.stop();
        home(panes.list);
      } else if (["KeyT", "KeyN"].includes(event.code) && !hasModifier(event)) {
        event.preventDefault();
        if (event.code === "KeyT") panes.test.click();
        else panes.replay.wrong();
      } else panes.replay.key(event);
    });
    roving(panes.list, pick);
    nothing();
    listed = "";
    if (!id) settle(() => home(panes.list));
  }
  const filter = JSON.stringify(state.filter);
  if (listed !== filter) {
    listed = filter;
    await list(mine);
  }
  if (!id || (id === chosen && panes.replay)) return;
  await open(id);
  settle(() => (panes.replay ?? panes.list).focus());
}

function nothing() {
  panes.replay = null;
  panes.detail.replaceChildren(h("p", { class: "empty" }, words.chooseVisit), h("p", { class: "keys" }, words.keysVisits));
}

async function list(mine) {
  try {
    const found = await api.conversations({ ...state.filter, page: state.page });
    if (mine !== turn || !panes.list.isConnected) return;
    loaded();
    const inside = panes.list.contains(document.activeElement);
    panes.summary.textContent = words.visits(found.total);
    const empty = state.filter.search ? words.nothingFound : words.noVisits;
    panes.list.replaceChildren(
      ...(found.visits.length ? found.visits.map(line) : [h("p", { class: "empty" }, empty)]),
      pager(state.page, found.pages, (page) => { state.page = page; list(++turn); }) ?? "");
    roving(panes.list, pick);
    mark();
    if (inside) settle(() => home(panes.list));
  } catch (problem) {
    if (mine === turn) failed(problem, panes.list, () => list(++turn));
  }
}

function pick(item, event) {
  show = event.type === "click";
  location.hash = `#/conversations/${item.dataset.item}`;
}

function line(visit) {
  return h("button", { type: "button", class: "item", "data-item": visit.id },
    h("span", { class: "item-head" },
      h("span", { class: `tag ${visit.channel}` }, words.channels[visit.channel] ?? visit.channel),
      h("b", {}, visit.said.slice(0, 3).join(" · ") || words.button),
      visit.unclear ? h("span", { class: "count bad", title: words.unclearCount(visit.unclear) }, `? ${visit.unclear}`) : null),
    h("span", { class: "item-foot" },
      h("span", {}, `${dayOf(visit.day)}, ${timeOf(visit.began)}`),
      h("span", {}, words.messages(visit.messages)),
      h("span", { class: `stage ${visit.stage}` }, `${words.stagesShort[visit.stage]}${visit.going ? `, ${words.going}` : ""}`),
      h("span", {}, words.resident(visit.resident))));
}

function mark() {
  for (const item of panes.list.querySelectorAll("[data-item]")) {
    item.setAttribute("aria-pressed", String(item.dataset.item === visit));
    if (item.dataset.item === visit) {
      const { offsetTop: top, offsetHeight: height } = item;
      // The list alone scrolls: on a narrow screen the page stays where it is.
      if (top < panes.list.scrollTop || top + height > panes.list.scrollTop + panes.list.clientHeight) panes.list.scrollTop = top - height;
      for (const other of panes.list.querySelectorAll("[data-item]")) other.tabIndex = other === item ? 0 : -1;
    }
  }
}

// What has been taken back is not said to be written any more.
document.addEventListener(TAKEN_BACK, async () => {
  if (!panes?.replay || !panes.list.isConnected) return;
  await open(String(panes.replay.turns[panes.replay.at].row));
  settle(() => (panes.replay ?? panes.list).focus());
});

async function open(id) {
  chosen = id;
  try {
    const found = await api.conversation(id);
    if (chosen !== id) return;
    visit = String(found.turns[0].row);
    mark();
    const replay = new Replay(found, Number(id));
    const test = h("button", { type: "button", class: "primary", title: words.makeTestKey, disabled: !state.me.writable || !state.me.stories.length, onclick: () => openStory(id, found) }, words.makeTest);
    panes.replay?.stop();
    panes.replay = replay;
    panes.test = test;
    panes.detail.replaceChildren(
      h("header", { class: "replay-head" },
        h("h2", {}, h("span", { class: `tag ${found.channel}` }, words.channels[found.channel] ?? found.channel),
          ` ${dayOf(found.day)}, ${words.resident(found.resident)}`),
        replay.controls, test),
      replay.element);
    replay.begin();
    if (show) reveal(panes.detail);
    if (enter) replay.focus();
    enter = false;
    show = true;
  } catch (problem) {
    nothing();
    complain(problem);
  }
}
