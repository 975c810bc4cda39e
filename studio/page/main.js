// Puts the page together: who is here, which part is shown, the filter over all of them.

import { api, onLost } from "./api.js";
import { byId, h, tellTimeIn } from "./dom.js";
import { showConversations } from "./conversations.js";
import { showFunnel } from "./funnel.js";
import { refresh, showGroups } from "./groups.js";
import { hasModifier, home, isNowhere } from "./list.js";
import { complain, notify, quiet, showChanged, state } from "./state.js";
import { watchTraining } from "./training.js";
import { sentence, words } from "./words.js";

const filter = byId("filter");
const login = byId("login");

function enter(open, reason = "") {
  login.hidden = open;
  byId("app").hidden = !open;
  byId("login-problem").textContent = reason;
  byId("login-problem").hidden = !reason;
  // Who is thrown out in the middle of something would go on typing into the password.
  if (!open && !reason) login.elements.password.focus();
}

onLost(() => { if (!byId("app").hidden) enter(false, words.problems.session); });

login.addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("login-problem").hidden = true;
  try {
    await api.login(login.elements.password.value);
    login.reset();
    await begin();
  } catch (problem) {
    byId("login-problem").textContent = sentence(problem);
    byId("login-problem").hidden = false;
    login.elements.password.select();
  }
});

byId("logout").addEventListener("click", async () => {
  await api.logout().catch(() => {});
  byId("main").replaceChildren();
  enter(false);
});

async function begin() {
  try {
    if (!(await api.isOpen())) return enter(false);
    state.me = await api.me();
    tellTimeIn(state.me.zone);
  } catch (problem) {
    if (problem.code === "session") return enter(false);
    enter(true);
    return complain(problem);
  }
  enter(true);
  quiet();
  if (!state.me.writable) notify("warning", words.readOnly, [], "files");
  filter.elements.stage.replaceChildren(h("option", { value: "" }, words.anyStage),
    ...state.me.stages.map((stage) => h("option", { value: stage }, stage === state.me.stages.at(-1) ? words.stages[stage] : words.leftAt(words.stages[stage]))),
    h("option", { value: "going" }, words.stillGoing));
  if (!filter.elements.to.value) {
    filter.elements.to.value = state.me.to;
    filter.elements.from.value = state.me.from;
  }
  showChanged(state.me.changed);
  watchTraining(async () => { if (part() === "unclear") await refresh(); });
  await show();
}

const part = () => location.hash.split("/")[1] || "unclear";

let last = "", lastPart = "", loads = 0;
async function show() {
  const name = part();
  const fields = Object.fromEntries(new FormData(filter));
  for (const label of filter.querySelectorAll(".only")) label.hidden = !label.dataset.tabs.split(" ").includes(name);
  state.filter = Object.fromEntries(Object.entries(fields).filter(([field, value]) => value && !filter.elements[field].closest("[hidden]")));
  for (const tab of document.querySelectorAll(".tabs a")) {
    if (tab.hash === `#/${name}`) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  const main = byId("main");
  const key = JSON.stringify([name, state.filter]);
  const same = key === last && main.hasChildNodes();
  last = key;
  if (!same) state.page = 0;
  if (name !== lastPart) main.replaceChildren();
  lastPart = name;
  // What was there before stays, dimmed, until the other one is found.
  main.setAttribute("aria-busy", String(!same));
  const mine = ++loads;
  if (name === "conversations") await showConversations(main, location.hash.split("/")[2]);
  else if (name === "funnel") await showFunnel(main);
  else if (!same) await showGroups(main);
  if (mine === loads) main.setAttribute("aria-busy", "false");
}

window.addEventListener("hashchange", () => { if (state.me) show(); });
filter.addEventListener("submit", (event) => event.preventDefault());
filter.addEventListener("change", () => show());
let typing = 0;
filter.elements.search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(show, 350);
});
filter.elements.search.addEventListener("keydown", (event) => {
  if (!["Escape", "Enter", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const list = byId("main").querySelector(".list");
  if (list) home(list);
});
// Keys of the list work from anywhere that has none of its own.
document.addEventListener("keydown", (event) => {
  const list = byId("main").querySelector(".list");
  if (!list || !isNowhere() || hasModifier(event) || document.querySelector("dialog[open]")) return;
  if (!["ArrowDown", "ArrowUp", "ArrowRight", "Home", "End", "Escape"].includes(event.key)) return;
  event.preventDefault();
  home(list);
  const { key, code, shiftKey } = event;
  if (key !== "Escape") document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true, cancelable: true }));
});
document.addEventListener("keydown", (event) => {
  // The key beside the right Shift, whatever the layout makes of it.
  const slash = event.key === "/" || (event.code === "Slash" && !event.shiftKey);
  if (!slash || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select, dialog")) return;
  if (filter.elements.search.closest("[hidden]")) return;
  event.preventDefault();
  filter.elements.search.select();
  filter.elements.search.focus();
});

begin();
