// Builds elements. What residents and the bot said goes in as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export const byId = (id) => document.getElementById(id);

const DAY = { day: "numeric", month: "short" };
const plain = new Intl.DateTimeFormat("ru", { ...DAY, timeZone: "UTC" });
let clock, day;

// Days and hours are the utility's, wherever the browser is.
export function tellTimeIn(timeZone) {
  clock = new Intl.DateTimeFormat("ru", { hour: "2-digit", minute: "2-digit", timeZone });
  day = new Intl.DateTimeFormat("ru", { ...DAY, timeZone });
}

export const timeOf = (iso) => clock.format(new Date(iso));
// A plain day («2026-11-24») belongs to no time zone.
export const dayOf = (iso) => (iso.length === 10 ? plain : day).format(new Date(iso));
export const percent = (share) => `${Math.round(share * 100)} %`;
