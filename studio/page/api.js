// The page's JSON API. A problem has a code, for which words.js has a sentence.

export class Problem extends Error {
  constructor(code, details = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

let token = "";
export let lost = () => {};
export const onLost = (handler) => { lost = handler; };

async function ask(method, path, body) {
  const request = { method, headers: {} };
  if (method !== "GET") {
    request.headers["Content-Type"] = "application/json";
    request.headers["X-Studio-Token"] = token;
    request.body = JSON.stringify(body ?? {});
  }
  let response;
  try {
    response = await fetch(`/studio/api${path}`, request);
  } catch {
    throw new Problem("away");
  }
  if (response.status === 204) return null;
  const data = await response.json().catch(() => ({}));
  if (response.status === 401 && data.problem === "session") lost();
  if (!response.ok) throw new Problem(data.problem ?? "unknown", data);
  return data;
}

function query(values) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) parameters.set(name, value);
  return parameters.size ? `?${parameters}` : "";
}

export const api = {
  login: (password) => ask("POST", "/login", { password }),
  isOpen: async () => (await ask("GET", "/session")).open,
  logout: () => ask("POST", "/logout"),
  me: async () => {
    const me = await ask("GET", "/me");
    token = me.token;
    return me;
  },
  groups: (filter) => ask("GET", `/groups${query(filter)}`),
  // `said` are {text, hidden}; `hidden` are the shapes of its hidden numbers.
  teach: (intent, said, sure) => ask("POST", "/phrases", { intent, sure,
    phrases: said.map((one) => one.text), hidden: Object.fromEntries(said.map((one) => [one.text, one.hidden ?? []])) }),
  takeBack: ({ intent, added, moved }) => ask("POST", "/phrases/back", { intent, phrases: added, moved }),
  alike: (filter, phrase, intent) => ask("GET", `/alike${query({ ...filter, phrase, intent })}`),
  training: () => ask("GET", "/training"),
  train: () => ask("POST", "/training"),
  conversations: (filter) => ask("GET", `/conversations${query(filter)}`),
  conversation: (id) => ask("GET", `/conversations/${id}`),
  story: (id, name) => ask("POST", `/conversations/${id}/story`, { name }),
  rehearse: (text) => ask("POST", "/rehearsals", { text }),
  saveStory: (feature, text) => ask("POST", "/stories", { feature, text }),
  funnel: (filter) => ask("GET", `/funnel${query(filter)}`),
};
