// One conversation: what was on the phone, and beside every step what the bot thought.

import { h, percent, timeOf } from "./dom.js";
import { titleOf } from "./state.js";
import { words } from "./words.js";

const STEP = 1100;

export class Replay {
  constructor(conversation) {
    this.turns = conversation.turns;
    this.rows = this.turns.map((turn, index) => this.row(turn, index));
    this.element = h("div", { class: `replay ${conversation.channel}` }, ...this.rows);
    this.counter = h("span", { class: "counter" });
    this.play = h("button", { type: "button", onclick: () => this.toggle() }, `▶ ${words.play}`);
    this.controls = h("div", { class: "controls" }, this.play, this.counter);
    this.timer = null;
    this.go(0, false);
    this.element.addEventListener("click", (event) => {
      const row = event.target.closest(".turn");
      if (row) this.go(this.rows.indexOf(row), false);
    });
    this.element.addEventListener("keydown", (event) => {
      const moves = { ArrowDown: this.at + 1, ArrowUp: this.at - 1, Home: 0, End: this.rows.length - 1 };
      if (!(event.key in moves)) return;
      event.preventDefault();
      this.stop();
      this.go(Math.max(0, Math.min(this.rows.length - 1, moves[event.key])));
    });
  }

  go(index, focus = true) {
    this.at = index;
    this.rows.forEach((row, place) => {
      row.tabIndex = place === index ? 0 : -1;
      if (place === index) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
    });
    this.counter.textContent = words.step(index + 1, this.rows.length);
    if (focus) {
      this.rows[index].focus({ preventScroll: true });
      this.rows[index].scrollIntoView({ block: "nearest", behavior: "smooth" });
    }
  }

  toggle() {
    if (this.timer) return this.stop();
    this.play.textContent = `■ ${words.pause}`;
    this.element.classList.add("playing");
    this.reveal(this.at === this.rows.length - 1 ? 0 : this.at);
    this.timer = setInterval(() => {
      if (!this.element.isConnected || this.at >= this.rows.length - 1) return this.stop();
      this.reveal(this.at + 1);
    }, STEP);
  }

  reveal(index) {
    this.rows.forEach((row, place) => row.classList.toggle("later", place > index));
    this.go(index);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = `▶ ${words.play}`;
    this.element.classList.remove("playing");
    for (const row of this.rows) row.classList.remove("later");
  }

  row(turn, index) {
    return h("article", { class: "turn", tabindex: "-1", "aria-label": words.step(index + 1, this.turns.length) },
      h("div", { class: "phone" }, turn.user ? own(turn.user, this.turns[index - 1]) : null, ...turn.bot.map(bot),
        turn.bot.length ? null : h("p", { class: "service" }, words.silent),
        h("time", { datetime: turn.at }, timeOf(turn.at))),
      h("div", { class: "thinking" }, ...thinking(turn)));
  }
}

function own(user, before) {
  const text = user.text ?? "";
  if (!text.startsWith("/")) return h("div", { class: "bubble own" }, text);
  const shown = before?.bot.flatMap((one) => one.buttons ?? []).find(([, payload]) => payload === text);
  const caption = shown?.[0] ?? words.events[text] ?? titleOf(text.slice(1).split("{")[0]);
  return h("div", { class: "bubble own pressed" }, caption, h("small", {}, ` ${words.button}`));
}

function bot(said) {
  return h("div", { class: "said" },
    h("div", { class: "bubble" }, said.text || (said.picture ? `🖼 ${words.picture}` : words.silent)),
    said.buttons?.length ? h("div", { class: "board" }, ...said.buttons.map(([caption]) => h("span", {}, caption))) : null);
}

function thinking(turn) {
  if (!turn.user) {
    const parked = turn.actions.some((one) => one.kind === "parked");
    return parked ? [h("p", { class: "line bad" }, words.thought.parked)] : [];
  }
  const { intent, confidence, ranking = [], form, asked, text = "" } = turn.user;
  const fallback = !intent || intent === "nlu_fallback";
  const sure = confidence >= 0.999;
  const tone = fallback ? "bad" : confidence < 0.5 ? "guess" : "good";
  const others = ranking.filter(([name, share]) => name !== intent && name !== "nlu_fallback" && share >= 0.005);
  return [
    h("p", { class: "line" }, h("span", { class: `chip ${tone}` },
      fallback ? words.thought.fallback : `${titleOf(intent)}${sure ? "" : ` ${percent(confidence)}`}`),
      h("code", {}, intent), sure && !fallback ? h("small", {}, words.thought.certain) : null),
    others.length && !text.startsWith("/") ? h("div", { class: "line ranking" }, h("small", {}, words.thought.others),
      ...others.map(([name, share]) => meter(name, share))) : null,
    form ? h("p", { class: "line" }, h("small", {}, words.thought.during(form, asked))) : null,
    ...turn.actions.filter((one) => one.kind === "action").map(action),
  ].filter(Boolean);
}

function meter(name, share) {
  return h("span", { class: "meter" }, titleOf(name), h("progress", { max: 1, value: share, "aria-label": titleOf(name) }), percent(share));
}

function action(one) {
  const slots = Object.entries(one.slots ?? {});
  const told = slots.filter(([, value]) => value !== null);
  const forgot = slots.filter(([name, value]) => value === null && name !== "requested_slot");
  return h("div", { class: "line action" },
    h("p", {}, h("code", {}, one.name), one.policy ? h("small", {}, words.policies[one.policy] ?? one.policy) : null,
      "loop" in one ? h("small", { class: "loop" }, one.loop ? words.thought.opened(one.loop) : words.thought.closed) : null),
    told.length ? h("p", { class: "slots" }, ...told.map(([name, value]) => h("span", {}, `${name} = ${value === "…" ? words.thought.changed : value}`))) : null,
    forgot.length ? h("p", { class: "slots forgot" }, `${words.thought.forgot}: ${forgot.map(([name]) => name).join(", ")}`) : null);
}
