// One message as a bubble.

import { h, isWebAddress, link, withLinks } from "./dom.js";
import { icon, map, sticker, voiceWave } from "./icons.js";
import { inlineKeyboard } from "./keyboard.js";
import { words } from "./words.js";

const time = new Intl.DateTimeFormat("ru", { hour: "2-digit", minute: "2-digit" });

export function bubble(message, press) {
  if (message.author === "service") {
    const title = words.kinds[message.kind] ?? message.kind;
    return h("li", { class: "service" }, h("span", {}, `${title}: ${message.text}`));
  }
  const own = message.author === "resident";
  const bare = message.kind === "sticker";
  const body = h("div", { class: `bubble${bare ? " bare" : ""}` }, ...content(message), meta(message, own));
  const keyboard = message.keyboard ? inlineKeyboard(message.keyboard, (index) => press(index, message.number)) : null;
  return h(
    "li",
    { class: `message ${own ? "own" : "bot"}`, "data-number": message.number, "data-state": message.state },
    h("div", { class: "column" }, body, keyboard),
  );
}

function content(message) {
  const text = message.text ? [h("span", { class: "text" }, ...withLinks(message.text))] : [];
  switch (message.kind) {
    case "sticker":
      return [h("span", { class: "sticker", role: "img", "aria-label": words.kinds.sticker }, sticker())];
    case "voice":
      return [h("span", { class: "voice", role: "img", "aria-label": words.kinds.voice }, h("i", {}, icon("play")), voiceWave(), h("small", {}, "0:03"))];
    case "picture":
      return [picture(message), ...text];
    case "location":
      return [h("span", { class: "map", role: "img", "aria-label": words.kinds.location }, map()), ...text];
    case "contact":
      return [h("span", { class: "contact" }, h("i", {}, icon("person")), h("span", {}, message.text))];
    default:
      if (message.link && isWebAddress(message.link) && message.link !== message.text) {
        return [...text, link(message.link, message.link)];
      }
      return text;
  }
}

function picture(message) {
  if (message.picture) {
    return link(message.picture, h("img", { class: "picture", src: message.picture, alt: words.kinds.picture }));
  }
  const label = message.state === "failed" ? words.kinds.pictureFailed : words.kinds.picture;
  return h("span", { class: "picture missing" }, label);
}

function meta(message, own) {
  const state = own ? h("span", { class: "ticks", role: "img", "aria-label": words.states[message.state], title: words.states[message.state] }, icon(message.state)) : null;
  return h("span", { class: "meta" }, h("time", { datetime: message.at }, time.format(new Date(message.at))), state);
}

export function timeNow() {
  return time.format(new Date());
}
