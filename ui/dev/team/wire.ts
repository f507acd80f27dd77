// What goes in and out of the stand-in for the server of a team: one request, one answer, and the refusals that it
// gives in the form of RFC 9457, as the server does.

/** One request, with its whole body. */
export interface Asked {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Uint8Array;
}

/** One answer. A body that is no bytes is written as JSON. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** A refusal that is thrown where it is found and written where the request came in. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly more: Record<string, unknown> = {},
    readonly headers: Record<string, string> = {},
  ) {
    super(detail);
  }

  answer(): Answer {
    return {
      status: this.status,
      headers: { "content-type": "application/problem+json", ...this.headers },
      body: {
        type: `/problems/${this.code}`,
        code: this.code,
        title: this.code.replaceAll("_", " "),
        status: this.status,
        detail: this.detail,
        field: null,
        documentation: `docs/reference/errors.md#${this.code}`,
        request_id: "dev-1",
        ...this.more,
      },
    };
  }
}

/** The JSON object of a request, or a refusal. */
export function json(asked: Asked): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(asked.body));
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new Refusal(400, "body_invalid", "the body is no JSON object");
}

/** A text field that has to be there. */
export function text(body: Record<string, unknown>, field: string, max = 10_000): string {
  const value = body[field];
  if (typeof value !== "string" || value.trim() === "" || value.length > max)
    throw new Refusal(400, "field_invalid", `\`${field}\` is a text of 1 to ${max} characters`, { field });
  return value;
}

/** Seconds since 1970. */
export const now = (): number => Math.floor(Date.now() / 1000);

/** The page of a list that `limit` and `cursor` ask for. */
export function page<T>(rows: T[], query: URLSearchParams): { rows: T[]; next: string | null } {
  const limit = Number(query.get("limit") ?? 100);
  const from = Number(query.get("cursor") ?? 0);
  if (!(limit >= 1 && limit <= 1000) || !(from >= 0))
    throw new Refusal(400, "parameter_invalid", "`limit` is 1 to 1000", { field: "limit" });
  return { rows: rows.slice(from, from + limit), next: from + limit < rows.length ? String(from + limit) : null };
}
