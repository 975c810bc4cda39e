// What the bot thought at a step: how it understood, between what it chose, what it did, what it kept.

import { h, percent } from "./dom.js";
import { formTitle, labelOf, titleOf } from "./state.js";
import { words } from "./words.js";

export function tone(user) {
  if (!user) return "";
  if (user.taken) return "good"; // a form took it as an answer
  if (!user.intent || user.intent === "nlu_fallback") return "bad";
  return (user.confidence ?? 0) < 0.5 ? "guess" : "good";
}

export function chip(user) {
  const kind = tone(user);
  if (!kind) return null;
  const sure = user.confidence >= 0.999;
  return h("span", { class: `chip ${kind}` },
    kind === "bad" ? words.thought.fallback : `${titleOf(user.intent)}${sure ? "" : ` ${percent(user.confidence ?? 0)}`}`);
}

export function thinking(turn) {
  const parked = turn.actions.some((one) => one.kind === "parked");
  const actions = turn.actions.filter((one) => one.kind === "action");
  const found = [
    parked ? h("p", { class: "line bad" }, words.thought.parked) : null,
    ...(turn.user ? understanding(turn.user) : []),
    actions.length ? part(words.thought.actions, actions.map(action)) : null,
  ].filter(Boolean);
  return found.length ? found : [h("p", { class: "line" }, h("small", {}, words.thought.nothing))];
}

function understanding({ intent, confidence, ranking, form, asked, text, slots }) {
  const typed = !(text ?? "").startsWith("/");
  const shares = (ranking ?? []).filter(([name, share]) => name && name !== "nlu_fallback" && share >= 0.005);
  return [
    part(words.thought.intent, [h("p", { class: "line" }, h("code", {}, intent ?? "—"),
      h("small", {}, typed && confidence < 0.999 ? words.thought.confidence(percent(confidence ?? 0)) : words.thought.certain))]),
    // Of a single one nothing is chosen.
    typed && shares.length > 1 ? part(words.thought.ranking, shares.map(([name, share]) => meter(name, share))) : null,
    form ? part(words.thought.question, [h("p", { class: "line" }, h("code", {}, asked ?? "—"), h("small", {}, words.thought.during(formTitle(form))))]) : null,
    slots && Object.keys(slots).length ? part(words.thought.slots, [...kept(slots)]) : null,
  ];
}

const part = (title, children) => h("div", { class: "part" }, h("h4", {}, title), ...children);

function meter(name, share) {
  return h("p", { class: "meter" }, h("span", {}, titleOf(name)),
    h("progress", { max: 1, value: share, "aria-label": titleOf(name) }), h("b", {}, percent(share)));
}

function action(one) {
  const label = labelOf("actions", one.name) ?? labelOf("forms", one.name);
  return h("div", { class: "line action" },
    h("p", {}, h("code", {}, one.name), label ? h("span", {}, label) : null, one.policy ? h("small", {}, words.policies[one.policy] ?? one.policy) : null,
      "loop" in one ? h("small", { class: "loop" }, one.loop ? words.thought.opened(formTitle(one.loop)) : words.thought.closed) : null),
    ...kept(one.slots ?? {}));
}

function kept(slots) {
  const all = Object.entries(slots);
  const told = all.filter(([, value]) => value !== null);
  const forgot = all.filter(([name, value]) => value === null && name !== "requested_slot");
  return [
    told.length ? h("p", { class: "slots" }, ...told.map(([name, value]) => h("span", {}, `${name} = ${value === "…" ? words.thought.changed : value}`))) : null,
    forgot.length ? h("p", { class: "slots" }, `${words.thought.forgot}: ${forgot.map(([name]) => name).join(", ")}`) : null,
  ].filter(Boolean);
}
