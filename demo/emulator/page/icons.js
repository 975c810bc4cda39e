// Drawings of the page: icons of the phones, a sticker, a voice message and a map.

import { svg } from "./dom.js";

const line = (d) => ["path", { d, fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round" }];
const solid = (d, fill = "currentColor") => ["path", { d, fill }];

const ICONS = {
  back: [line("M15 5l-7 7 7 7")],
  more: [solid("M12 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm0 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm0 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4z")],
  plus: [line("M12 5v14M5 12h14")],
  clip: [line("M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8L9.8 17.3a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6")],
  send: [solid("M3.4 20.4l17.9-7.7a.8.8 0 0 0 0-1.4L3.4 3.6a.8.8 0 0 0-1.1.9L4.2 11l9.3 1-9.3 1-1.9 6.5a.8.8 0 0 0 1.1.9z")],
  board: [["rect", { x: 3, y: 5, width: 18, height: 14, rx: 3, fill: "none", stroke: "currentColor", "stroke-width": 2 }], line("M7 10h.01M12 10h.01M17 10h.01M8 15h8")],
  waiting: [["circle", { cx: 12, cy: 12, r: 8, fill: "none", stroke: "currentColor", "stroke-width": 2 }], line("M12 8v4l3 2")],
  delivered: [line("M2 13l4.5 4.5L16 8M11 16l1.5 1.5L22 8")],
  seen: [line("M2 13l4.5 4.5L16 8M11 16l1.5 1.5L22 8")],
  failed: [["circle", { cx: 12, cy: 12, r: 9, fill: "none", stroke: "currentColor", "stroke-width": 2 }], line("M12 7v6M12 16.5v.01")],
  play: [solid("M8 5.5v13a1 1 0 0 0 1.5.9l10.3-6.5a1 1 0 0 0 0-1.8L9.5 4.6A1 1 0 0 0 8 5.5z")],
  person: [["circle", { cx: 12, cy: 8, r: 4, fill: "currentColor" }], solid("M4 20c0-4 3.6-6 8-6s8 2 8 6z")],
  outward: [line("M8 16L16 8M9 8h7v7")],
  flame: [solid("M12.4 2.2c.6 3.3-1 4.9-2.6 6.7C8.200 10.700 7 12.300 7 14.800A5.200 5.200 0 0 0 12.200 20 5.300 5.300 0 0 0 17.600 14.600c0-2-.8-3.500-1.700-4.800-.3 1.400-.9 2.200-1.900 2.700.500-3.400-.1-7.400-1.600-10.300z")],
};

export function icon(name) {
  return svg("0 0 24 24", ...ICONS[name]);
}

export function phoneSigns() {
  return svg(
    "0 0 62 14",
    ["rect", { x: 0, y: 8, width: 3, height: 5, rx: 1, fill: "currentColor" }],
    ["rect", { x: 5, y: 6, width: 3, height: 7, rx: 1, fill: "currentColor" }],
    ["rect", { x: 10, y: 3, width: 3, height: 10, rx: 1, fill: "currentColor" }],
    ["rect", { x: 15, y: 1, width: 3, height: 12, rx: 1, fill: "currentColor" }],
    ["path", { d: "M23 5.500a10 10 0 0 1 13 0M25.500 8.500a6 6 0 0 1 8 0M28.200 11.400a2 2 0 0 1 2.600 0", fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-linecap": "round" }],
    ["rect", { x: 40.700, y: 2.200, width: 17, height: 10, rx: 3, fill: "none", stroke: "currentColor", "stroke-width": 1.200 }],
    ["rect", { x: 42.500, y: 4, width: 11, height: 6.400, rx: 1.500, fill: "currentColor" }],
    ["rect", { x: 59, y: 5.500, width: 1.800, height: 3.500, rx: 0.900, fill: "currentColor" }],
  );
}

export function sticker() {
  return svg(
    "0 0 120 120",
    ["path", { d: "M60 8C74 32 96 50 96 76a36 36 0 0 1-72 0C24 50 46 32 60 8z", fill: "#4aa8ff", stroke: "#fff", "stroke-width": 6, "stroke-linejoin": "round" }],
    ["path", { d: "M38 76c0-9 4-16 9-22", fill: "none", stroke: "#bfe1ff", "stroke-width": 6, "stroke-linecap": "round" }],
    ["circle", { cx: 49, cy: 74, r: 5, fill: "#12385f" }],
    ["circle", { cx: 73, cy: 74, r: 5, fill: "#12385f" }],
    ["path", { d: "M50 86c5 8 17 8 22 0", fill: "none", stroke: "#12385f", "stroke-width": 5, "stroke-linecap": "round" }],
    ["circle", { cx: 40, cy: 84, r: 5, fill: "#ff9fb2", opacity: 0.8 }],
    ["circle", { cx: 82, cy: 84, r: 5, fill: "#ff9fb2", opacity: 0.8 }],
  );
}

export function voiceWave() {
  const heights = [6, 10, 16, 9, 20, 13, 7, 17, 22, 12, 8, 15, 19, 10, 6, 12, 18, 9, 5, 8];
  return svg(
    "0 0 120 24",
    ...heights.map((height, index) => ["rect", { x: index * 6, y: 12 - height / 2, width: 3, height, rx: 1.500, fill: "currentColor", opacity: index < 7 ? 1 : 0.45 }]),
  );
}

export function map() {
  return svg(
    "0 0 200 96",
    ["rect", { width: 200, height: 96, fill: "#dfe9d8" }],
    ["path", { d: "M-5 70C40 50 60 90 110 66s60-40 100-34v30c-40-6-60 14-100 34H-5z", fill: "#a9d0f5" }],
    ["path", { d: "M0 24h200M60 0v96M140 0v96", stroke: "#fff", "stroke-width": 6 }],
    ["path", { d: "M100 62c-9-12-14-19-14-27a14 14 0 0 1 28 0c0 8-5 15-14 27z", fill: "#e64646" }],
    ["circle", { cx: 100, cy: 35, r: 5, fill: "#fff" }],
  );
}
