// Puts the page together.

import { api } from "./api.js";
import { Banners } from "./banners.js";
import { h } from "./dom.js";
import { Log } from "./log.js";
import { Phone } from "./phone.js";
import { follow, onChange, residentsOf, state, unreadOf } from "./state.js";
import { words } from "./words.js";

const element = (id) => document.getElementById(id);
const local = new Map(); // notices of the page itself
const banners = new Banners(element("banners"));
const report = (text, kind = "error") => {
  local.set(kind, text);
  renderBanners();
};

const phones = ["viber", "vk"].map((name) => new Phone(element(`phone-${name}`), report));
const log = new Log();
let lastPhone = phones[0];
for (const phone of phones) {
  phone.parts.screen.addEventListener("focusin", () => { lastPhone = phone; });
}

function renderBanners() {
  const own = [...local].map(([kind, text]) => ({ kind, text, own: true }));
  // Whether it still goes on is not known without the emulator.
  const told = state.banners.filter(({ kind }) => state.connected || kind !== "progress");
  banners.render([...told, ...own], (kind) => local.delete(kind));
}

function renderBotState() {
  const last = state.exchanges.findLast((exchange) => exchange.direction === "to_bot");
  let name = "unknown";
  if (!state.connected) name = "lost";
  else if (last) name = last.accepted ? "good" : "bad";
  const badge = element("bot-state");
  badge.dataset.state = name;
  if (badge.textContent !== words.bot[name]) badge.textContent = words.bot[name];
}

function renderTabs() {
  for (const messenger of ["viber", "vk"]) {
    const tab = document.querySelector(`.tabs [data-tab=${messenger}]`);
    const hidden = document.body.dataset.tab !== messenger;
    const unread = hidden ? residentsOf(messenger).reduce((sum, r) => sum + unreadOf(r.key), 0) : 0;
    if (unread) tab.dataset.unread = unread;
    else delete tab.dataset.unread;
  }
}

async function renderAccounts() {
  const { accounts, problem } = await api.accounts();
  if (problem) report(problem, "warning");
  element("accounts").hidden = accounts.length === 0;
  element("accounts").replaceChildren(
    h("span", {}, words.accounts),
    ...accounts.map(({ number, note }) =>
      h("button", {
        type: "button",
        class: "account",
        title: words.insertAccount(number, note),
        onclick: () => {
          navigator.clipboard?.writeText(number).catch(() => {});
          const narrow = phones.find((phone) => phone.messenger === document.body.dataset.tab);
          const target = getComputedStyle(document.querySelector(".tabs")).display === "none" ? lastPhone : narrow;
          (target ?? lastPhone).insert(number);
        },
      }, h("b", {}, number), note ? h("small", {}, note) : null)),
  );
}

function showTab(name) {
  document.body.dataset.tab = name;
  for (const tab of document.querySelectorAll(".tabs [role=tab]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
  }
  render();
}

function render() {
  phones.forEach((phone) => phone.render());
  log.render();
  renderBanners();
  renderBotState();
  renderTabs();
}

document.querySelector(".tabs").addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) showTab(tab.dataset.tab);
});
element("toggle-log").addEventListener("click", () => {
  const open = document.body.classList.toggle("log-closed") === false;
  element("toggle-log").setAttribute("aria-expanded", String(open));
});
element("reset").addEventListener("click", () => api.reset().catch((error) => report(words.failed(error.message))));
element("confirm-vk").addEventListener("click", async () => {
  const { confirmed } = await api.confirmVk();
  local.clear();
  report(words.confirmed(confirmed), confirmed ? "success" : "error");
});

onChange(render);
setInterval(render, 5000);
renderAccounts().catch(() => {});
follow();
