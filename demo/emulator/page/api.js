// The emulator's JSON API.

import { words } from "./words.js";

async function ask(method, path, body) {
  const request = { method };
  if (body instanceof Blob) {
    request.body = body;
    request.headers = { "Content-Type": body.type };
  } else if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { "Content-Type": "application/json" };
  }
  let response;
  try {
    response = await fetch(path, request);
  } catch {
    throw new Error(words.bot.lost); // what the browser says of it is not in Russian
  }
  const data = await response.json();
  if (!response.ok) throw new Error(data.error ?? `HTTP ${response.status}`);
  return data;
}

export const api = {
  updates: (since) => ask("GET", `/api/updates?since=${since}&timeout=25`),
  createResident: (messenger) => ask("POST", "/api/residents", { messenger }),
  act: (key, action, details = {}) => ask("POST", `/api/residents/${encodeURIComponent(key)}/${action}`, details),
  accounts: () => ask("GET", "/api/accounts"),
  banner: (kind, text) => ask("POST", "/api/banner", { kind, text }),
  confirmVk: () => ask("POST", "/api/vk/confirmation"),
  reset: () => ask("POST", "/api/reset"),
};
