// The notices over the phones: one line each, the whole of one over the page on a click.

import { h } from "./dom.js";
import { words } from "./words.js";

const ORDER = ["error", "progress", "success", "warning", "info"];

export class Banners {
  // Elements stay while only their words change: a click lands on what was aimed at.
  constructor(root) {
    this.root = root;
    this.shown = new Map();
    this.dismissed = new Set();
    this.open = null;
    root.addEventListener("keydown", (event) => { if (event.key === "Escape") this.unfold(null); });
  }

  // `banners` have a kind, a text, and `own` if the page itself says it; `forget(kind)` is told of those.
  render(banners, forget) {
    // What was dismissed and is gone may come again one day, and is news then.
    const present = new Set(banners.map(({ text }) => text));
    for (const text of this.dismissed) if (!present.has(text)) this.dismissed.delete(text);
    const wanted = new Map(banners.filter(({ text }) => !this.dismissed.has(text))
      .sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind))
      .map((banner) => [`${banner.kind}${banner.own ? " own" : ""}`, banner]));
    for (const [key, { element }] of this.shown) {
      if (wanted.has(key)) continue;
      element.remove();
      this.shown.delete(key);
      if (this.open === key) this.open = null;
    }
    let last = null;
    for (const [key, banner] of wanted) {
      if (!this.shown.has(key)) this.shown.set(key, this.build(key, banner.kind, forget));
      const { element, gist, whole } = this.shown.get(key);
      const next = last ? last.nextSibling : this.root.firstChild;
      if (next !== element) this.root.insertBefore(element, next);
      last = element;
      if (whole.textContent === banner.text) continue;
      const [first, ...others] = banner.text.trim().split("\n");
      gist.textContent = others.length ? `${first} …` : first;
      whole.textContent = banner.text;
      this.shown.get(key).banner = banner;
    }
  }

  build(key, kind, forget) {
    const whole = h("p", { class: "whole", hidden: true });
    const gist = h("button", { type: "button", class: "gist", "aria-expanded": "false", title: words.whole,
      onclick: () => this.unfold(this.open === key ? null : key) });
    const close = () => {
      const { banner } = this.shown.get(key);
      if (banner.own) forget(kind);
      else this.dismissed.add(banner.text);
      this.shown.get(key).element.remove();
      this.shown.delete(key);
      if (this.open === key) this.open = null;
    };
    // Progress goes by itself; hidden it would look as if nothing happened.
    const cross = kind === "progress" ? null
      : h("button", { type: "button", class: "close", "aria-label": words.dismiss, onclick: close }, "×");
    const element = h("div", { class: `banner ${kind}`, "aria-live": kind === "progress" ? "off" : null }, gist, cross, whole);
    return { element, gist, whole, banner: null };
  }

  unfold(key) {
    this.open = key;
    for (const [name, { gist, whole }] of this.shown) {
      gist.setAttribute("aria-expanded", String(name === key));
      whole.hidden = name !== key;
    }
  }
}
