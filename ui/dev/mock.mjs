// A service for writing pages before the real one has every route: what the real service (ATHAR_BACKEND) answers is
// passed on; the session, cases and the application's own reads are answered here, with invented data that is kept in
// memory and lost at the end. Only for development: nothing of it is in the built application.
//
//   ATHAR_BACKEND=http://127.0.0.1:8765 PORT=8899 node dev/mock.mjs
//   ATHAR_BACKEND=http://127.0.0.1:8899 npm run dev
//
// MOCK_MODE=team makes it ask for a login (any name; the password is "password"; the name is also the role).
import { createServer } from "node:http";

const backend = process.env.ATHAR_BACKEND ?? "http://127.0.0.1:8765";
const port = Number(process.env.PORT ?? 8899);
const isTeam = process.env.MOCK_MODE === "team";
const now = () => Math.floor(Date.now() / 1000);

const scopes = {
  viewer: ["read", "screen", "case_read"],
  analyst: ["read", "screen", "case_read", "write", "case_write"],
  supervisor: ["read", "screen", "case_read", "write", "case_write", "supervise"],
  admin: ["read", "screen", "case_read", "write", "case_write", "supervise", "admin"],
};
const users = [
  { id: 1, name: "local", display: "Local user", role: "admin", disabled: false, version: 1, language: null },
  { id: 2, name: "salma", display: "سلمى", role: "analyst", disabled: false, version: 1, language: "ar" },
  {
    id: 3,
    name: "supervisor",
    display: "Rita Supervisor",
    role: "supervisor",
    disabled: false,
    version: 1,
    language: "en",
  },
];
let who = isTeam ? null : users[0];
let ids = 100;
let keys = [];
const audit = [];
const cases = new Map();
const kinds = ["subjects", "notes", "findings", "tasks", "links", "graphs", "attachments"];

class Refused extends Error {
  constructor(status, code, detail, more = {}) {
    super(code);
    this.answer = { status, body: { type: `/problems/${code}`, code, title: code, status, detail, ...more } };
  }
}

function log(action, target) {
  audit.push({
    seq: audit.length + 1,
    at_s: now(),
    actor: who?.id ?? null,
    action,
    target,
    outcome: "ok",
    hash: "0".repeat(64),
  });
}

function change(found, kind, item, action, before) {
  found.history.push({
    seq: found.history.length + 1,
    at_s: now(),
    by: who?.id,
    action,
    kind,
    item,
    undone: false,
    summary: `${action} ${kind} ${item}`,
    before,
  });
}

function view(found) {
  const of = (kind) => found.items[kind].length;
  const counts = Object.fromEntries(kinds.map((kind) => [kind, of(kind)]));
  counts.tasks_open = found.items.tasks.filter((task) => !task.body.done).length;
  const { items: _items, history: _history, files: _files, ...rest } = found;
  return { ...rest, role: "owner", counts };
}

function makeCase(body) {
  const id = ++ids;
  const made = {
    id,
    version: 1,
    title: body.title,
    state: "open",
    summary: body.summary ?? "",
    legal_basis: body.legal_basis ?? "",
    retention_until: body.retention_until ?? null,
    humanitarian: body.humanitarian ?? { flag: false, note: "" },
    disclosure: body.disclosure ?? "contact",
    created_s: now(),
    created_by: who?.id ?? 1,
    changed_s: now(),
    members: [{ user: who?.id ?? 1, display: who?.display ?? "?", role: "owner" }],
    items: Object.fromEntries(kinds.map((kind) => [kind, []])),
    history: [],
    files: new Map(),
  };
  cases.set(id, made);
  return made;
}

async function ask(path) {
  const response = await fetch(backend + path);
  return response.ok ? response.json() : null;
}

/** Aggregated counterparties out of the transactions of an address: slow and only for development. */
async function counterparties(subject, query) {
  const address = subject.replace(/^entity:/, "");
  const of = query.get("of") ?? (subject.startsWith("entity:") ? "entity" : "address");
  const found = await ask(`/v1/address/${encodeURIComponent(address)}?limit=200`);
  if (!found) throw new Refused(404, "not_found", null);
  const parties = new Map();
  const note = (side, other, label, units, tx) => {
    const key = `${side} ${other}`;
    const row = parties.get(key) ?? {
      entity: other,
      address: other,
      side,
      label,
      category: null,
      severity: null,
      service: Boolean(label),
      amount: 0n,
      usd: 0,
      txs: 0,
      first_time: tx.time,
      last_time: tx.time,
      sample_txids: [],
      addresses: 1,
    };
    row.amount += BigInt(units);
    row.usd += (tx.output_usd ?? 0) * (Number(units) / Math.max(1, tx.output_sat));
    row.txs += 1;
    if (tx.time < row.first_time) row.first_time = tx.time;
    if (tx.time > row.last_time) row.last_time = tx.time;
    if (row.sample_txids.length < 5) row.sample_txids.push(tx.txid);
    parties.set(key, row);
  };
  const outputs = (found.outputs ?? []).slice(0, 60);
  for (const output of outputs) {
    const tx = await ask(`/v1/tx/${output.txid}`);
    const payer = tx?.inputs?.find((input) => input.address);
    if (payer)
      note("received", payer.entity ?? payer.address, payer.label ?? payer.labels?.[0] ?? null, output.value_sat, tx);
  }
  for (const txid of new Set(outputs.map((output) => output.spent_by).filter(Boolean))) {
    const tx = await ask(`/v1/tx/${txid}`);
    for (const output of tx?.outputs ?? []) {
      if (output.address && output.address !== address)
        note("sent", output.entity ?? output.address, output.label ?? output.labels?.[0] ?? null, output.value_sat, tx);
    }
  }
  const side = query.get("side") ?? "both";
  const sum = (which) =>
    [...parties.values()].filter((row) => row.side === which).reduce((a, row) => a + row.amount, 0n);
  const sums = { received: sum("received"), sent: sum("sent") };
  const rows = [...parties.values()]
    .filter((row) => side === "both" || row.side === side)
    .sort((a, b) => (b.amount > a.amount ? 1 : -1))
    .map(({ amount, usd, ...row }) => ({
      ...row,
      amount_units: String(amount),
      usd: Math.round(usd * 100) / 100,
      share: (Number(amount) / Number(sums[row.side] || 1n)).toFixed(6),
    }));
  const told = (which) => ({
    amount_units: String(sums[which]),
    usd: null,
    parties: rows.filter((row) => row.side === which).length,
  });
  return {
    subject,
    of,
    received: told("received"),
    sent: told("sent"),
    to_self: null,
    parties: rows,
    truncated: false,
    examined: {},
    snapshot: "mock",
    next: null,
  };
}

async function activity(subject, query) {
  const address = subject.replace(/^entity:/, "");
  const found = await ask(`/v1/address/${encodeURIComponent(address)}?limit=500`);
  if (!found) throw new Refused(404, "not_found", null);
  const by = query.get("by") ?? "month";
  const periods = new Map();
  const at = (time) => {
    const start = by === "day" ? time.slice(0, 10) : `${time.slice(0, 7)}-01`;
    if (!periods.has(start))
      periods.set(start, { start, received: 0n, received_usd: 0, sent: 0n, sent_usd: 0, txs: 0 });
    return periods.get(start);
  };
  const times = new Map();
  for (const output of found.outputs ?? []) {
    const into = at(output.time);
    into.received += BigInt(output.value_sat);
    into.received_usd += output.usd ?? 0;
    into.txs += 1;
    if (!output.spent_by) continue;
    if (!times.has(output.spent_by)) times.set(output.spent_by, (await ask(`/v1/tx/${output.spent_by}`))?.time);
    const time = times.get(output.spent_by);
    if (time) {
      const out = at(time);
      out.sent += BigInt(output.value_sat);
      out.sent_usd += output.usd ?? 0;
      out.txs += 1;
    }
  }
  const rows = [...periods.values()]
    .sort((a, b) => (a.start < b.start ? -1 : 1))
    .map(({ received, sent, ...row }) => ({ ...row, received_units: String(received), sent_units: String(sent) }));
  return { subject, of: "address", by, periods: rows, truncated: false, snapshot: "mock" };
}

async function resolve(text) {
  const matches = [];
  const words = [...new Set(text.match(/[A-Za-z0-9]{1,100}/g) ?? [])].slice(0, 200);
  for (const word of words) {
    if (/^[0-9a-f]{64}$/i.test(word)) {
      const tx = await ask(`/v1/tx/${word.toLowerCase()}`);
      const block = tx ? null : await ask(`/v1/block/${word.toLowerCase()}`);
      matches.push({
        kind: block ? "block" : "transaction",
        chain: "bitcoin",
        value: word.toLowerCase(),
        known: Boolean(tx ?? block),
        title: null,
        category: null,
        entity: null,
        listed: false,
      });
    } else if (/^(bc1|tb1|bcrt1|[123mn])[A-Za-z0-9]{20,100}$/.test(word)) {
      const found = await ask(`/v1/screen?target=${word}`);
      if (!found || found[0]?.status === "invalid") continue;
      const own = found[0].statements?.find((statement) => statement.relation === "ownership");
      matches.push({
        kind: "address",
        chain: found[0].chain,
        value: word,
        known: found[0].status === "known",
        title: own?.label ?? null,
        category: own?.category ?? null,
        entity: found[0].entity ?? null,
        listed: own?.basis === "designation",
      });
    } else if (/^\d{1,7}$/.test(word) && words.length === 1) {
      const block = await ask(`/v1/block/${word}`);
      if (block)
        matches.push({
          kind: "block",
          chain: "bitcoin",
          value: word,
          known: true,
          title: null,
          category: null,
          entity: null,
          listed: false,
        });
    }
  }
  if (matches.length === 0) {
    const labels = await ask("/v1/labels?limit=500");
    const wanted = text.trim().toLowerCase();
    for (const label of labels?.labels ?? []) {
      if (label.label.toLowerCase().includes(wanted))
        matches.push({
          kind: "label",
          chain: label.chain,
          value: label.subject,
          known: true,
          title: label.label,
          category: label.category,
          entity: label.subject,
          listed: label.basis === "designation",
        });
    }
    if (matches.length === 0)
      matches.push({
        kind: "name",
        chain: null,
        value: text.trim().slice(0, 200),
        known: false,
        title: null,
        category: null,
        entity: null,
        listed: false,
      });
  }
  return {
    matches,
    truncated: false,
    read_as:
      words.length > 1
        ? "text"
        : matches.some((match) => match.kind === "name" || match.kind === "label")
          ? "name"
          : "identifier",
  };
}

function session() {
  return {
    mode: isTeam ? "team" : "local",
    user: who && { id: who.id, name: who.name, display: who.display, role: who.role, language: who.language },
    scopes: who ? scopes[who.role] : [],
    csrf: who ? "mock-token" : null,
    login: { password: isTeam, oidc: null },
    expires_s: null,
    version: "0.1.0",
    chains: ["bitcoin"],
    demo: null,
  };
}

const json = (bytes) => (bytes.length ? JSON.parse(bytes.toString("utf8")) : {});
const caseOf = (id) => cases.get(Number(id)) ?? fail(404, "not_found");
function fail(status, code, detail, more) {
  throw new Refused(status, code, detail, more);
}
function sameVersion(asked, thing, present) {
  if (Number(asked) !== thing.version) fail(409, "version_conflict", null, { current: present ?? thing });
}

/** Routes: method, pattern, what to do. The first that fits answers; what none fits goes to the real service. */
const routes = [
  ["GET", /^\/v1\/session$/, () => session()],
  [
    "POST",
    /^\/v1\/session$/,
    (_m, _q, body) => {
      const { name, password } = json(body);
      const found =
        users.find((user) => user.name === name) ??
        (scopes[name] ? { ...users[0], id: 9, name, display: name, role: name } : null);
      if (!found || password !== "password") fail(401, "login_refused", null);
      who = found;
      log("login", name);
      return session();
    },
  ],
  [
    "DELETE",
    /^\/v1\/session$/,
    () => {
      if (isTeam) who = null;
      return null;
    },
  ],
  ["POST", /^\/v1\/session\/(password|language)$/, () => null],
  ["GET", /^\/v1\/users$/, () => ({ users })],
  [
    "POST",
    /^\/v1\/users$/,
    (_m, _q, body) => {
      const { password, ...rest } = json(body);
      const user = { id: ++ids, version: 1, disabled: false, language: null, ...rest };
      users.push(user);
      return [201, password ? { user } : { user, password: "correct-horse-battery" }];
    },
  ],
  [
    "PATCH",
    /^\/v1\/users\/(\d+)$/,
    ([, id], _q, body) => {
      const user = users.find((one) => one.id === Number(id)) ?? fail(404, "not_found");
      const { version, password: _password, ...rest } = json(body);
      sameVersion(version, user);
      return Object.assign(user, rest, { version: user.version + 1 });
    },
  ],
  [
    "DELETE",
    /^\/v1\/users\/(\d+)$/,
    ([, id]) => {
      users.splice(
        users.findIndex((one) => one.id === Number(id)),
        1,
      );
      return null;
    },
  ],
  ["GET", /^\/v1\/keys$/, () => ({ keys })],
  [
    "POST",
    /^\/v1\/keys$/,
    (_m, _q, body) => {
      const { name, scopes: of, days } = json(body);
      const key = { id: ++ids, name, scopes: of, expires_s: now() + 86400 * (days ?? 90), created_s: now() };
      keys.push(key);
      return [201, { key, token: "athar_mock_token_shown_once" }];
    },
  ],
  [
    "DELETE",
    /^\/v1\/keys\/(\d+)$/,
    ([, id]) => {
      keys = keys.filter((key) => key.id !== Number(id));
      return null;
    },
  ],
  ["GET", /^\/v1\/audit$/, () => ({ entries: [...audit].reverse(), next: null })],
  ["GET", /^\/v1\/audit\/verify$/, () => ({ entries: audit.length, ok: true, broken_at: null, head: "0".repeat(64) })],
  [
    "GET",
    /^\/v1\/cases$/,
    (_m, query) => {
      const q = query.get("q")?.toLowerCase();
      const state = query.get("state");
      const rows = [...cases.values()].filter(
        (one) => (!q || one.title.toLowerCase().includes(q)) && (!state || one.state === state),
      );
      return { cases: rows.map(view), next: null };
    },
  ],
  [
    "POST",
    /^\/v1\/cases$/,
    (_m, _q, body) => {
      const asked = json(body);
      if (!asked.title) fail(400, "body_invalid", "title is missing");
      log("case.create", asked.title);
      return [201, view(makeCase(asked))];
    },
  ],
  ["GET", /^\/v1\/cases\/(\d+)$/, ([, id]) => view(caseOf(id))],
  [
    "PATCH",
    /^\/v1\/cases\/(\d+)$/,
    ([, id], _q, body) => {
      const found = caseOf(id);
      const { version, ...rest } = json(body);
      sameVersion(version, found, view(found));
      Object.assign(found, rest, { version: found.version + 1, changed_s: now() });
      change(found, "case", found.id, "change");
      return view(found);
    },
  ],
  [
    "DELETE",
    /^\/v1\/cases\/(\d+)$/,
    ([, id]) => {
      cases.delete(Number(id));
      return null;
    },
  ],
  [
    "PUT",
    /^\/v1\/cases\/(\d+)\/members\/(\d+)$/,
    ([, id, user], _q, body) => {
      const found = caseOf(id);
      found.members = found.members.filter((member) => member.user !== Number(user));
      found.members.push({
        user: Number(user),
        display: users.find((one) => one.id === Number(user))?.display ?? "?",
        role: json(body).role,
      });
      return view(found);
    },
  ],
  [
    "DELETE",
    /^\/v1\/cases\/(\d+)\/members\/(\d+)$/,
    ([, id, user]) => {
      const found = caseOf(id);
      found.members = found.members.filter((member) => member.user !== Number(user));
      return view(found);
    },
  ],
  [
    "GET",
    /^\/v1\/cases\/(\d+)\/history$/,
    ([, id]) => ({
      changes: [...caseOf(id).history].reverse().map(({ before: _before, ...rest }) => rest),
      next: null,
    }),
  ],
  [
    "POST",
    /^\/v1\/cases\/(\d+)\/(undo|redo)$/,
    ([, id, way], _q, body) => {
      const found = caseOf(id);
      const { seq } = json(body);
      const wanted = way === "undo" ? (one) => !one.undone : (one) => one.undone;
      const last =
        found.history.filter((one) => wanted(one) && (!seq || one.seq === seq)).at(-1) ??
        fail(409, "nothing_to_undo", null);
      last.undone = way === "undo";
      const list = found.items[last.kind];
      if (list) {
        const at = list.findIndex((item) => item.id === last.item);
        const other = last.before;
        last.before = at >= 0 ? structuredClone(list[at]) : null;
        if (other) {
          if (at >= 0) list[at] = other;
          else list.push(other);
        } else if (at >= 0) list.splice(at, 1);
      }
      const { before: _before, ...told } = last;
      return told;
    },
  ],
  [
    "POST",
    /^\/v1\/cases\/(\d+)\/findings\/(\d+)\/check$/,
    ([, id, item]) => {
      const finding = caseOf(id).items.findings.find((one) => one.id === Number(item)) ?? fail(404, "not_found");
      return { same: true, snapshot_then: finding.body.snapshot, snapshot_now: finding.body.snapshot, differs: [] };
    },
  ],
  ["GET", /^\/v1\/cases\/(\d+)\/attachments$/, ([, id]) => ({ items: caseOf(id).items.attachments, next: null })],
  [
    "POST",
    /^\/v1\/cases\/(\d+)\/attachments$/,
    ([, id], query, body) => {
      const made = {
        id: ++ids,
        name: query.get("name") ?? "file",
        media: "application/octet-stream",
        bytes: body.length,
        blake3: "0".repeat(64),
        sha256: "0".repeat(64),
        created_s: now(),
        created_by: who?.id,
      };
      caseOf(id).items.attachments.push(made);
      caseOf(id).files.set(made.id, body);
      return [201, made];
    },
  ],
  [
    "GET",
    /^\/v1\/cases\/(\d+)\/attachments\/(\d+)$/,
    ([, id, item]) => caseOf(id).files.get(Number(item)) ?? fail(404, "not_found"),
  ],
  [
    "DELETE",
    /^\/v1\/cases\/(\d+)\/attachments\/(\d+)$/,
    ([, id, item]) => {
      const found = caseOf(id);
      found.items.attachments = found.items.attachments.filter((one) => one.id !== Number(item));
      return null;
    },
  ],
  ["GET", /^\/v1\/cases\/(\d+)\/export$/, () => Buffer.from("PK\u0005\u0006" + "\0".repeat(18))],
  [
    "GET",
    /^\/v1\/cases\/(\d+)\/(subjects|notes|findings|tasks|links|graphs)$/,
    ([, id, kind]) => ({ items: caseOf(id).items[kind], next: null }),
  ],
  [
    "POST",
    /^\/v1\/cases\/(\d+)\/(subjects|notes|findings|tasks|links|graphs)$/,
    ([, id, kind], _q, body) => {
      const found = caseOf(id);
      const item = {
        id: ++ids,
        version: 1,
        created_s: now(),
        created_by: who?.id,
        changed_s: now(),
        changed_by: who?.id,
        body: json(body),
      };
      found.items[kind].push(item);
      found.changed_s = now();
      change(found, kind, item.id, "add", null);
      log(`case.${kind}.add`, String(item.id));
      if (kind !== "subjects") return [201, item];
      const also = [...cases.values()].filter(
        (one) => one !== found && one.items.subjects.some((other) => other.body.value === item.body.value),
      );
      return [
        201,
        {
          ...item,
          also_in: also.map((one) => ({
            case: one.disclosure === "title" ? one.id : null,
            title: one.disclosure === "title" ? one.title : null,
            contact: one.members[0].display,
          })),
        },
      ];
    },
  ],
  [
    "GET",
    /^\/v1\/cases\/(\d+)\/(subjects|notes|findings|tasks|links|graphs)\/(\d+)$/,
    ([, id, kind, item]) => caseOf(id).items[kind].find((one) => one.id === Number(item)) ?? fail(404, "not_found"),
  ],
  [
    "PUT",
    /^\/v1\/cases\/(\d+)\/(subjects|notes|findings|tasks|links|graphs)\/(\d+)$/,
    ([, id, kind, item], _q, body) => {
      const found = caseOf(id).items[kind].find((one) => one.id === Number(item)) ?? fail(404, "not_found");
      const asked = json(body);
      sameVersion(asked.version, found);
      change(caseOf(id), kind, found.id, "change", structuredClone(found));
      return Object.assign(found, {
        body: asked.body,
        version: found.version + 1,
        changed_s: now(),
        changed_by: who?.id,
      });
    },
  ],
  [
    "DELETE",
    /^\/v1\/cases\/(\d+)\/(subjects|notes|findings|tasks|links|graphs)\/(\d+)$/,
    ([, id, kind, item], query) => {
      const found = caseOf(id);
      const at = found.items[kind].findIndex((one) => one.id === Number(item));
      if (at < 0) fail(404, "not_found");
      if (query.get("version")) sameVersion(query.get("version"), found.items[kind][at]);
      change(found, kind, Number(item), "remove", found.items[kind][at]);
      found.items[kind].splice(at, 1);
      return null;
    },
  ],
  ["GET", /^\/v1\/deconfliction$/, () => ({ also_in: [] })],
  [
    "GET",
    /^\/v1\/tasks$/,
    () => ({
      tasks: [...cases.values()].flatMap((one) =>
        one.items.tasks
          .filter((task) => !task.body.done)
          .map((task) => ({ ...task, case: one.id, case_title: one.title })),
      ),
    }),
  ],
  ["GET", /^\/v1\/resolve$/, (_m, query) => resolve(query.get("q") ?? "")],
  ["POST", /^\/v1\/resolve$/, (_m, _q, body) => resolve(json(body).text ?? "")],
  [
    "GET",
    /^\/v1\/counterparties\/([^/]+)$/,
    ([, subject], query) => counterparties(decodeURIComponent(subject), query),
  ],
  ["GET", /^\/v1\/activity\/([^/]+)$/, ([, subject], query) => activity(decodeURIComponent(subject), query)],
  [
    "POST",
    /^\/v1\/graph\/links$/,
    async (_m, _q, body) => {
      const { nodes } = json(body);
      const links = [];
      for (const node of nodes.slice(0, 20)) {
        const found = await counterparties(node, new URLSearchParams("side=sent"));
        for (const party of found.parties)
          if (nodes.includes(party.address))
            links.push({
              from: node,
              to: party.address,
              amount_units: party.amount_units,
              usd: party.usd,
              txs: party.txs,
              first_time: party.first_time,
              last_time: party.last_time,
              sample_txids: party.sample_txids,
            });
      }
      return { links, truncated: false, snapshot: "mock" };
    },
  ],
  [
    "POST",
    /^\/v1\/imports\/(\w+)$/,
    ([, what], query, body) => [
      202,
      {
        id: `mock-${++ids}`,
        kind: `import.${what}`,
        state: "done",
        progress: { done: body.length, of: body.length },
        result: { file: query.get("name"), accepted: 3, refused: [{ place: "line 4", why: "no such category" }] },
      },
    ],
  ],
  ["POST", /^\/v1\/labels\/decisions$/, (_m, _q, body) => [201, { decision: json(body), snapshot: "mock" }]],
  ["POST", /^\/v1\/policies\/[^/]+\/mode$/, (_m, _q, body) => json(body)],
];

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", async () => {
    const body = Buffer.concat(chunks);
    const url = new URL(request.url, "http://mock");
    const send = (status, what) => {
      const isBytes = Buffer.isBuffer(what);
      response.writeHead(status, {
        "content-type": isBytes
          ? "application/octet-stream"
          : status >= 400
            ? "application/problem+json"
            : "application/json",
      });
      response.end(what === null ? undefined : isBytes ? what : JSON.stringify(what));
    };
    try {
      const found = routes.find(([method, pattern]) => method === request.method && pattern.test(url.pathname));
      if (isTeam && !who && url.pathname.startsWith("/v1/") && url.pathname !== "/v1/session")
        fail(401, "unauthorized", null);
      if (!found) return await pass(request, body, response);
      if (
        request.method !== "GET" &&
        url.pathname !== "/v1/session" &&
        request.headers["x-athar-csrf"] !== "mock-token"
      )
        fail(403, "csrf", "the header X-Athar-CSRF is missing");
      const answer = await found[2](found[1].exec(url.pathname), url.searchParams, body);
      if (answer === null) send(204, null);
      else if (Array.isArray(answer)) send(answer[0], answer[1]);
      else send(200, answer);
    } catch (error) {
      if (error instanceof Refused) send(error.answer.status, error.answer.body);
      else send(500, { code: "internal", title: String(error), status: 500 });
    }
  });
}).listen(port, "127.0.0.1", () => console.log(`mock service at http://127.0.0.1:${port}, before ${backend}`));

async function pass(request, body, response) {
  const headers = { ...request.headers, host: new URL(backend).host };
  for (const name of ["connection", "content-length", "origin", "sec-fetch-site"]) delete headers[name];
  const init = { method: request.method, headers };
  if (body.length) init.body = body;
  const answer = await fetch(backend + request.url, init);
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
  response.end(Buffer.from(await answer.arrayBuffer()));
}
