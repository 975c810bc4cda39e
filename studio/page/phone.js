// One phone of a replay: the conversation up to a step, in the look of a messenger.

import { h, s, timeOf } from "./dom.js";
import { words } from "./words.js";

export class Phone {
  constructor(messenger, conversation, captions, pick) {
    this.messenger = messenger;
    this.turns = conversation.turns;
    this.isReal = conversation.channel === messenger;
    this.boards = boards(this.turns, messenger);
    this.messages = h("ol", { class: "messages" }, ...this.turns.flatMap((turn, step) => this.turn(turn, step, captions[step])));
    this.chat = h("div", { class: "chat", tabindex: "0", role: "log", "aria-label": words.phones.chat(words.channels[messenger]) }, this.messages);
    this.board = h("div", { class: "board", role: "group", "aria-label": words.phones.board });
    this.element = h("section", { class: `stand ${messenger}${this.isReal ? " real" : ""}`, "aria-label": words.phones.name(words.channels[messenger]) },
      h("p", { class: "stand-head" }, h("span", { class: `tag ${messenger}` }, words.channels[messenger]),
        h("span", { class: "held" }, this.isReal ? words.phones.real : words.phones.other)),
      h("div", { class: "handset" }, h("div", { class: "screen" }, head(messenger), this.chat, composer(messenger), this.board)));
    this.messages.addEventListener("click", (event) => {
      const message = event.target.closest("[data-step]");
      if (message) pick(Number(message.dataset.step));
    });
  }

  // Shows the conversation as it stood after the step.
  show(step) {
    let first = null;
    for (const message of this.messages.children) {
      const at = Number(message.dataset.step);
      message.hidden = at > step;
      message.classList.toggle("current", at === step);
      if (at === step) first ??= message;
    }
    const board = this.boards[step];
    if (this.shownBoard !== board) {
      this.shownBoard = board;
      this.board.replaceChildren(...(board ?? []).map((row) => h("div", { class: "board-row" }, ...row.map((key) => this.key(key)))));
      this.board.hidden = !board;
    }
    // The end of the chat, but never past the beginning of the step.
    if (first) this.chat.scrollTop = Math.min(this.chat.scrollHeight, Math.max(0, first.offsetTop - 14));
  }

  turn(turn, step, caption) {
    const { bubbles } = turn.phones[this.messenger];
    const mine = caption === null ? [] : [caption.event
      ? h("li", { class: "service", "data-step": step }, caption.text)
      : h("li", { class: "message own", "data-step": step }, h("div", { class: "bubble" }, caption.text, time(turn.at)))];
    const silent = bubbles.length ? [] : [h("li", { class: "service", "data-step": step }, words.silent)];
    return [...mine, ...bubbles.map((one) => this.bubble(one, turn, step)), ...silent];
  }

  bubble(one, turn, step) {
    return h("li", { class: "message", "data-step": step },
      h("div", { class: "bubble" }, one.picture ? picture() : null, one.text, time(turn.at)),
      one.instead === null ? null : h("p", { class: "instead" }, words.phones.instead(words.channels[this.messenger]), h("q", {}, one.instead)));
  }

  key({ caption, colour }) {
    const painted = colour.startsWith("#");
    const button = h("span", { class: `key${painted ? "" : ` ${colour}`}` }, caption);
    // By a script: a style in the markup is forbidden by the page's policy.
    if (painted) button.style.backgroundColor = colour;
    return button;
  }
}

// The keyboard on the phone after each step: the last one that was sent.
function boards(turns, messenger) {
  let current = null;
  return turns.map((turn) => (current = turn.phones[messenger].keyboard ?? current));
}

const time = (at) => h("time", { datetime: at }, timeOf(at));

function head(messenger) {
  const flame = "M12.4 2.2c.6 3.3-1 4.9-2.6 6.7C8.2 10.7 7 12.300 7 14.800A5.200 5.200 0 0 0 12.200 20 5.300 5.300 0 0 0 17.600 14.600c0-2-.8-3.500-1.700-4.800-.3 1.400-.9 2.200-1.900 2.700.5-3.400-.1-7.400-1.600-10.300z";
  return h("div", { class: "chat-head", "aria-hidden": "true" },
    s("svg", { viewBox: "0 0 24 24", class: "back" }, s("path", { d: "M15 5l-7 7 7 7" })),
    h("span", { class: "avatar" }, s("svg", { viewBox: "0 0 24 24" }, s("path", { d: flame }))),
    h("div", {}, h("b", {}, words.phones.bot), h("small", {}, words.phones.note[messenger])));
}

function composer(messenger) {
  return h("div", { class: "composer", "aria-hidden": "true" }, h("span", { class: "input" }, words.phones.placeholder[messenger]));
}

function picture() {
  return h("span", { class: "picture" }, s("svg", { viewBox: "0 0 48 28", "aria-hidden": "true" },
    s("path", { d: "M4 25h40M9 25V15h5v10M19 25V8h5v17M29 25V12h5v13M39 25V5" })), words.picture);
}
