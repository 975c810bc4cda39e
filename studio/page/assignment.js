// Where phrases belong: the likely intents on keys 1 to 3, all others in a list.

import { api } from "./api.js";
import { h } from "./dom.js";
import { hasModifier } from "./list.js";
import { complain, dismiss, notify, showChanged, state, titleOf } from "./state.js";
import { sentence, words } from "./words.js";

// What each key wrote last: who types fast must not write another intent with the same key.
const written = [];

function inPlace(likely) {
  const rest = likely.filter((name) => !(written.indexOf(name) in likely));
  return likely.map((_, place) => (likely.includes(written[place]) ? written[place] : rest.shift()));
}

// `write(intent)` is asked to write them down.
export function offers(likely, write) {
  const disabled = !state.me.writable;
  const offered = inPlace(likely).map((name, index) =>
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

export function offerKeys(event, pane, say = notify) {
  if (hasModifier(event) || !/^[1-3]$/.test(event.key)) return;
  const place = event.key - 1;
  const button = pane.querySelectorAll(".intent")[place];
  if (!button || button.disabled) return;
  const { intent } = button.dataset;
  if (written[place] && written[place] !== intent && asked !== button) {
    asked = button;
    return say("warning", words.keyChanged(event.key, titleOf(intent), titleOf(written[place])));
  }
  const before = written.indexOf(intent);
  if (before >= 0) delete written[before];
  written[place] = intent;
  button.click();
}

let asked = null; // the button whose key has got another meaning, pressed once
let doubted = ""; // what was asked about, since other words for it stand elsewhere
let newest = null; // the newest write; who types fast gives the next one before it is done
const given = new Set(); // what is being written or waits: a second press does not write it again

// Whoever shows what is recorded hears this when some of it has been taken back.
export const TAKEN_BACK = "studio:taken-back";

// Writes down what was said ({text, hidden}), one after another; true if it stands in a file now.
// `say(kind, text, lines)` tells how it went, and that it is under way: a busy machine takes its time.
export async function teach(intent, said, say = notify) {
  const key = JSON.stringify([intent, said]);
  if (!intent || !said.length || !state.me.writable || given.has(key)) return false;
  const mine = inTurn(newest, intent, said, say);
  newest = mine;
  given.add(key);
  try {
    return await mine;
  } finally {
    given.delete(key);
    if (newest === mine) newest = null;
  }
}

async function inTurn(before, intent, said, say) {
  // What the one before was refused for, or asks, must not be covered by the next one's success.
  if (before && !(await before)) {
    notify("warning", words.waitedInVain(said[0].text), [], "waited");
    return false;
  }
  return write(intent, said, say);
}

async function write(intent, said, say) {
  const key = JSON.stringify([intent, said]);
  say("", words.writing);
  try {
    const done = await api.teach(intent, said, key === doubted);
    // As they stand in the file, which may differ from what was typed.
    const recorded = [...done.added, ...done.moved.map((one) => one.phrase)];
    showChanged(done.changed);
    dismiss("waited");
    const failed = state.me.training.state === "failed";
    if (!failed) dismiss("training");
    const undo = h("button", { type: "button", title: words.undoTitle, onclick: () => takeBack(done, undo) }, words.undo);
    const notice = notify("success", words.taught(recorded, done.known.length, done.file, state.me.training.by_itself, failed), [...words.severalTaught(recorded), ...moves(done), ...words.repeated(done.repeated)]);
    if (recorded.length) notice.firstChild.append(undo);
    doubted = "";
    return true;
  } catch (problem) {
    if (problem.code === "refused") say("error", words.notWritten, refusals(problem.details.refusals, said.length));
    else if (problem.code === "near") {
      doubted = key;
      say("warning", words.near.ask, problem.details.near.map((one) => words.near.one(one, titleOf(one.intent))));
    } else if (problem.code === "session") dismiss("done");
    else if (say === notify) {
      dismiss("done");
      complain(problem);
    } else {
      if (problem.code === undefined) console.error(problem);
      say("error", sentence(problem));
    }
    return false;
  }
}

function refusals(refused, all) {
  const lines = refused.map((one) => words.refusals[one.reason](one));
  return all > refused.length ? [...lines, words.withoutThem] : lines;
}

function moves({ moved }) {
  const sources = [...new Set(moved.map((one) => one.intent))];
  return sources.map((from) => words.moved(titleOf(from), moved.filter((one) => one.intent === from).length));
}

async function takeBack(done, button) {
  button.disabled = true;
  try {
    showChanged((await api.takeBack(done)).changed);
    notify("success", words.takenBack(done.added.length, done.moved.length));
  } catch (problem) {
    complain(problem);
  }
  document.dispatchEvent(new Event(TAKEN_BACK));
}
