// Keyboards: Viber's grid of six columns, VK's rows of coloured buttons.

import { h, isWebAddress, link } from "./dom.js";
import { icon } from "./icons.js";

export function viberKeyboard(keyboard, press) {
  const grid = h("div", { class: "viber-grid" });
  if (keyboard.colour) grid.style.backgroundColor = keyboard.colour;
  keyboard.rows.flat().forEach((button, index) => {
    const element = clickable(button, `viber-button ${button.text_size}`, () => press(index), button.action === "open-url");
    element.style.gridColumn = `span ${button.columns}`;
    element.style.gridRow = `span ${button.rows}`;
    if (button.colour) element.style.backgroundColor = button.colour;
    if (button.text_colour) element.style.color = button.text_colour;
    else if (button.colour) element.style.color = "#1b1b24";
    grid.append(element);
  });
  return grid;
}

export function vkKeyboard(keyboard, press) {
  let index = 0;
  const rows = keyboard.rows.map((row) =>
    h("div", { class: "vk-row" }, ...row.map((button) => {
      const position = index++;
      return clickable(button, `vk-button ${button.colour}`, () => press(position), button.action === "open_link");
    })),
  );
  return h("div", { class: "vk-rows" }, ...rows);
}

export function inlineKeyboard(keyboard, press) {
  const rows = vkKeyboard(keyboard, press);
  rows.classList.add("inline");
  return rows;
}

// A button that leads to a web page is a link as well; the messenger hears of it all the same.
function clickable(button, classes, press, isLink) {
  if (isLink && isWebAddress(button.value)) {
    const anchor = link(button.value, h("span", {}, button.caption), icon("outward"));
    anchor.className = `${classes} leads-out`;
    anchor.addEventListener("click", press);
    return anchor;
  }
  return h("button", { type: "button", class: classes, onclick: press }, button.caption);
}
