// «Понял не так»: a phrase that was understood for certain, but as something else, finds its place.

import { api } from "./api.js";
import { offerKeys, offers, teach } from "./assignment.js";
import { byId, h, percent } from "./dom.js";
import { state, titleOf } from "./state.js";
import { words } from "./words.js";

const dialog = byId("wrong");
const phrase = dialog.querySelector("[name=phrase]");

// `done(intent)` is told where the phrase has been written.
export function openWrong(user, done) {
  phrase.value = user.text.replace(/\s+/g, " ").trim();
  byId("wrong-was").textContent = user.intent && user.intent !== "nlu_fallback"
    ? words.wrong.was(titleOf(user.intent), percent(user.confidence ?? 0)) : words.wrong.nothing;
  const likely = (user.ranking ?? []).map(([name]) => name)
    .filter((name) => name && name !== "nlu_fallback" && name !== user.intent).slice(0, 3);
  byId("wrong-offers").replaceChildren(offers(likely, async (intent) => {
    const ticked = [...byId("wrong-alike").querySelectorAll("input:checked")].map((box) => JSON.parse(box.value));
    if (!(await teach(intent, [{ text: phrase.value, hidden: user.hidden }, ...ticked], say))) return;
    dialog.close();
    done(intent);
  }));
  byId("wrong-hidden").hidden = !phrase.value.includes("•••");
  say("", "");
  byId("wrong-alike").replaceChildren();
  if (user.intent && user.intent !== "nlu_fallback") offerAlike(user);
  dialog.showModal();
  (dialog.querySelector(".intent") ?? dialog.querySelector("select")).focus();
}

// The same mistake with other words is corrected together.
async function offerAlike({ text, intent }) {
  const { alike } = await api.alike(state.filter, text, intent).catch(() => ({ alike: [] }));
  if (!alike.length || !dialog.open || phrase.value !== text.replace(/\s+/g, " ").trim()) return;
  byId("wrong-alike").replaceChildren(h("p", {}, words.wrong.alike), ...alike.map((one) =>
    h("label", {}, h("input", { type: "checkbox", value: JSON.stringify({ text: one.text, hidden: one.hidden }) }), ` ${one.text} (${words.times(one.times)})`)));
}

function say(kind, text, lines = []) {
  byId("wrong-result").className = `result ${kind}`;
  byId("wrong-result").replaceChildren(h("p", {}, text), h("ul", {}, ...lines.map((line) => h("li", {}, line))));
}

dialog.addEventListener("keydown", (event) => {
  // Enter in the phrase must not close the dialogue with nothing written.
  if (event.target === phrase) { if (event.key === "Enter") event.preventDefault(); }
  else if (!event.target.matches("select")) offerKeys(event, dialog, say);
});
