// «Обучить»: starts a training, shows how it goes, tells when the new model answers.

import { api } from "./api.js";
import { byId } from "./dom.js";
import { complain, notify, state } from "./state.js";
import { words } from "./words.js";

const USUAL_SECONDS = 45;
let busy = false;

export function watchTraining(done) {
  byId("train").disabled = !state.me.writable;
  byId("train").onclick = async () => {
    try {
      show(await api.train());
      follow(done);
    } catch (problem) {
      complain(problem);
    }
  };
  show(state.me.training);
  if (isOn(state.me.training)) follow(done);
}

const isOn = (training) => training.state === "training" || training.state === "loading";

function show(training) {
  const told = words.training[training.state];
  byId("training-state").textContent = typeof told === "function" ? told(training.seconds) : told;
  byId("training").dataset.state = training.state;
  byId("train").disabled = isOn(training) || !state.me.writable;
  const bar = byId("training-progress");
  bar.hidden = !isOn(training);
  // Nobody knows how long it takes: the bar nears its end without reaching it.
  bar.value = training.state === "loading" ? 0.96 : 0.95 * (1 - Math.exp((-1.6 * training.seconds) / USUAL_SECONDS));
}

async function follow(done) {
  if (busy) return;
  busy = true;
  try {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      const training = await api.training().catch((problem) => {
        if (problem.code === "away") return null;
        throw problem;
      });
      if (training === null) continue;
      show(training);
      if (isOn(training)) continue;
      if (training.state === "failed") notify("error", words.training.failedNotice, training.said);
      else {
        notify("success", words.training.doneNotice);
        await done();
      }
      return;
    }
  } catch (problem) {
    complain(problem);
  } finally {
    busy = false;
  }
}
