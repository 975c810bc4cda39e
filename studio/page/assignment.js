// Where phrases belong: the likely intents on keys 1 to 3, all others in a list.

import { api } from "./api.js";
import { h } from "./dom.js";
import { hasModifier } from "./list.js";
import { dismiss, notify, showChanged, state, titleOf } from "./state.js";
import { sentence, words } from "./words.js";

// `write(intent)` is asked to write them down.
export function offers(likely, write) {
  const disabled = !state.me.writable;
  const offered = likely.map((name, index) =>
    h("button", { type: "button", class: "intent", "data-intent": name, disabled,
      title: `${name}, ${words.assignKey(index + 1)}`, onclick: () => write(name) },
    h("kbd", {}, index + 1), titleOf(name)));
  const select = h("select", { "aria-label": words.otherIntent, disabled },
    h("option", { value: "" }, words.otherIntent), ...features().map(([feature, intents]) =>
      h("optgroup", { label: words.features[feature] ?? feature },
        ...intents.map((one) => h("option", { value: one.name }, `${titleOf(one.name)} (${one.name})`)))));
  const button = h("button", { type: "button", class: "primary", disabled: true, onclick: () => write(select.value) }, words.assign);
  select.addEventListener("change", () => { button.disabled = !select.value; });
  return h("div", { class: "offers" }, ...offered, h("span", { class: "other" }, select, button));
}

function features() {
  const own = [...Object.keys(words.features), ...state.me.intents.map((one) => one.feature)];
  return [...new Set(own)]
    .map((feature) => [feature, state.me.intents.filter((one) => one.feature === feature)])
    .filter(([, intents]) => intents.length);
}

export function offerKeys(event, pane) {
  if (hasModifier(event) || !/^[1-3]$/.test(event.key)) return;
  pane.querySelectorAll(".intent")[event.key - 1]?.click();
}

let writing = false;

// Writes the phrases down; true if they stand in a file now. `say(kind, text, lines)` tells how it
// went, and that it is under way: a busy machine takes its time.
export async function teach(intent, phrases, say = notify) {
  if (!intent || !phrases.length || !state.me.writable || writing) return false;
  writing = true;
  say("", words.writing);
  try {
    const done = await api.teach(intent, phrases);
    showChanged(done.changed);
    dismiss("training");
    notify("success", words.taught(done.added.length, done.known.length, done.file));
    return true;
  } catch (problem) {
    if (problem.code === "refused") say("error", words.notWritten, problem.details.refusals.map((one) => words.refusals[one.reason](one)));
    else if (problem.code === "session") dismiss("done");
    else {
      if (problem.code === undefined) console.error(problem);
      say("error", sentence(problem));
    }
    return false;
  } finally {
    writing = false;
  }
}
