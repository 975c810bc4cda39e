// «Не поняли»: groups on the left, the phrases of one and where they belong on the right.

import { api } from "./api.js";
import { dayOf, h, percent } from "./dom.js";
import { complain, failed, loaded, notify, pager, reveal, roving, showChanged, state, titleOf } from "./state.js";
import { words } from "./words.js";

let shown = { groups: [] };
let chosen = null;
let panes = null;
let turn = 0;

export async function showGroups(main) {
  const mine = ++turn;
  panes = {
    list: h("div", { class: "list", role: "group", "aria-label": words.listGroups, "aria-description": words.keysGroups }),
    detail: h("section", { class: "detail", "aria-live": "polite" }),
    summary: h("p", { class: "summary" }),
  };
  main.replaceChildren(
    h("div", { class: "split" }, h("div", { class: "side" }, panes.summary, panes.list), panes.detail));
  panes.list.addEventListener("keydown", listKeys);
  panes.detail.addEventListener("keydown", detailKeys);
  await refresh(mine);
}

export async function refresh(mine = ++turn) {
  try {
    const found = await api.groups({ ...state.filter, page: state.page });
    if (mine !== turn || !panes?.list.isConnected) return;
    loaded();
    shown = found;
    render();
    if (found.unread) setTimeout(() => mine === turn && panes.list.isConnected && refresh(mine), 300);
  } catch (problem) {
    if (mine === turn && panes?.list.isConnected) failed(problem, panes.list, () => refresh());
  }
}

function render() {
  const hadFocus = panes.list.contains(document.activeElement);
  panes.summary.textContent = words.groupsSummary(shown.total, shown.messages)
    + (shown.unread ? ` · ${words.reading(shown.unread)}` : "");
  const empty = state.filter.search ? words.nothingFound : state.filter.show === "all" ? words.noGroups : words.noClear;
  panes.list.replaceChildren(
    ...(shown.groups.length ? shown.groups.map(line) : [h("p", { class: "empty" }, empty)]),
    pager(shown.page ?? state.page, shown.pages, (page) => { state.page = page; chosen = null; refresh(); }) ?? "");
  const focus = roving(panes.list, (item, clicked) => {
    choose(item.dataset.item);
    if (clicked) reveal(panes.detail);
  });
  if (!shown.groups.some((group) => group.id === chosen)) chosen = null;
  const current = panes.list.querySelector(`[data-item="${chosen}"]`);
  if (current) for (const item of panes.list.querySelectorAll("[data-item]")) item.tabIndex = item === current ? 0 : -1;
  if (current && hadFocus) focus(current);
  mark();
  if (!panes.detail.contains(document.activeElement) || !chosen) renderDetail();
  else renderStates();
}

function line(group) {
  return h("button", { type: "button", class: `item ${group.state}`, "data-item": group.id },
    h("span", { class: "item-head" },
      h("b", {}, group.phrases[0].text),
      h("span", { class: "count", title: words.messages(group.times) }, group.times)),
    h("span", { class: "item-foot" },
      h("span", { class: `dot ${group.state}` }, words.groupState[group.state]),
      h("span", {}, words.phrases(group.texts)),
      h("span", {}, dayOf(group.last_at)),
      group.likely.length ? h("span", { class: "likely" }, `${words.likely} «${titleOf(group.likely[0][0])}»`) : null));
}

function choose(id) {
  if (chosen === id) return;
  chosen = id;
  mark();
  renderDetail();
}

function mark() {
  for (const item of panes.list.querySelectorAll("[data-item]")) {
    item.setAttribute("aria-pressed", String(item.dataset.item === chosen));
  }
}

const group = () => shown.groups.find((one) => one.id === chosen);

function renderDetail() {
  const found = group();
  if (!found) {
    panes.detail.replaceChildren(h("p", { class: "empty" }, words.chooseGroup), h("p", { class: "keys" }, words.keysGroups));
    return;
  }
  const all = h("input", { type: "checkbox", checked: true, "aria-label": words.takeAll, onchange: () => {
    for (const box of boxes()) box.checked = all.checked;
  } });
  panes.detail.replaceChildren(
    assignment(found),
    h("div", { class: "phrases-head" }, h("label", {}, all, ` ${words.phrases(found.texts)}${found.texts > found.phrases.length ? `, ${words.firstOnes(found.phrases.length)}` : ""}`),
      h("span", {}, `${words.then} → ${words.now}`)),
    h("ol", { class: "phrases" }, ...found.phrases.map(phrase)),
    h("p", { class: "keys" }, words.keysGroups));
}

function assignment(found) {
  const offer = found.likely.map(([name], index) =>
    h("button", { type: "button", class: "intent", "data-intent": name, disabled: !state.me.writable,
      title: `${name}, ${words.assignKey(index + 1)}`, onclick: () => assign(name) },
    h("kbd", {}, index + 1), titleOf(name)));
  const select = h("select", { "aria-label": words.otherIntent, disabled: !state.me.writable },
    h("option", { value: "" }, words.otherIntent),
    ...[...Object.keys(words.features), ...state.me.intents.map((one) => one.feature)]
      .filter((feature, at, all) => all.indexOf(feature) === at && state.me.intents.some((one) => one.feature === feature))
      .map((feature) => h("optgroup", { label: words.features[feature] ?? feature },
        ...state.me.intents.filter((one) => one.feature === feature)
          .map((one) => h("option", { value: one.name }, `${titleOf(one.name)} (${one.name})`)))));
  const write = h("button", { type: "button", class: "primary", disabled: true, onclick: () => assign(select.value) }, words.assign);
  select.addEventListener("change", () => { write.disabled = !select.value; });
  const hidden = found.phrases.some((one) => one.text.includes("•••"));
  return h("div", { class: "assignment" },
    h("h2", {}, words.assignTitle),
    h("div", { class: "offers" }, ...offer, h("span", { class: "other" }, select, write)),
    hidden ? h("p", { class: "note" }, words.hiddenNumber) : null);
}

function phrase(one, index) {
  const then = one.then ?? {};
  return h("li", { "data-text": one.text },
    h("input", { type: "checkbox", checked: true, "aria-label": one.text }),
    h("div", { class: "phrase" },
      h("input", { class: "phrase-text", value: one.text, "aria-label": `${words.phrase} ${index + 1}`, spellcheck: "false", readonly: !state.me.writable }),
      h("p", { class: "phrase-note" },
        h("span", {}, words.times(one.times)), h("span", {}, words.people(one.people)),
        then.asked ? h("span", {}, `${words.asked} ${then.asked}`) : null,
        h("a", { href: `#/conversations/${one.row}` }, words.showConversation)),
      then.answers?.length ? h("p", { class: "answer" }, h("b", {}, words.answered), " ", then.answers.filter(Boolean).join(" ⏎ ")) : null),
    h("div", { class: "thoughts" }, thought(then.intent, then.confidence), h("span", { class: "now" }, now(one))));
}

function thought(intent, confidence) {
  const fallback = !intent || intent === "nlu_fallback";
  return h("span", { class: `chip ${fallback ? "bad" : "guess"}` },
    fallback ? words.thought.fallback : `${titleOf(intent)} ${percent(confidence ?? 0)}`);
}

function now(one) {
  if (one.now === null) return h("span", { class: "chip" }, words.notYet);
  const text = one.now.intent === "nlu_fallback" ? words.thought.fallback : `${titleOf(one.now.intent)} ${percent(one.now.confidence)}`;
  const learnt = one.learnt && !(one.now.understood && one.learnt === one.now.intent);
  return h("span", { class: `chip ${one.now.understood ? "good" : "bad"}` },
    one.now.understood ? "✓ " : "", text, learnt ? ` · ${words.learnt}` : "");
}

function renderStates() {
  for (const item of panes.detail.querySelectorAll("[data-text]")) {
    const one = group()?.phrases.find((known) => known.text === item.dataset.text);
    if (one) item.querySelector(".now").replaceChildren(now(one));
  }
}

const boxes = () => panes.detail.querySelectorAll(".phrases input[type=checkbox]");

async function assign(intent) {
  if (!intent || !state.me.writable) return;
  const phrases = [...panes.detail.querySelectorAll(".phrases li")]
    .filter((item) => item.querySelector("input[type=checkbox]").checked)
    .map((item) => item.querySelector(".phrase-text").value);
  if (!phrases.length) return;
  try {
    const done = await api.teach(intent, phrases);
    showChanged(done.changed);
    notify("success", words.taught(done.added.length, done.known.length, done.file));
    await refresh();
  } catch (problem) {
    if (problem.code !== "refused") return complain(problem);
    notify("error", words.notWritten, problem.details.refusals.map((one) => words.refusals[one.reason](one)));
  }
}

function listKeys(event) {
  if (event.key === "ArrowRight" || event.key === "Enter") {
    if (event.key === "Enter") choose(document.activeElement.dataset.item ?? chosen);
    panes.detail.querySelector(".phrases input")?.focus();
    event.preventDefault();
  } else offerKeys(event);
}

function detailKeys(event) {
  const typing = event.target.matches(".phrase-text");
  if (event.key === "Escape" || (event.key === "ArrowLeft" && !typing)) {
    panes.list.querySelector("[tabindex='0']")?.focus();
    event.preventDefault();
  } else if (!typing && !event.target.matches("select")) offerKeys(event);
}

function offerKeys(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-3]$/.test(event.key)) return;
  panes.detail.querySelectorAll(".intent")[event.key - 1]?.click();
}
