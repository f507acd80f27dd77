// What the service says when it cannot answer (problem+json), as an error that the parts can show in words.

export interface ProblemBody {
  code: string;
  title: string;
  status: number;
  detail?: string | null;
  /** The parameter, field or header it is about. */
  field?: string | null;
  request_id?: string | null;
  /** The present state, where a change was refused because another came before it (`version_conflict`). */
  current?: unknown;
}

/** An answer that is no success. `code` is stable; the texts of the service are English. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly detail: string | null;
  readonly field: string | null;
  readonly requestId: string | null;
  readonly current: unknown;
  /** Seconds to wait before trying again, where the service said so. */
  readonly retryAfter: number | null;

  constructor(body: ProblemBody, retryAfter: number | null = null) {
    super(body.title);
    this.name = "Problem";
    this.code = body.code;
    this.status = body.status;
    this.detail = body.detail ?? null;
    this.field = body.field ?? null;
    this.requestId = body.request_id ?? null;
    this.current = body.current;
    this.retryAfter = retryAfter;
  }
}

/** Whether it means "there is no such thing here". */
export const isMissing = (error: unknown) => error instanceof Problem && error.status === 404;

/** Reads a failed response. A body that is no problem+json becomes one. */
export async function problemOf(response: Response): Promise<Problem> {
  const after = Number(response.headers.get("retry-after"));
  let body: ProblemBody = { code: "unreadable", title: response.statusText, status: response.status };
  try {
    const read: unknown = await response.json();
    if (typeof read === "object" && read !== null && "code" in read) body = { ...body, ...(read as ProblemBody) };
  } catch {
    // No JSON: a proxy in between, or a server that is going down.
  }
  return new Problem(body, Number.isFinite(after) && after > 0 ? after : null);
}

/** The service could not be reached at all. */
export const unreachable = () =>
  new Problem({ code: "unreachable", title: "The service cannot be reached.", status: 0 });
