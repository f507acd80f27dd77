// Cases of the stand-in, in memory: members, items with versions, attachments, a history with undo and redo, and what
// other teams know of the same subject. It follows the server's rules so that pages meet the same refusals.

import { createHash } from "node:crypto";
import type { People, User } from "./people";
import { type Answer, type Asked, json, now, page, Refusal, text } from "./wire";
import { unzip, zip } from "./zip";

export const KINDS = ["subjects", "notes", "findings", "tasks", "links", "graphs"] as const;
type Kind = (typeof KINDS)[number];
type Body = Record<string, unknown>;

interface Item {
  id: number;
  version: number;
  created_s: number;
  created_by: number;
  changed_s: number;
  changed_by: number;
  body: Body;
}

interface Attachment {
  id: number;
  name: string;
  media: string;
  bytes: number;
  blake3: string;
  sha256: string;
  created_s: number;
  created_by: number;
}

interface Change {
  seq: number;
  at_s: number;
  by: number;
  action: string;
  kind: string;
  item: number | null;
  undone: boolean;
  summary: string;
  before: Body | null;
  after: Body | null;
}

interface Case {
  id: number;
  version: number;
  title: string;
  state: string;
  summary: string;
  legal_basis: string;
  retention_until: string | null;
  humanitarian: { flag: boolean; note: string };
  disclosure: string;
  created_s: number;
  created_by: number;
  changed_s: number;
}

interface Kept {
  head: Case;
  members: Map<number, string>;
  items: Record<Kind, Map<number, Item>>;
  attachments: Map<number, { meta: Attachment; data: Uint8Array }>;
  changes: Change[];
}

const FIELDS = ["title", "state", "summary", "legal_basis", "retention_until", "humanitarian", "disclosure"] as const;

/** Asks a path of the reads again, as the server does for a finding. */
export type AskAgain = (path: string) => Promise<Record<string, unknown>>;

export class Cases {
  private readonly cases = new Map<number, Kept>();
  private lastId = 0;

  constructor(
    private readonly people: People,
    private readonly askAgain: AskAgain,
  ) {}

  private id = (): number => (this.lastId += 1);

  /** The answer where the path is one of cases. */
  async handle(asked: Asked): Promise<Answer | null> {
    const parts = asked.path.split("/").slice(2);
    if (asked.path === "/v1/deconfliction") {
      const me = this.people.need(asked, "case_read");
      const [kind, chain, value] = ["kind", "chain", "value"].map((name) => asked.query.get(name));
      return { status: 200, body: { also_in: this.alsoIn(me, { kind, chain, value }, 0) } };
    }
    if (asked.path === "/v1/tasks") return this.tasks(asked);
    if (parts[0] !== "cases") return null;
    if (parts.length === 1) return asked.method === "POST" ? this.make(asked) : this.list(asked);
    if (parts[1] === "import") return this.import(asked);
    const me = this.people.need(asked, asked.method === "GET" ? "case_read" : "case_write");
    const one = this.find(me, Number(parts[1]));
    if (asked.method !== "GET") this.writable(me, one);
    const [, , what, which, verb] = parts;
    if (asked.method !== "GET")
      this.people.audit(me.id, `${what ?? "case"}.${asked.method.toLowerCase()}`, `case:${one.head.id}`);
    else this.people.audit(me.id, `${what ?? "case"}.read`, `case:${one.head.id}`);
    if (what === undefined) return this.head(asked, me, one);
    if (what === "members") return this.member(asked, me, one, Number(which));
    if (what === "history") return this.history(asked, one);
    if (what === "undo") return { status: 200, body: this.undo(asked, me, one) };
    if (what === "redo") return { status: 200, body: this.redo(me, one) };
    if (what === "export") return this.export(one);
    if (what === "attachments") return this.attachment(asked, me, one, which === undefined ? null : Number(which));
    const kind = KINDS.find((k) => k === what);
    if (!kind) throw new Refusal(404, "path_unknown", asked.path);
    if (kind === "findings" && verb === "check") return this.check(one, Number(which));
    return this.item(asked, me, one, kind, which === undefined ? null : Number(which));
  }

  private find(me: User, id: number): Kept {
    const one = this.cases.get(id);
    if (!one || !(one.members.has(me.id) || this.people.may(me, "supervise")))
      throw new Refusal(404, "case_unknown", `no case ${id}`);
    return one;
  }

  private writable(me: User, one: Kept): void {
    const role = one.members.get(me.id);
    if (role !== "owner" && role !== "editor" && !this.people.may(me, "supervise"))
      throw new Refusal(403, "case_read_only", "reads only in this case");
  }

  private view(me: User, one: Kept): Body {
    const counts: Record<string, number> = { attachments: one.attachments.size };
    for (const kind of KINDS) counts[kind] = one.items[kind].size;
    counts.tasks_open = [...one.items.tasks.values()].filter((t) => t.body.done !== true).length;
    const members = [...one.members].map(([user, role]) => {
      const known = this.people.users.find((u) => u.id === user);
      return { user, display: known?.display ?? "", role };
    });
    return { ...one.head, role: one.members.get(me.id) ?? null, members, counts };
  }

  private list(asked: Asked): Answer {
    const me = this.people.need(asked, "case_read");
    const state = asked.query.get("state");
    const past = asked.query.get("past_retention") === "true";
    const today = new Date().toISOString().slice(0, 10);
    const q = (asked.query.get("q") ?? "").toLowerCase();
    const all = [...this.cases.values()]
      .filter((c) => c.members.has(me.id) || this.people.may(me, "supervise"))
      .filter((c) => state === null || c.head.state === state)
      .filter((c) => !past || (c.head.retention_until !== null && c.head.retention_until < today))
      .filter((c) => `${c.head.title} ${c.head.summary}`.toLowerCase().includes(q))
      .reverse();
    const { rows, next } = page(all, asked.query);
    return { status: 200, body: { cases: rows.map((c) => this.view(me, c)), next } };
  }

  private create(me: User, body: Body): Kept {
    const at = now();
    const head: Case = {
      id: this.id(),
      version: 1,
      title: text(body, "title", 200),
      state: "open",
      summary: String(body.summary ?? ""),
      legal_basis: String(body.legal_basis ?? ""),
      retention_until: (body.retention_until as string | null | undefined) ?? null,
      humanitarian: (body.humanitarian as Case["humanitarian"] | undefined) ?? { flag: false, note: "" },
      disclosure: String(body.disclosure ?? "contact"),
      created_s: at,
      created_by: me.id,
      changed_s: at,
    };
    const items = Object.fromEntries(KINDS.map((kind) => [kind, new Map()])) as Kept["items"];
    const one = { head, members: new Map([[me.id, "owner"]]), items, attachments: new Map(), changes: [] };
    this.cases.set(head.id, one);
    this.people.audit(me.id, "case.make", `case:${head.id}`);
    return one;
  }

  private make(asked: Asked): Answer {
    const me = this.people.need(asked, "case_write");
    return { status: 201, body: this.view(me, this.create(me, json(asked))) };
  }

  private head(asked: Asked, me: User, one: Kept): Answer {
    if (asked.method === "DELETE") {
      this.people.need(asked, "supervise");
      this.version(Number(asked.query.get("version")), one.head.version, this.view(me, one));
      this.cases.delete(one.head.id);
      return { status: 204 };
    }
    if (asked.method === "PATCH") {
      const body = json(asked);
      this.version(Number(body.version), one.head.version, this.view(me, one));
      const fields = FIELDS.filter((f) => body[f] !== undefined);
      const pick = () => Object.fromEntries(fields.map((f) => [f, one.head[f]]));
      const before = pick();
      Object.assign(one.head, Object.fromEntries(fields.map((f) => [f, body[f]])));
      this.changed(me, one, "change", "case", null, before, pick());
    }
    return { status: 200, body: this.view(me, one) };
  }

  private version(saw: number, is: number, current: unknown): void {
    if (saw !== is) throw new Refusal(409, "version_conflict", `version ${is} is stored`, { current });
  }

  private changed(
    me: User,
    one: Kept,
    action: string,
    kind: string,
    item: number | null,
    before: Body | null,
    after: Body | null,
  ): Change {
    const body = after ?? before ?? {};
    const words =
      body.title ?? body.value ?? body.text ?? body.statement ?? body.name ?? body.why ?? Object.keys(body).join(", ");
    const change = {
      seq: one.changes.length + 1,
      at_s: now(),
      by: me.id,
      action,
      kind,
      item,
      undone: false,
      summary: String(words).slice(0, 120),
      before,
      after,
    };
    one.changes.push(change);
    one.head.version += kind === "case" ? 1 : 0;
    one.head.changed_s = change.at_s;
    return change;
  }

  private member(asked: Asked, me: User, one: Kept, user: number): Answer {
    if (one.members.get(me.id) !== "owner" && !this.people.may(me, "supervise"))
      throw new Refusal(403, "owner_needed", "only an owner changes members");
    const owners = [...one.members].filter(([id, role]) => role === "owner" && id !== user).length;
    const role = asked.method === "PUT" ? text(json(asked), "role") : null;
    if (role !== "owner" && owners === 0) throw new Refusal(409, "state_refused", "a case keeps one owner at least");
    if (role === null) one.members.delete(user);
    else one.members.set(user, role);
    this.changed(me, one, role === null ? "remove" : "set", "member", user, null, { name: role ?? "" });
    return role === null ? { status: 204 } : { status: 200, body: this.view(me, one) };
  }

  private item(asked: Asked, me: User, one: Kept, kind: Kind, id: number | null): Answer {
    const items = one.items[kind];
    if (id === null) {
      if (asked.method === "GET") {
        const { rows, next } = page([...items.values()], asked.query);
        return { status: 200, body: { items: rows, next } };
      }
      const at = now();
      const body = json(asked);
      const item = {
        id: this.id(),
        version: 1,
        created_s: at,
        created_by: me.id,
        changed_s: at,
        changed_by: me.id,
        body,
      };
      const more = kind === "subjects" ? { also_in: this.alsoIn(me, body, one.head.id) } : {};
      items.set(item.id, item);
      this.changed(me, one, "add", kind, item.id, null, body);
      return { status: 201, body: { ...item, ...more } };
    }
    const item = items.get(id);
    if (!item) throw new Refusal(404, "item_unknown", `no ${kind} ${id}`);
    if (asked.method === "DELETE") {
      this.version(Number(asked.query.get("version")), item.version, item);
      items.delete(id);
      this.changed(me, one, "remove", kind, id, item.body, null);
      return { status: 204 };
    }
    if (asked.method === "PUT") {
      const body = json(asked);
      this.version(Number(body.version), item.version, item);
      this.changed(me, one, "change", kind, id, item.body, body.body as Body);
      this.put(me, item, body.body as Body);
    }
    return { status: 200, body: item };
  }

  private put(me: User, item: Item, body: Body): void {
    Object.assign(item, { body, version: item.version + 1, changed_s: now(), changed_by: me.id });
  }

  private alsoIn(me: User, subject: Body, own: number): Body[] {
    const found: Body[] = [];
    for (const other of this.cases.values()) {
      if (other.head.id === own || other.head.disclosure === "nothing") continue;
      const same = [...other.items.subjects.values()].some(
        ({ body }) =>
          body.kind === subject.kind &&
          body.value === subject.value &&
          (body.chain ?? null) === (subject.chain ?? null),
      );
      if (!same) continue;
      const owner = [...other.members].find(([, role]) => role === "owner")?.[0];
      const contact = this.people.users.find((u) => u.id === owner)?.display ?? null;
      const seen = other.members.has(me.id) || other.head.disclosure === "title";
      found.push({ case: seen ? other.head.id : null, title: seen ? other.head.title : null, contact });
    }
    return found;
  }

  private tasks(asked: Asked): Answer {
    const me = this.people.need(asked, "case_read");
    const assigned = asked.query.get("assigned") === "true";
    const tasks = [...this.cases.values()]
      .filter((c) => c.members.has(me.id))
      .flatMap((c) => [...c.items.tasks.values()].map((t) => ({ ...t, case: c.head.id, case_title: c.head.title })))
      .filter((t) => t.body.done !== true && (!assigned || t.body.assignee === me.id));
    return { status: 200, body: { tasks } };
  }

  private attachment(asked: Asked, me: User, one: Kept, id: number | null): Answer {
    if (id === null && asked.method === "GET")
      return { status: 200, body: { items: [...one.attachments.values()].map((a) => a.meta), next: null } };
    if (id === null) {
      const sha256 = createHash("sha256").update(asked.body).digest("hex");
      const name = asked.query.get("name") ?? "file";
      const meta: Attachment = {
        id: this.id(),
        name,
        media: asked.headers["content-type"] ?? "application/octet-stream",
        bytes: asked.body.length,
        // Node knows no BLAKE3; another digest of the same length stands in its place here
        blake3: createHash("blake2s256").update(asked.body).digest("hex"),
        sha256,
        created_s: now(),
        created_by: me.id,
      };
      one.attachments.set(meta.id, { meta, data: asked.body });
      this.changed(me, one, "add", "attachments", meta.id, null, { name });
      return { status: 201, body: meta };
    }
    const kept = one.attachments.get(id);
    if (!kept) throw new Refusal(404, "item_unknown", `no attachment ${id}`);
    if (asked.method === "DELETE") {
      one.attachments.delete(id);
      this.changed(me, one, "remove", "attachments", id, { name: kept.meta.name }, null);
      return { status: 204 };
    }
    const name = encodeURIComponent(kept.meta.name);
    const headers = {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename*=UTF-8''${name}`,
    };
    return { status: 200, headers, body: kept.data };
  }

  private history(asked: Asked, one: Kept): Answer {
    const { rows, next } = page([...one.changes].reverse(), asked.query);
    const changes = rows.map(({ seq, at_s, by, action, kind, item, undone, summary }) => ({
      seq,
      at_s,
      by,
      action,
      kind,
      item,
      undone,
      summary,
    }));
    return { status: 200, body: { changes, next } };
  }

  /** Puts the content of a change's thing to `want`. */
  private restore(me: User, one: Kept, change: Change, want: Body | null): void {
    if (change.kind === "case") {
      Object.assign(one.head, want, { version: one.head.version + 1, changed_s: now() });
      return;
    }
    const kind = KINDS.find((k) => k === change.kind);
    if (!kind || change.item === null)
      throw new Refusal(409, "state_refused", "a change of this kind cannot be undone");
    const item = one.items[kind].get(change.item);
    if (want === null) one.items[kind].delete(change.item);
    else if (item) this.put(me, item, want);
    else {
      const at = now();
      one.items[kind].set(change.item, {
        id: change.item,
        version: 1,
        created_s: at,
        created_by: me.id,
        changed_s: at,
        changed_by: me.id,
        body: want,
      });
    }
  }

  private undo(asked: Asked, me: User, one: Kept): Body {
    const seq = asked.body.length > 0 ? json(asked).seq : undefined;
    const able = (c: Change) => !c.undone && (c.kind === "case" || KINDS.some((k) => k === c.kind));
    const change =
      seq === undefined
        ? one.changes.findLast((c) => c.by === me.id && able(c))
        : one.changes.find((c) => c.seq === seq && able(c));
    if (!change) throw new Refusal(409, "state_refused", "there is nothing of yours to undo");
    const later = one.changes.some(
      (c) => c.seq > change.seq && !c.undone && c.kind === change.kind && c.item === change.item,
    );
    if (later) throw new Refusal(409, "state_refused", "something later touched the same thing");
    this.restore(me, one, change, change.before);
    change.undone = true;
    return { seq: change.seq, summary: change.summary };
  }

  private redo(me: User, one: Kept): Body {
    const change = one.changes.find((c) => c.by === me.id && c.undone);
    if (!change) throw new Refusal(409, "state_refused", "there is nothing to do again");
    this.restore(me, one, change, change.after);
    change.undone = false;
    return { seq: change.seq, summary: change.summary };
  }

  private async check(one: Kept, id: number): Promise<Answer> {
    const item = one.items.findings.get(id);
    if (!item) throw new Refusal(404, "item_unknown", `no finding ${id}`);
    const then = item.body.pinned as Body;
    const again = await this.askAgain(String(item.body.path));
    const names = [...new Set([...Object.keys(then), ...Object.keys(again)])];
    const differs = names.filter((name) => JSON.stringify(then[name]) !== JSON.stringify(again[name]));
    const body = {
      same: differs.length === 0,
      snapshot_then: item.body.snapshot,
      snapshot_now: again.snapshot ?? null,
      differs,
    };
    return { status: 200, body };
  }

  private export(one: Kept): Answer {
    const items = Object.fromEntries(KINDS.map((kind) => [kind, [...one.items[kind].values()]]));
    const data = new TextEncoder().encode(JSON.stringify({ case: one.head, ...items }));
    const files = [{ name: "case.json", data }];
    for (const { meta, data } of one.attachments.values()) files.push({ name: `attachments/${meta.sha256}`, data });
    const headers = {
      "content-type": "application/zip",
      "content-disposition": `attachment; filename="case-${one.head.id}.zip"`,
    };
    return { status: 200, headers, body: zip(files) };
  }

  private import(asked: Asked): Answer {
    const me = this.people.need(asked, "case_write");
    const file = unzip(asked.body).find((f) => f.name === "case.json");
    if (!file) throw new Refusal(400, "archive_invalid", "no case.json in the archive");
    const whole = JSON.parse(new TextDecoder().decode(file.data)) as { case: Body } & Record<Kind, Item[]>;
    const one = this.create(me, whole.case);
    for (const kind of KINDS) {
      for (const item of whole[kind]) {
        const id = this.id();
        one.items[kind].set(id, { ...item, id });
      }
    }
    return { status: 201, body: this.view(me, one) };
  }
}
