// The training: «Обучить» starts one, unless the bot is trained by itself (`make talk`); shown is how
// it goes, why it failed, and that a new model answers, whoever made it.

import { api } from "./api.js";
import { byId } from "./dom.js";
import { complain, dismiss, notify, showChanged, state } from "./state.js";
import { words } from "./words.js";

const OFTEN = 700;
const SELDOM = 5000;
let renewed = async () => {};
let told = ""; // the failure that a notice was shown for
let waiting = 0;
let looking = false;
let away = false;

// `whenRenewed()` is called when the bot answers with another model or the files were put back.
export function watchTraining(whenRenewed) {
  renewed = whenRenewed;
  told = "";
  byId("train").onclick = async () => {
    try {
      dismiss("done");
      dismiss("training");
      show(await api.train());
      wait(OFTEN);
    } catch (problem) {
      complain(problem, "training");
    }
  };
  show(state.me.training);
  wait(OFTEN);
}

const isOn = (training) => training.state === "training" || training.state === "loading";

function show(training) {
  const { by_itself: itself, state: now, seconds, usual, again } = training;
  state.me.training = training;
  const said = (itself ? words.training.itself[now] : null) ?? words.training[now];
  byId("training-state").textContent = (typeof said === "function" ? said(seconds, usual) : said)
    + (again ? words.training.again : "");
  byId("training").dataset.state = now;
  byId("train").hidden = itself;
  byId("train").disabled = isOn(training) || !state.me.writable;
  const bar = byId("training-progress");
  bar.hidden = !isOn(training);
  // Nobody knows how long it takes: the bar nears its end without reaching it.
  bar.value = now === "loading" ? 0.96 : 0.95 * (1 - Math.exp((-1.6 * seconds) / Math.max(1, usual)));
  if (training.changed) showChanged(training.changed);
  showFailure(training);
}

// The notice stands as long as the failure does; one that was closed does not come again.
function showFailure({ state: now, said, by_itself: itself }) {
  const failure = now === "failed" ? said.join("\n") || now : "";
  if (failure === told) return;
  told = failure;
  if (failure) notify("error", itself ? words.training.itself.failedNotice : words.training.failedNotice, said, "training");
  else dismiss("training");
}

function wait(pause) {
  clearTimeout(waiting);
  waiting = setTimeout(look, pause);
}

// Files are put back and committed elsewhere, models are trained elsewhere, and a bot may be stopped.
async function look() {
  clearTimeout(waiting);
  if (!looking && !document.hidden && !byId("app").hidden && state.me) {
    looking = true;
    try {
      await compare(await api.training());
    } catch (problem) {
      if (problem.code !== "away" || !away) complain(problem, "training");
      away = problem.code === "away";
    }
    looking = false;
  }
  wait(state.me && isOn(state.me.training) ? OFTEN : SELDOM);
}

async function compare(training) {
  const { changed: before, model, training: known } = state.me;
  const went = isOn(known), back = away;
  away = false;
  if (back) dismiss("away");
  show(training);
  const changed = state.me.changed;
  const fresh = training.model && training.model !== model;
  // What was written while a training of the page's own ran waits for the next one: that stays said.
  const isIn = training.by_itself ? (fresh || went) && training.state !== "failed" : fresh && !went;
  if ((isIn && !isOn(training)) || before.some((file) => !changed.includes(file))) dismiss("done");
  if (fresh) {
    state.me.model = training.model;
    notify("success", words.training.doneNotice, [], "training");
  }
  if (fresh || back || String(changed) !== String(before)) await renewed();
}

window.addEventListener("focus", look);
document.addEventListener("visibilitychange", look);
