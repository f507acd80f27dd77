// Users, sessions, keys and the audit log of the stand-in, in memory. Its users and passwords are invented and written
// here for everybody to read: it stands in for a server while pages are written, and is never built into one.

import { createHash, randomBytes } from "node:crypto";
import { type Answer, type Asked, json, now, page, Refusal, text } from "./wire";

export const ROLES = ["viewer", "analyst", "supervisor", "admin"] as const;
export type Role = (typeof ROLES)[number];

const SCOPES: Record<Role, string[]> = {
  viewer: ["read", "screen", "case_read"],
  analyst: ["read", "screen", "case_read", "write", "case_write"],
  supervisor: ["read", "screen", "case_read", "write", "case_write", "supervise"],
  admin: ["read", "screen", "case_read", "write", "case_write", "supervise", "admin"],
};

export interface User {
  id: number;
  version: number;
  name: string;
  display: string;
  role: Role;
  language: string | null;
  disabled: boolean;
  password: string;
}

interface Session {
  user: number;
  csrf: string;
}

interface Key {
  id: number;
  name: string;
  scopes: string[];
  created_s: number;
  expires_s: number;
}

interface Entry {
  seq: number;
  at_s: number;
  actor: string;
  action: string;
  target: string;
  outcome: string;
  hash: string;
}

/** The password of every user of the stand-in. */
export const PASSWORD = "a dry well in winter";

const LOCK_AFTER = 5;
const LOCK_S = 60;

export class People {
  users: User[] = [];
  entries: Entry[] = [];
  private sessions = new Map<string, Session>();
  private keys: Key[] = [];
  private failures = new Map<string, { n: number; until_s: number }>();
  private readonly localCsrf = randomBytes(16).toString("hex");
  private lastId = 0;

  constructor(readonly mode: "local" | "team") {
    if (mode === "local") {
      this.add("local", "local", "admin");
      return;
    }
    this.add("amal", "Amal Haddad", "admin");
    this.add("samir", "سمير النجّار", "supervisor");
    this.add("lina", "Lina Sorour", "analyst");
    this.add("omar", "عمر الكيلاني", "analyst");
    this.add("vera", "Vera Lindqvist", "viewer");
  }

  private add(name: string, display: string, role: Role, password = PASSWORD): User {
    this.lastId += 1;
    const user = { id: this.lastId, version: 1, name, display, role, language: null, disabled: false, password };
    this.users.push(user);
    return user;
  }

  /** Who asks, or nobody. Refuses a change without the session's token. */
  who(asked: Asked): User | null {
    if (this.mode === "local") {
      this.csrf(asked, this.localCsrf);
      return this.users[0] ?? null;
    }
    const session = this.session(asked);
    if (!session) return null;
    const user = this.users.find((u) => u.id === session.user && !u.disabled);
    if (user) this.csrf(asked, session.csrf);
    return user ?? null;
  }

  private csrf(asked: Asked, token: string): void {
    if (asked.method === "GET" || asked.method === "HEAD") return;
    if (asked.headers["x-athar-csrf"] !== token)
      throw new Refusal(403, "csrf", "the header X-Athar-CSRF is not the token");
  }

  private cookie(asked: Asked): string | undefined {
    return /(?:^|;\s*)athar_session=([0-9a-f]+)/.exec(asked.headers.cookie ?? "")?.[1];
  }

  private session(asked: Asked): Session | undefined {
    const id = this.cookie(asked);
    return id === undefined ? undefined : this.sessions.get(id);
  }

  /** Who asks, where they hold the scope. */
  need(asked: Asked, scope: string): User {
    const user = this.who(asked);
    if (!user) throw new Refusal(401, "unauthenticated", "no session");
    if (!SCOPES[user.role].includes(scope)) throw new Refusal(403, "scope_missing", `needs the scope \`${scope}\``);
    return user;
  }

  /** Whether a person holds a scope. */
  may = (user: User, scope: string): boolean => SCOPES[user.role].includes(scope);

  audit(actor: number | string, action: string, target: string, outcome = "done"): void {
    const seq = this.entries.length + 1;
    const before = this.entries.at(-1)?.hash ?? "";
    const entry = { seq, at_s: now(), actor: String(actor), action, target, outcome };
    const hash = createHash("sha256")
      .update(before + JSON.stringify(entry))
      .digest("hex");
    this.entries.push({ ...entry, hash });
  }

  /** The answer where the path is one of people, sessions, keys or the audit log. */
  handle(asked: Asked): Answer | null {
    const { method, path } = asked;
    const id = Number(/\/(\d+)$/.exec(path)?.[1] ?? 0);
    const rest = path.replace(/\/\d+$/, "/{id}");
    switch (`${method} ${rest}`) {
      case "GET /v1/session":
        return { status: 200, body: this.shape(asked) };
      case "POST /v1/session":
        return this.login(asked);
      case "DELETE /v1/session":
        this.who(asked);
        this.sessions.delete(this.cookie(asked) ?? "");
        return { status: 204, headers: { "set-cookie": "athar_session=; Path=/; Max-Age=0" } };
      case "POST /v1/session/password":
        return this.password(asked);
      case "POST /v1/session/language": {
        this.need(asked, "read").language = text(json(asked), "language", 8);
        return { status: 204 };
      }
      case "GET /v1/users":
        this.need(asked, "case_read");
        return { status: 200, body: { users: this.users.map((u) => this.public(u)) } };
      case "POST /v1/users":
        return this.addUser(asked);
      case "PATCH /v1/users/{id}":
        return this.change(asked, id);
      case "DELETE /v1/users/{id}": {
        const me = this.need(asked, "admin");
        if (me.id === id) throw new Refusal(409, "own_account", "nobody erases the own account");
        this.users = this.users.filter((u) => u.id !== id);
        this.audit(me.id, "user.erase", `user:${id}`);
        return { status: 204 };
      }
      case "GET /v1/keys":
        this.need(asked, "admin");
        return { status: 200, body: { keys: this.keys } };
      case "POST /v1/keys":
        return this.addKey(asked);
      case "DELETE /v1/keys/{id}":
        this.audit(this.need(asked, "admin").id, "key.revoke", `key:${id}`);
        this.keys = this.keys.filter((k) => k.id !== id);
        return { status: 204 };
      case "GET /v1/audit": {
        this.need(asked, "supervise");
        const actor = asked.query.get("actor");
        const one = asked.query.get("case");
        const rows = this.entries
          .filter((e) => (actor === null || e.actor === actor) && (one === null || e.target.startsWith(`case:${one}`)))
          .reverse();
        const { rows: entries, next } = page(rows, asked.query);
        return { status: 200, body: { entries, next } };
      }
      case "GET /v1/audit/verify": {
        this.need(asked, "supervise");
        const head = this.entries.at(-1)?.hash ?? "";
        return { status: 200, body: { entries: this.entries.length, ok: true, broken_at: null, head } };
      }
      default:
        return null;
    }
  }

  private public = (u: User) => ({
    id: u.id,
    version: u.version,
    name: u.name,
    display: u.display,
    role: u.role,
    disabled: u.disabled,
  });

  private shape(asked: Asked): Record<string, unknown> {
    const session = this.session(asked);
    const user = this.mode === "local" ? this.users[0] : this.users.find((u) => u.id === session?.user && !u.disabled);
    return {
      mode: this.mode,
      user: user
        ? { id: user.id, name: user.name, display: user.display, role: user.role, language: user.language }
        : null,
      scopes: user ? SCOPES[user.role] : [],
      csrf: this.mode === "local" ? this.localCsrf : (session?.csrf ?? null),
      login: { password: true, oidc: { name: "Agency sign-in", start: "/v1/session/oidc" } },
      expires_s: user ? 1800 : null,
      version: "0.1.0",
      chains: ["bitcoin"],
      demo: null,
    };
  }

  private login(asked: Asked): Answer {
    const body = json(asked);
    const name = text(body, "name", 64);
    const failed = this.failures.get(name) ?? { n: 0, until_s: 0 };
    if (failed.until_s > now()) {
      const wait = String(failed.until_s - now());
      throw new Refusal(429, "login_locked", "too many failures", {}, { "retry-after": wait });
    }
    const user = this.users.find((u) => u.name === name && !u.disabled && u.password === body.password);
    if (!user) {
      failed.n += 1;
      if (failed.n >= LOCK_AFTER) Object.assign(failed, { n: 0, until_s: now() + LOCK_S });
      this.failures.set(name, failed);
      this.audit("-", "session.login", "session", "refused");
      throw new Refusal(401, "login_refused", "the name or the password is wrong");
    }
    this.failures.delete(name);
    const id = randomBytes(16).toString("hex");
    this.sessions.set(id, { user: user.id, csrf: randomBytes(16).toString("hex") });
    this.audit(user.id, "session.login", "session");
    const headers = { ...asked.headers, cookie: `athar_session=${id}` };
    return {
      status: 200,
      headers: { "set-cookie": `athar_session=${id}; Path=/; HttpOnly; SameSite=Strict` },
      body: this.shape({ ...asked, headers }),
    };
  }

  private password(asked: Asked): Answer {
    const user = this.need(asked, "read");
    const body = json(asked);
    if (body.current !== user.password)
      throw new Refusal(400, "field_invalid", "is not the present password", { field: "current" });
    const fresh = text(body, "new", 256);
    if (fresh.length < 12) throw new Refusal(400, "password_weak", "at least 12 characters", { field: "new" });
    user.password = fresh;
    const own = this.cookie(asked);
    for (const [id, session] of this.sessions) if (session.user === user.id && id !== own) this.sessions.delete(id);
    this.audit(user.id, "user.password", `user:${user.id}`);
    return { status: 204 };
  }

  private role(value: unknown): Role {
    const role = ROLES.find((r) => r === value);
    if (!role) throw new Refusal(400, "field_invalid", "`role` is none", { field: "role" });
    return role;
  }

  private addUser(asked: Asked): Answer {
    const me = this.need(asked, "admin");
    const body = json(asked);
    const name = text(body, "name", 64);
    if (this.users.some((u) => u.name === name))
      throw new Refusal(409, "name_taken", "the name is taken", { field: "name" });
    const generated = typeof body.password === "string" ? null : randomBytes(12).toString("base64url");
    const user = this.add(name, text(body, "display", 128), this.role(body.role), generated ?? String(body.password));
    this.audit(me.id, "user.add", `user:${user.id}`);
    return { status: 201, body: { user: this.public(user), password: generated } };
  }

  private change(asked: Asked, id: number): Answer {
    const me = this.need(asked, "admin");
    const user = this.users.find((u) => u.id === id);
    if (!user) throw new Refusal(404, "user_unknown", "no such user");
    const body = json(asked);
    if (body.version !== user.version)
      throw new Refusal(409, "version_conflict", "changed meanwhile", { current: this.public(user) });
    if (body.role !== undefined) user.role = this.role(body.role);
    if (body.display !== undefined) user.display = text(body, "display", 128);
    if (typeof body.disabled === "boolean") user.disabled = body.disabled;
    if (body.password !== undefined) user.password = text(body, "password", 256);
    user.version += 1;
    this.audit(me.id, "user.change", `user:${user.id}`);
    return { status: 200, body: this.public(user) };
  }

  private addKey(asked: Asked): Answer {
    const me = this.need(asked, "admin");
    const body = json(asked);
    const days = Number(body.days);
    if (!(days >= 1 && days <= 3650)) throw new Refusal(400, "field_invalid", "`days` is 1 to 3650", { field: "days" });
    this.lastId += 1;
    const scopes = Array.isArray(body.scopes) ? body.scopes.filter((s) => typeof s === "string") : [];
    const key = {
      id: this.lastId,
      name: text(body, "name", 64),
      scopes,
      created_s: now(),
      expires_s: now() + days * 86_400,
    };
    this.keys.push(key);
    this.audit(me.id, "key.make", `key:${key.id}`);
    return { status: 201, body: { key, token: `athar_${randomBytes(24).toString("base64url")}` } };
  }
}
