// «Сделать тестом»: a conversation as a conversation test, checked against the running bot.

import { api } from "./api.js";
import { byId, dayOf, h } from "./dom.js";
import { notify, showChanged, state } from "./state.js";
import { sentence, words } from "./words.js";

const dialog = byId("story");
const form = dialog.querySelector("form");
let conversation = null;

export async function openStory(id, found) {
  conversation = id;
  form.elements.name.value = words.story.usual(words.channels[found.channel] ?? found.channel, dayOf(found.day));
  form.elements.text.value = "";
  form.elements.feature.replaceChildren(...state.me.stories.map((name) =>
    h("option", { value: name }, words.features[name] ?? name)));
  dialog.showModal();
  form.elements.name.select();
  await write(true);
}

async function write(first = false) {
  say("", words.story.checking);
  try {
    const made = await api.story(conversation, form.elements.name.value.trim() || "…");
    form.elements.text.value = made.text;
    if (first && made.feature) form.elements.feature.value = made.feature;
    judge(made);
  } catch (problem) {
    say("error", sentence(problem));
  }
}

function judge({ mismatches, unclear }) {
  const warning = unclear ? [words.story.unclear(unclear)] : [];
  if (!mismatches.length) return say(unclear ? "warning" : "success", words.story.good, warning);
  return say("error", words.story.bad, [...mismatches.map((one) => words.story[one.kind](one)), ...warning]);
}

function say(kind, text, lines = []) {
  byId("story-result").className = `result ${kind}`;
  byId("story-result").replaceChildren(h("p", {}, text), h("ul", {}, ...lines.map((line) => h("li", {}, line))));
}

form.elements.name.addEventListener("change", () => {
  const name = JSON.stringify(form.elements.name.value.trim());
  form.elements.text.value = form.elements.text.value.replace(/^( *- story:).*$/m, (_, head) => `${head} ${name}`);
});

byId("story-check").addEventListener("click", async () => {
  say("", words.story.checking);
  try {
    judge(await api.rehearse(form.elements.text.value));
  } catch (problem) {
    say("error", sentence(problem));
  }
});

byId("story-save").addEventListener("click", async () => {
  say("", words.story.checking);
  try {
    const saved = await api.saveStory(form.elements.feature.value, form.elements.text.value);
    showChanged(saved.changed);
    dialog.close();
    notify("success", words.story.saved(saved.file));
  } catch (problem) {
    say("error", sentence(problem));
  }
});
