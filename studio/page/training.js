// «Обучить»: starts a training, shows how it goes, tells when a new model answers, whoever made it.

import { api } from "./api.js";
import { byId } from "./dom.js";
import { complain, dismiss, notify, showChanged, state } from "./state.js";
import { words } from "./words.js";

const OFTEN = 700;
const SELDOM = 5000;
let following = false;
let renewed = async () => {};

// `whenRenewed()` is called when the bot answers with another model or the files were put back.
export function watchTraining(whenRenewed) {
  renewed = whenRenewed;
  byId("train").onclick = async () => {
    try {
      dismiss("done");
      dismiss("training");
      show(await api.train());
      follow();
    } catch (problem) {
      complain(problem, "training");
    }
  };
  show(state.me.training);
  if (isOn(state.me.training)) follow();
}

const isOn = (training) => training.state === "training" || training.state === "loading";

function show(training) {
  const told = words.training[training.state];
  byId("training-state").textContent = typeof told === "function" ? told(training.seconds, training.usual) : told;
  byId("training").dataset.state = training.state;
  byId("train").disabled = isOn(training) || !state.me.writable;
  const bar = byId("training-progress");
  bar.hidden = !isOn(training);
  // Nobody knows how long it takes: the bar nears its end without reaching it.
  bar.value = training.state === "loading" ? 0.96 : 0.95 * (1 - Math.exp((-1.6 * training.seconds) / training.usual));
  if (training.changed) showChanged(training.changed);
}

async function follow() {
  if (following) return;
  following = true;
  try {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, OFTEN));
      const training = await api.training().catch((problem) => {
        if (problem.code === "away") return null;
        throw problem;
      });
      if (training === null) continue;
      show(training);
      if (isOn(training)) continue;
      if (training.state === "failed") notify("error", words.training.failedNotice, training.said, "training");
      else if (training.state === "done") await renew(training.model);
      return;
    }
  } catch (problem) {
    complain(problem, "training");
  } finally {
    following = false;
  }
}

async function renew(model) {
  state.me.model = model;
  notify("success", words.training.doneNotice, [], "training");
  await renewed();
}

// Files are put back and committed elsewhere, and `make talk` trains by itself.
async function look() {
  if (following || document.hidden || byId("app").hidden || !state.me) return;
  const before = String(state.me.changed);
  const training = await api.training().catch(() => null);
  if (training === null || following) return;
  show(training);
  if (isOn(training)) follow();
  else if (training.model && training.model !== state.me.model) await renew(training.model);
  // What was put back is written nowhere any more.
  else if (String(state.me.changed) !== before) await renewed();
}

window.addEventListener("focus", look);
document.addEventListener("visibilitychange", look);
setInterval(() => { if (state.me?.changed.length) look(); }, SELDOM);
