// One phone: the chat of the chosen resident, the input and the keyboard.

import { api } from "./api.js";
import { h } from "./dom.js";
import { icon, phoneSigns } from "./icons.js";
import { viberKeyboard, vkKeyboard } from "./keyboard.js";
import { attachMenu } from "./menu.js";
import { bubble, timeNow } from "./message.js";
import { addResident, messagesOf, residentsOf, select, state, unreadOf } from "./state.js";
import { words } from "./words.js";

export class Phone {
  #shown = null; // whose chat is on screen
  #nodes = new Map(); // message number → [JSON, element]
  #keyboardJson = "";
  #boardHidden = false;
  #atEnd = true;

  constructor(stand, report) {
    this.messenger = stand.dataset.messenger;
    this.report = report;
    this.words = words[this.messenger];
    stand.append(document.getElementById("phone-template").content.cloneNode(true));
    const find = (selector) => stand.querySelector(selector);
    this.parts = Object.fromEntries(
      ["residents", "screen", "clock", "chat", "intro", "messages", "typing", "snackbar", "start", "composer", "input", "board", "keyboard", "file", "menu"]
        .map((name) => [name, find(`.${name}`)]),
    );
    this.names = stand.querySelectorAll(".bot-name");
    this.note = find(".bot-note");
    find(".signs").append(phoneSigns());
    find(".back").append(icon("back"));
    find(".more").append(icon("more"));
    find(".attach").append(icon(this.messenger === "viber" ? "plus" : "clip"));
    find(".send").append(icon("send"));
    this.parts.board.append(icon("board"));
    stand.querySelectorAll(".avatar").forEach((avatar) => avatar.append(icon("flame")));
    find(".intro-text").textContent = this.words.intro;
    find(".start-button").textContent = this.words.start;
    this.parts.input.placeholder = this.words.placeholder;
    this.parts.input.setAttribute("aria-label", `${this.words.placeholder} (${this.messenger})`);
    this.#listen(find);
  }

  get resident() {
    return state.residents.get(state.current[this.messenger]);
  }

  insert(text) {
    this.parts.input.value = text;
    this.#fit();
    this.parts.input.focus();
  }

  async act(action, details) {
    if (!this.resident) return;
    try {
      await api.act(this.resident.key, action, details);
    } catch (error) {
      this.report(words.failed(error.message));
    }
  }

  #listen(find) {
    const { composer, input, board, file, menu } = this.parts;
    find(".start-button").addEventListener("click", () => {
      this.act("open");
      input.focus();
    });
    composer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#send();
      }
    });
    input.addEventListener("input", () => this.#fit());
    board.addEventListener("click", () => {
      this.#boardHidden = !this.#boardHidden;
      this.render();
    });
    file.addEventListener("change", () => {
      if (file.files[0]) this.act("picture", file.files[0]);
      file.value = "";
    });
    // The chat shrinks when a keyboard or a notice appears: its end stays in sight.
    new ResizeObserver(() => { if (this.#atEnd) this.#toEnd(); }).observe(this.parts.chat);
    // A row that was hidden has no place to scroll to.
    new ResizeObserver(() => this.#revealResident()).observe(this.parts.residents);
    this.parts.chat.addEventListener("scroll", () => {
      const { chat } = this.parts;
      this.#atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
    });
    attachMenu(find(".attach"), menu, () => this.#attachments());
    attachMenu(find(".more"), menu, () => this.#actions());
  }

  #send() {
    const text = this.parts.input.value.trim();
    if (!text) return;
    this.parts.input.value = "";
    this.#fit();
    this.act("say", { text });
  }

  #fit() {
    const { input } = this.parts;
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 110)}px`;
  }

  #attachments() {
    const entries = [
      ["sticker", () => this.act("sticker")],
      ["picture", () => this.act("picture")],
      ["file", () => this.parts.file.click()],
      ["voice", () => this.act("voice")],
      ["location", () => this.act("location")],
    ];
    if (this.messenger === "viber") entries.splice(4, 0, ["contact", () => this.act("contact")]);
    return entries.map(([name, act]) => [words.attachments[name], act]);
  }

  #actions() {
    const names = words.actions[this.messenger];
    const permission = this.resident?.reachable ? "deny" : "allow";
    return [
      [names.open, () => this.act("open")],
      [names[permission], () => this.act(permission)],
      [words.addResident, () => addResident(this.messenger)],
    ];
  }

  render() {
    const resident = this.resident;
    this.parts.clock.textContent = timeNow();
    this.names.forEach((name) => { name.textContent = state.bot; });
    this.#renderResidents();
    if (!resident) return;
    const typing = resident.typing;
    this.note.textContent = typing ? this.words.typing : this.words.note;
    this.parts.typing.hidden = !typing;
    this.#renderMessages(resident);
    this.#renderKeyboard(resident);
    const started = resident.opened || messagesOf(resident.key).length > 0;
    this.parts.start.hidden = started;
    this.parts.composer.hidden = !started;
    this.parts.screen.dataset.started = String(started);
    this.parts.snackbar.hidden = !resident.snackbar;
    this.parts.snackbar.textContent = resident.snackbar ?? "";
  }

  #renderResidents() {
    const chips = residentsOf(this.messenger).slice(-12).map((resident) => {
      const unread = resident.key === this.resident?.key ? 0 : unreadOf(resident.key);
      return h(
        "button",
        { type: "button", class: "resident", "aria-pressed": String(resident.key === this.resident?.key), title: resident.key, onclick: () => select(resident) },
        resident.name,
        unread ? h("span", { class: "unread", "aria-label": words.unread(unread) }, String(unread)) : null,
      );
    });
    const add = h("button", { type: "button", class: "resident add", onclick: () => addResident(this.messenger) }, words.addResident);
    const json = chips.map((chip) => `${chip.textContent}${chip.ariaPressed}`).join();
    if (this.parts.residents.dataset.json === json) return;
    this.parts.residents.dataset.json = json;
    this.parts.residents.replaceChildren(...chips, add);
    this.#revealResident();
  }

  // Only the row scrolls, never the page.
  #revealResident() {
    const row = this.parts.residents;
    const chip = row.querySelector("[aria-pressed=true]")?.getBoundingClientRect();
    if (!chip?.width) return;
    const place = row.getBoundingClientRect();
    row.scrollLeft += chip.left + chip.width / 2 - (place.left + place.width / 2);
  }

  #renderMessages(resident) {
    const { messages, screen } = this.parts;
    const switched = this.#shown !== resident.key;
    if (switched) {
      this.#shown = resident.key;
      this.#nodes.clear();
      messages.replaceChildren(h("li", { class: "day" }, h("span", {}, words.today)));
    }
    const press = (index, message) => this.act("press", { index, message });
    let grew = false;
    const all = messagesOf(resident.key);
    for (const message of all) {
      const json = JSON.stringify(message);
      const [oldJson, old] = this.#nodes.get(message.number) ?? [];
      if (json === oldJson) continue;
      const node = bubble(message, press);
      if (old) old.replaceWith(node);
      else messages.append(node);
      grew ||= !old;
      this.#nodes.set(message.number, [json, node]);
      if (!switched && !old) node.classList.add("fresh");
      node.querySelector("img")?.addEventListener("load", () => { if (this.#atEnd) this.#toEnd(); });
    }
    messages.hidden = all.length === 0;
    if (screen.offsetParent !== null && all.length) state.read.set(resident.key, all.at(-1).number);
    if (switched || (grew && (this.#atEnd || all.at(-1).author === "resident"))) this.#toEnd();
  }

  #toEnd() {
    this.#atEnd = true;
    requestAnimationFrame(() => { this.parts.chat.scrollTop = this.parts.chat.scrollHeight; });
  }

  #renderKeyboard(resident) {
    const { board, keyboard } = this.parts;
    const usable = resident.keyboard && resident.keyboard.rows.length > 0;
    const json = usable ? `${resident.key}${JSON.stringify(resident.keyboard)}` : "";
    if (json !== this.#keyboardJson) {
      this.#keyboardJson = json;
      this.#boardHidden = false;
      const draw = this.messenger === "viber" ? viberKeyboard : vkKeyboard;
      keyboard.replaceChildren(...(usable ? [draw(resident.keyboard, (index) => this.#pressUnderInput(index))] : []));
      this.#toEnd();
    }
    board.hidden = !usable;
    board.setAttribute("aria-pressed", String(!this.#boardHidden));
    keyboard.hidden = !usable || this.#boardHidden;
    this.parts.composer.classList.toggle("input-hidden", Boolean(usable && resident.keyboard.input_hidden));
  }

  #pressUnderInput(index) {
    const button = this.resident.keyboard.rows.flat()[index];
    this.act("press", { index, caption: button.caption });
  }
}
