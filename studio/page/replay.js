// One conversation, step by step: on both phones what was read, between them what the bot thought.

import { h, timeOf } from "./dom.js";
import { Phone } from "./phone.js";
import { state, titleOf } from "./state.js";
import { chip, thinking } from "./thinking.js";
import { words } from "./words.js";
import { openWrong } from "./wrong.js";

const STEP = 1300;

export class Replay {
  constructor(conversation, row) {
    this.turns = conversation.turns;
    const captions = this.turns.map((turn, step) => captionOf(this.turns, step));
    const pick = (step) => { this.stop(); this.go(step, false); };
    this.phones = ["vk", "viber"].map((name) => new Phone(name, conversation, captions, pick));
    this.rows = this.turns.map((turn, step) => this.row(turn, step, captions[step]));
    this.steps = h("ol", { class: "steps", "aria-label": words.stepsTitle }, ...this.rows);
    this.element = h("div", { class: `replay ${conversation.channel}` }, this.phones[0].element, this.steps, this.phones[1].element);
    this.counter = h("span", { class: "counter", "aria-live": "polite" });
    this.back = this.button("‹", words.previousStep, "←", () => this.move(-1));
    this.play = h("button", { type: "button", class: "play", title: `${words.play} (${words.space})`, onclick: () => this.toggle() });
    this.next = this.button("›", words.nextStep, "→", () => this.move(1));
    this.controls = h("div", { class: "controls" }, this.back, this.play, this.next, this.counter);
    this.timer = null;
    this.say(false);
    this.steps.addEventListener("click", (event) => {
      const row = event.target.closest(".turn");
      if (row) pick(this.rows.indexOf(row));
    });
    const later = this.turns.findIndex((turn) => turn.row > row);
    this.at = Math.max(0, later < 0 ? this.turns.length - 1 : later - 1);
  }

  // When it stands in the page: scrolling needs its measures.
  begin() {
    this.go(this.at, false);
  }

  button(sign, name, key, act) {
    return h("button", { type: "button", class: "step-button", "aria-label": name, title: `${name} (${key})`, onclick: act }, sign);
  }

  // True if the key was one of the replay's.
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    const last = this.rows.length - 1;
    const inChat = event.target.closest(".chat") !== null;
    const moves = { ArrowRight: this.at + 1, ArrowLeft: this.at - 1, Home: 0, End: last };
    if (!inChat) Object.assign(moves, { ArrowDown: this.at + 1, ArrowUp: this.at - 1 });
    if (event.key === " " && !event.target.closest("button")) this.toggle();
    else if (event.key in moves) {
      this.stop();
      this.go(Math.max(0, Math.min(last, moves[event.key])), !inChat);
    } else return false;
    event.preventDefault();
    return true;
  }

  move(by) {
    this.stop();
    this.go(Math.max(0, Math.min(this.rows.length - 1, this.at + by)), false);
  }

  focus() {
    this.rows[this.at]?.focus({ preventScroll: true });
  }

  go(step, focus = true) {
    this.at = step;
    this.rows.forEach((row, place) => {
      row.tabIndex = place === step ? 0 : -1;
      if (place === step) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
    });
    for (const phone of this.phones) phone.show(step);
    this.counter.textContent = words.step(step + 1, this.rows.length);
    this.back.disabled = step === 0;
    this.next.disabled = step === this.rows.length - 1;
    const row = this.rows[step];
    if (focus) row.focus({ preventScroll: true });
    // Only the list itself scrolls: on a narrow screen the page stays where it is.
    const list = this.steps;
    if (list.scrollHeight > list.clientHeight) {
      const top = row.offsetTop - list.offsetTop;
      if (top < list.scrollTop || top + row.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = Math.max(0, top - 44);
    }
  }

  toggle() {
    if (this.timer) return this.stop();
    this.say(true);
    this.go(this.at === this.rows.length - 1 ? 0 : this.at, false);
    this.element.classList.add("playing");
    this.timer = setInterval(() => {
      if (!this.element.isConnected || this.at >= this.rows.length - 1) return this.stop();
      this.go(this.at + 1, this.steps.contains(document.activeElement));
    }, STEP);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.element.classList.remove("playing");
    this.say(false);
  }

  // Opens where the phrase of the present step belongs; nothing to do where it was no phrase.
  wrong() {
    this.rows[this.at].querySelector(".wrong-button")?.click();
  }

  say(playing) {
    this.play.textContent = playing ? `■ ${words.pause}` : `▶ ${words.play}`;
  }

  row(turn, step, caption) {
    return h("li", { class: "turn", tabindex: "-1" },
      h("p", { class: "turn-head" }, h("span", { class: "number" }, step + 1),
        h("span", { class: "said" }, caption?.text ?? words.byItself, caption?.pressed ? h("small", {}, ` ${words.button}`) : null),
        chip(turn.user), h("time", { datetime: turn.at }, timeOf(turn.at))),
      h("div", { class: "thinking" }, ...thinking(turn), wrongButton(turn.user)));
  }
}

// For words that were understood, but wrongly; what was pressed can't be misunderstood.
function wrongButton(user) {
  if (!user || !(user.text ?? "").trim() || user.text.startsWith("/")) return null;
  const place = h("p", { class: "wrong-place" });
  const button = h("button", { type: "button", class: "wrong-button", title: words.wrong.key, disabled: !state.me.writable, onclick: (event) => {
    event.stopPropagation();
    openWrong(user, (intent) => { place.replaceChildren(h("small", {}, words.wrong.written(titleOf(intent)))); });
  } }, words.wrong.button);
  place.append(button);
  return place;
}

// What the resident's side shows: the words, a pressed button's caption, or what happened.
function captionOf(turns, step) {
  const { user } = turns[step];
  if (!user) return null;
  const text = user.text ?? "";
  if (!text.startsWith("/")) return { text, pressed: false, event: false };
  for (const before of turns.slice(0, step).reverse()) {
    const shown = before.bot.flatMap((one) => one.buttons ?? []).find(([, payload]) => payload === text);
    if (shown) return { text: shown[0], pressed: true, event: false };
  }
  if (text in words.events) return { text: words.events[text], pressed: false, event: true };
  return { text: titleOf(text.slice(1).split("{")[0]), pressed: true, event: false };
}
