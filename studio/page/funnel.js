// «Воронка»: how far visits come, by channel and day, and what was read last.

import { api } from "./api.js";
import { byId, dayOf, h, percent } from "./dom.js";
import { settle } from "./list.js";
import { failed, loaded, state } from "./state.js";
import { words } from "./words.js";

export async function showFunnel(main) {
  const asked = JSON.stringify(state.filter);
  try {
    const found = await api.funnel(state.filter);
    if (asked !== JSON.stringify(state.filter)) return;
    loaded();
    main.replaceChildren(found.days.length ? whole(found) : h("p", { class: "empty" }, words.funnel.none));
    // The arrow keys scroll.
    settle(() => main.focus({ preventScroll: true }));
  } catch (problem) {
    if (asked === JSON.stringify(state.filter)) failed(problem, main, () => showFunnel(main));
  }
}

function whole(found) {
  return h("div", { class: "funnel" },
    h("section", { class: "card" }, h("h2", {}, words.funnel.title), h("p", { class: "note" }, words.funnel.note), stages(found)),
    h("section", { class: "card" }, h("h2", {}, words.funnel.byDay), daysNote(), days(found), table(found)),
    h("section", { class: "card wide" }, h("h2", {}, words.funnel.leavings), h("p", { class: "note" }, words.funnel.leavingsNote), leavings(found)));
}

const number = (value) => value.toLocaleString("ru");
const nameOf = (channel) => words.channels[channel] ?? channel;
const channelsOf = (found) => [...new Set(found.days.map((day) => day.channel))].sort().reverse();
const sum = (days, stage) => days.reduce((total, day) => total + day.reached[stage], 0);
const goingOn = (days, stage) => days.reduce((total, day) => total + day.going[stage], 0);
// Whoever is not a stage further has left, unless the conversation goes on.
const left = (days, stage) => sum(days, stage) - (stage + 1 < days[0].reached.length ? sum(days, stage + 1) : 0) - goingOn(days, stage);
const share = (part, of) => percent(of ? part / of : 0);

// A width or height is set by the script: the page's policy forbids styles in markup.
function sized(element, property, part) {
  element.style[property] = `${100 * part}%`;
  return element;
}

function stages(found) {
  const channels = channelsOf(found);
  const totals = found.stages.map((_, stage) => sum(found.days, stage));
  const rows = found.stages.map((stage, at) => {
    const counts = channels.map((channel) => [channel, sum(found.days.filter((day) => day.channel === channel), at)]);
    const gone = left(found.days, at), going = goingOn(found.days, at);
    return h("div", { class: "stage-row" },
      h("p", {}, h("span", { class: "label" }, words.stages[stage]), h("span", { class: "value" }, number(totals[at]))),
      h("div", { class: "track" }, ...counts.filter(([, count]) => count).map(([channel, count]) =>
        sized(h("span", { class: `bar ${channel}`, title: `${nameOf(channel)}: ${number(count)}` }), "width", count / (totals[0] || 1)))),
      at < found.stages.length - 1
        ? h("p", {},
          h("button", { type: "button", class: "gone", disabled: !gone, title: words.funnel.showStage, onclick: () => openStage(stage) },
            words.funnel.gone(gone, share(gone, totals[at]))),
          going ? h("button", { type: "button", class: "going", title: words.funnel.goingNote, onclick: () => openStage("going") }, words.funnel.going(going)) : null)
        : null);
  });
  const last = found.stages.length - 1;
  return h("figure", {},
    h("div", { class: "chart stages" }, ...rows),
    h("figcaption", { class: "legend" }, ...channels.map((channel) => {
      const mine = found.days.filter((day) => day.channel === channel);
      return h("span", { class: channel }, `${nameOf(channel)}: ${words.funnel.came(share(sum(mine, last), sum(mine, 0)))}`);
    })));
}

function openStage(stage) {
  byId("filter").elements.stage.value = stage;
  location.hash = "#/conversations";
}

const WEEKS = 13 * 86_400_000;

function daysNote() {
  if (state.filter.from !== state.filter.to) return h("p", { class: "note" }, words.funnel.daysNote);
  const last = byId("filter").elements.to.value;
  const first = new Date(Date.parse(`${last}T12:00:00Z`) - WEEKS).toISOString().slice(0, 10);
  return h("p", { class: "note" }, h("button", { type: "button", onclick: () => openDays(first, last) }, words.funnel.allDays));
}

function openDays(first, last) {
  const { from, to } = byId("filter").elements;
  from.value = first;
  to.value = last;
  to.dispatchEvent(new Event("change", { bubbles: true }));
}

function days(found) {
  const names = everyDay(found.days);
  const last = found.stages.length - 1;
  const of = (day, stage) => sum(found.days.filter((one) => one.day === day), stage);
  const top = Math.max(1, ...names.map((day) => of(day, 0)));
  const every = Math.ceil(names.length / 6);
  const columns = names.map((day, at) => {
    const said = `${dayOf(day)}: ${words.funnel.started} ${of(day, 0)}, ${words.funnel.accepted} ${of(day, last)}`;
    return h("button", { type: "button", class: "day", title: said, "aria-label": `${said}. ${words.funnel.onlyDay(dayOf(day))}`, onclick: () => openDays(day, day) },
      h("span", { class: "column" },
        sized(h("span", { class: "day-started" }), "height", of(day, 0) / top),
        sized(h("span", { class: "day-accepted" }), "height", of(day, last) / top)),
      h("span", { class: "name" }, (names.length - 1 - at) % every === 0 ? dayOf(day) : ""));
  });
  return h("figure", {},
    h("div", { class: "chart days", role: "group", "aria-label": words.funnel.byDay }, h("span", { class: "most" }, number(top)), ...columns),
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
    h("tbody", {}, ...found.days.map((day) => h("tr", {}, h("td", {}, dayOf(day.day)), h("td", {}, nameOf(day.channel)),
      ...day.reached.map((count, at) => h("td", { class: "number" }, number(count),
        at && left([day], at - 1) ? h("small", {}, ` −${number(left([day], at - 1))}`) : null))))))));
}

// A text of the domain has names where a message has an account or a date.
const withoutNames = (text) => text.replace(/\{\w+\}/g, "…");

function leavings(found) {
  if (!found.leavings.length) return h("p", { class: "empty" }, words.funnel.nobodyLeft);
  const channels = channelsOf(found);
  const totals = found.stages.map((_, at) => left(found.days, at));
  return h("div", { class: "scroll" }, h("table", { class: "leavings" },
    h("thead", {}, h("tr", {}, h("th", {}, words.funnel.stage), h("th", {}, words.funnel.lastText), h("th", {}, words.funnel.visits), h("th", {}, words.funnel.share),
      ...(channels.length > 1 ? channels.map((name) => h("th", {}, nameOf(name))) : []), h("th", {}))),
    h("tbody", {}, ...found.leavings.map((one, at) => {
      const first = found.leavings[at - 1]?.stage !== one.stage;
      return h("tr", { class: first ? "first" : "" },
        h("td", { class: first ? "" : "again", "data-name": words.funnel.stage }, words.stages[one.stage]),
        h("td", {}, withoutNames(one.text) || words.silent, " ", h("code", {}, one.response === one.text ? "" : one.response)),
        h("td", { class: "number", "data-name": words.funnel.visits }, number(one.visits)),
        h("td", { class: "number", "data-name": words.funnel.share }, share(one.visits, totals[found.stages.indexOf(one.stage)])),
        ...(channels.length > 1 ? channels.map((name) => h("td", { class: "number dim", "data-name": nameOf(name) }, number(one.channels[name] ?? 0))) : []),
        h("td", {}, h("a", { href: `#/conversations/${one.example}` }, words.funnel.example)));
    }))));
}
