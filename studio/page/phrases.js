// The phrases of one group or of several: what was thought of each then and now.

import { offers } from "./assignment.js";
import { h, percent } from "./dom.js";
import { state, titleOf } from "./state.js";
import { words } from "./words.js";

// What stands on the right for the groups; `write(intent)` and `unmark()` are asked to do it.
export function phrasesOf(groups, write, unmark) {
  const phrases = groups.flatMap((one) => one.phrases);
  const number = groups.reduce((sum, one) => sum + one.texts, 0);
  const all = h("input", { type: "checkbox", checked: true, "aria-label": words.takeAll });
  const list = h("ol", { class: "phrases" }, ...phrases.map(phrase));
  all.addEventListener("change", () => {
    for (const box of list.querySelectorAll("input[type=checkbox]")) box.checked = all.checked;
  });
  const several = groups.length > 1
    ? h("button", { type: "button", class: "quiet", title: words.unmarkKey, onclick: unmark }, words.unmark) : null;
  return [
    h("div", { class: "assignment" },
      h("div", { class: "assignment-head" }, h("h2", {}, words.assignTitle(groups.length)), several),
      offers(likely(groups), write),
      phrases.some((one) => one.learnt) ? h("p", { class: "note" }, words.recordedAlready) : null,
      phrases.some((one) => one.text.includes("•••")) ? h("p", { class: "note" }, words.hiddenNumber) : null),
    h("div", { class: "phrases-head" },
      h("label", {}, all, ` ${words.phrases(number)}${number > phrases.length ? `, ${words.firstOnes(phrases.length)}` : ""}`),
      h("span", {}, `${words.then} → ${words.now}`)),
    list,
    h("p", { class: "keys" }, words.keysGroups),
  ];
}

// The intents that are likeliest for all of the phrases together.
function likely(groups) {
  const sums = new Map();
  for (const group of groups) {
    for (const [name, share] of group.likely) sums.set(name, (sums.get(name) ?? 0) + share * group.phrases.length);
  }
  return [...sums].sort(([, one], [, other]) => other - one).slice(0, 3).map(([name]) => name);
}

function phrase(one, index) {
  const then = one.then ?? {};
  return h("li", { "data-text": one.text, "data-hidden": JSON.stringify(one.hidden) },
    h("input", { type: "checkbox", checked: true, "aria-label": one.text }),
    h("div", { class: "phrase" },
      h("input", { class: "phrase-text", value: one.text, "aria-label": `${words.phrase} ${index + 1}`, spellcheck: "false", readonly: !state.me.writable }),
      h("p", { class: "phrase-note" },
        h("span", { class: "counts" }, ...counts(one)),
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

export const counts = (one) => [h("span", {}, words.times(one.times)), h("span", {}, words.people(one.people))];

// What the present model makes of a phrase.
export function now(one) {
  if (one.now === null) return h("span", { class: "chip" }, words.notYet, learnt(one));
  const { state: become, intent, confidence } = one.now;
  const text = intent === "nlu_fallback" ? words.thought.fallback : `${titleOf(intent)} ${percent(confidence)}`;
  if (become === "unsure") return h("span", { class: "chip" }, words.unsure(text), learnt(one));
  return h("span", { class: `chip ${become === "clear" ? "good" : "bad"}` }, become === "clear" ? "✓ " : "", text, learnt(one));
}

function learnt({ learnt: intent, now: found }) {
  if (!intent || (found?.state === "clear" && intent === found.intent)) return "";
  return ` · ${found?.state === "waiting" ? words.learntInVain(titleOf(intent)) : words.learnt(titleOf(intent))}`;
}

// What stands under a group in the list: what became of it, or what it may mean.
export function standing(group) {
  const { phrases, state: become } = group;
  if (become === "clear") return [become, words.groupState.clear(most(phrases.map((one) => [one.now.intent, one.times]))), null];
  const recorded = phrases.filter((one) => one.learnt);
  if (become === "written") return [become, words.groupState.written, `«${most(recorded.map((one) => [one.learnt, one.times]))}»`];
  if (become === "unsure") return [become, words.groupState.unsure, null];
  const told = recorded.length ? words.groupState.partly(recorded.length, phrases.length) : words.groupState.waiting;
  return [become, told, group.likely.length ? `${words.likely} «${titleOf(group.likely[0][0])}»` : null];
}

function most(pairs) {
  const sums = new Map();
  for (const [name, times] of pairs) sums.set(name, (sums.get(name) ?? 0) + times);
  const [[first]] = [...sums].sort(([, one], [, other]) => other - one);
  return sums.size > 1 ? `${titleOf(first)} ${words.andOthers}` : titleOf(first);
}
