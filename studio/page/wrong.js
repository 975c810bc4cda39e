// «Понял не так»: a phrase that was understood for certain, but as something else, finds its place.

import { offerKeys, offers, teach } from "./assignment.js";
import { byId, h, percent } from "./dom.js";
import { titleOf } from "./state.js";
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
    if (!(await teach(intent, [phrase.value], say))) return;
    dialog.close();
    done(intent);
  }));
  byId("wrong-hidden").hidden = !phrase.value.includes("•••");
  say("", "");
  dialog.showModal();
  (dialog.querySelector(".intent") ?? dialog.querySelector("select")).focus();
}

function say(kind, text, lines = []) {
  byId("wrong-result").className = `result ${kind}`;
  byId("wrong-result").replaceChildren(h("p", {}, text), h("ul", {}, ...lines.map((line) => h("li", {}, line))));
}

dialog.addEventListener("keydown", (event) => {
  // Enter in the phrase must not close the dialogue with nothing written.
  if (event.target === phrase) { if (event.key === "Enter") event.preventDefault(); }
  else if (!event.target.matches("select")) offerKeys(event, dialog);
});
