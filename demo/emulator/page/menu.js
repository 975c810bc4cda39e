// A small menu that opens at a button and closes by choice, Escape or a click elsewhere.

import { h } from "./dom.js";

export function attachMenu(opener, menu, entries) {
  const close = () => {
    menu.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
  };
  const outside = (event) => {
    if (!menu.contains(event.target) && !opener.contains(event.target)) close();
  };
  const move = (event) => {
    const items = [...menu.children];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      close();
      opener.focus();
    } else if (step) {
      event.preventDefault();
      items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    }
  };
  opener.addEventListener("click", () => {
    if (!menu.hidden && menu.dataset.opener === opener.className) {
      close();
      return;
    }
    menu.dataset.opener = opener.className;
    menu.replaceChildren(
      ...entries().map(([label, act]) =>
        h("button", { type: "button", role: "menuitem", onclick: () => { close(); opener.focus(); act(); } }, label),
      ),
    );
    menu.classList.toggle("from-top", opener.classList.contains("more"));
    // Two buttons share the menu: whichever opened it last moves through it.
    menu.onkeydown = move;
    menu.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    menu.firstElementChild?.focus();
    document.addEventListener("pointerdown", outside, true);
  });
}
