// «Воронка»: how far visits come, by channel and day, and what was read last.

import { api } from "./api.js";
import { dayOf, h, percent, s } from "./dom.js";
import { complain, state } from "./state.js";
import { words } from "./words.js";

export async function showFunnel(main) {
  try {
    const found = await api.funnel(state.filter);
    main.replaceChildren(found.days.length ? whole(found) : h("p", { class: "empty" }, words.funnel.none));
  } catch (problem) {
    complain(problem);
  }
}

function whole(found) {
  return h("div", { class: "funnel" },
    h("section", { class: "card" }, h("h2", {}, words.funnel.title), h("p", { class: "note" }, words.funnel.note), stages(found)),
    h("section", { class: "card" }, h("h2", {}, words.funnel.byDay), days(found), table(found)),
    h("section", { class: "card wide" }, h("h2", {}, words.funnel.leavings), h("p", { class: "note" }, words.funnel.leavingsNote), leavings(found)));
}

const channelsOf = (found) => [...new Set(found.days.map((day) => day.channel))].sort().reverse();
const sum = (days, stage) => days.reduce((total, day) => total + day.reached[stage], 0);

function stages(found) {
  const channels = channelsOf(found);
  const totals = found.stages.map((_, stage) => sum(found.days, stage));
  const width = 620, row = 58, top = totals[0] || 1;
  const rows = found.stages.map((stage, at) => {
    let left = 0;
    const bars = channels.map((channel) => {
      const count = sum(found.days.filter((day) => day.channel === channel), at);
      const length = (count / top) * width;
      const bar = s("rect", { class: `bar ${channel}`, x: left, y: 22, width: Math.max(0, length), height: 20, rx: 3 },
        s("title", {}, `${words.channels[channel] ?? channel}: ${count}`));
      left += length;
      return bar;
    });
    const share = at === 0 ? "" : ` · ${words.funnel.ofPrevious(percent(totals[at - 1] ? totals[at] / totals[at - 1] : 0))}`;
    return s("g", { transform: `translate(0 ${at * row})` },
      s("text", { x: 0, y: 15, class: "label" }, words.stages[stage]),
      s("text", { x: width, y: 15, class: "value", "text-anchor": "end" }, `${totals[at].toLocaleString("ru")}${share}`),
      s("rect", { class: "track", x: 0, y: 22, width, height: 20, rx: 3 }), ...bars);
  });
  return h("figure", {},
    s("svg", { viewBox: `0 0 ${width} ${row * found.stages.length - 10}`, role: "img", "aria-label": words.funnel.title, class: "chart stages" }, ...rows),
    h("figcaption", { class: "legend" }, ...channels.map((channel) => h("span", { class: channel }, words.channels[channel] ?? channel))));
}

function days(found) {
  const names = everyDay(found.days);
  const width = 620, height = 210, base = 180, last = found.stages.length - 1;
  const of = (day, stage) => sum(found.days.filter((one) => one.day === day), stage);
  const top = Math.max(1, ...names.map((day) => of(day, 0)));
  const step = width / names.length, thick = Math.min(34, step * 0.7);
  const every = Math.ceil(names.length / 9);
  const columns = names.map((day, at) => {
    const x = at * step + (step - thick) / 2;
    const column = (stage, name) => {
      const tall = (of(day, stage) / top) * (base - 14);
      return s("rect", { class: name, x, y: base - tall, width: thick, height: tall, rx: 2 });
    };
    return s("g", {},
      s("title", {}, `${dayOf(day)}: ${words.funnel.started} ${of(day, 0)}, ${words.funnel.accepted} ${of(day, last)}`),
      s("rect", { class: "hover", x: at * step, y: 0, width: step, height: base }),
      column(0, "day-started"), column(last, "day-accepted"),
      (names.length - 1 - at) % every === 0 ? s("text", { x: x + thick / 2, y: base + 18, "text-anchor": "middle", class: "label" }, dayOf(day)) : null);
  });
  return h("figure", {},
    s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words.funnel.byDay, class: "chart days" },
      s("text", { x: 0, y: 11, class: "value" }, top.toLocaleString("ru")),
      s("line", { class: "axis", x1: 0, x2: width, y1: base, y2: base }), ...columns),
    h("figcaption", { class: "legend" }, h("span", { class: "day-started" }, words.funnel.started), h("span", { class: "day-accepted" }, words.funnel.accepted)));
}

// Days without a message are part of the picture.
function everyDay(days) {
  const first = state.filter.from ?? days[0].day, last = state.filter.to ?? days.at(-1).day;
  const names = [];
  for (let at = Date.parse(`${first}T12:00:00Z`); at <= Date.parse(`${last}T12:00:00Z`); at += 86_400_000) {
    names.push(new Date(at).toISOString().slice(0, 10));
  }
  return names;
}

function table(found) {
  return h("details", {}, h("summary", {}, words.funnel.table), h("div", { class: "scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, h("th", {}, words.funnel.day), h("th", {}, words.funnel.channel), ...found.stages.map((stage) => h("th", {}, words.stages[stage])))),
    h("tbody", {}, ...found.days.map((day) => h("tr", {}, h("td", {}, dayOf(day.day)), h("td", {}, words.channels[day.channel] ?? day.channel),
      ...day.reached.map((count) => h("td", { class: "number" }, count.toLocaleString("ru")))))))));
}

function leavings(found) {
  return h("div", { class: "scroll" }, h("table", { class: "leavings" },
    h("thead", {}, h("tr", {}, ...["stage", "lastText", "visits"].map((name) => h("th", {}, words.funnel[name])), h("th", {}))),
    h("tbody", {}, ...found.leavings.map((one, at) => h("tr", { class: found.leavings[at - 1]?.stage === one.stage ? "" : "first" },
      h("td", {}, found.leavings[at - 1]?.stage === one.stage ? "" : words.stages[one.stage]),
      h("td", {}, one.text || words.silent, " ", h("code", {}, one.response === one.text ? "" : one.response)), h("td", { class: "number" }, one.visits.toLocaleString("ru")),
      h("td", {}, h("a", { href: `#/conversations/${one.example}` }, words.funnel.example)))))));
}
