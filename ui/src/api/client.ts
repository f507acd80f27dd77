// The one way in which the application speaks to its service: same origin, JSON, with the token against forged requests
// on everything that changes something. Paths are written as templates of openapi.json, with their types.
import createClient from "openapi-fetch";
import { Problem, problemOf, unreachable } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

let csrf: string | null = null;
let onRefused: (() => void) | null = null;

/** Sets the token that changes carry; the session gives it. */
export function setCsrf(token: string | null): void {
  csrf = token;
}

/** Sets what happens when the service says that nobody is logged in. */
export function setOnRefused(what: (() => void) | null): void {
  onRefused = what;
}

type Scalar = string | number | boolean | null | undefined;
/** Values of a query; `undefined`, `null` and empty text are left out, lists are repeated. */
export type Query = Record<string, Scalar | readonly Scalar[]>;

/** A path with its places filled and its query, as it is asked for and as evidence names it. */
export function pathOf(template: string, path?: Record<string, string | number>, query?: Query): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path?.[name] ?? "")));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? (value as Scalar[]) : [value as Scalar]) {
      if (one !== undefined && one !== null && one !== "") search.append(name, String(one));
    }
  }
  const text = search.toString();
  return text ? `${filled}?${text}` : filled;
}

export interface CallOptions {
  query?: Query;
  /** JSON body; a Blob, a FormData or text is sent as it is. */
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

async function send(request: Request): Promise<Response> {
  if (csrf && request.method !== "GET" && request.method !== "HEAD") request.headers.set("X-Athar-CSRF", csrf);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw unreachable();
  }
  if (response.status === 401 && !new URL(request.url).pathname.startsWith("/v1/session")) onRefused?.();
  return response;
}

/** Asks and gives the response as it is (files); a failure is thrown as a [`Problem`]. */
export async function callRaw(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  let body: BodyInit | undefined;
  if (options.body instanceof Blob || options.body instanceof FormData || typeof options.body === "string") {
    body = options.body;
  } else if (options.body !== undefined) {
    body = JSON.stringify(options.body);
    headers.set("Content-Type", "application/json");
  }
  const url = new URL(pathOf(path, undefined, options.query), window.location.origin);
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (body !== undefined) init.body = body;
  if (options.signal) init.signal = options.signal;
  const response = await send(new Request(url, init));
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Asks and reads the JSON of the answer; `undefined` for an answer without a body. */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const response = await callRaw(method, path, options);
  const text = await response.text();
  if (!text) return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Problem({ code: "unreadable", title: "The answer is no JSON.", status: response.status });
  }
}

/** The client with the types of openapi.json, for routes that are described there. */
export const client = createClient<paths>({ fetch: send });
