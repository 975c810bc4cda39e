// What the page knows, kept up to date by long polling.

import { api } from "./api.js";

const KEEP_MESSAGES = 500;
const KEEP_EXCHANGES = 300;

export const state = {
  bot: "",
  connected: true,
  residents: new Map(),
  messages: new Map(), // by resident, then by number
  exchanges: [],
  banners: [],
  current: { viber: null, vk: null },
  read: new Map(), // the last number that was on screen, by resident
};

const listeners = new Set();
let scheduled = false;

export function onChange(listener) {
  listeners.add(listener);
}

export function changed() {
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    for (const listener of listeners) listener();
  });
}

export function residentsOf(messenger) {
  return [...state.residents.values()].filter((resident) => resident.messenger === messenger);
}

export function messagesOf(key) {
  return [...(state.messages.get(key)?.values() ?? [])];
}

export function unreadOf(key) {
  const read = state.read.get(key) ?? 0;
  return messagesOf(key).filter((message) => message.author === "bot" && message.number > read).length;
}

export function select(resident) {
  state.current[resident.messenger] = resident.key;
  changed();
}

export async function addResident(messenger) {
  const resident = await api.createResident(messenger);
  state.residents.set(resident.key, resident);
  select(resident);
}

function addMessage({ resident, ...message }) {
  if (!state.messages.has(resident)) state.messages.set(resident, new Map());
  const chat = state.messages.get(resident);
  chat.set(message.number, message);
  if (chat.size > KEEP_MESSAGES) chat.delete(chat.keys().next().value);
}

function addExchange(exchange) {
  state.exchanges.push(exchange);
  if (state.exchanges.length > KEEP_EXCHANGES) state.exchanges.shift();
}

const TAKE = {
  resident: (resident) => state.residents.set(resident.key, resident),
  message: addMessage,
  exchange: addExchange,
  banners: (banners) => { state.banners = banners.shown; },
};

async function takeEverything(update) {
  state.bot = update.bot;
  state.residents = new Map(update.residents.map((resident) => [resident.key, resident]));
  state.messages = new Map();
  update.messages.forEach(addMessage);
  state.exchanges = update.exchanges;
  state.banners = update.banners.shown;
  for (const messenger of ["viber", "vk"]) {
    const present = residentsOf(messenger);
    if (!present.some((resident) => resident.key === state.current[messenger])) {
      if (present.length) state.current[messenger] = present.at(-1).key;
      else await addResident(messenger);
    }
  }
}

export async function follow() {
  let since = 0;
  let pause = 500;
  for (;;) {
    try {
      const update = await api.updates(since);
      if (update.all) await takeEverything(update);
      else update.changes.forEach(({ kind, item }) => TAKE[kind]?.(item));
      since = update.now;
      pause = 500;
      state.connected = true;
    } catch {
      state.connected = false;
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, 5000);
      since = 0;
    }
    changed();
  }
}
