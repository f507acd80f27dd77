// Shapes of the session, of cases and of the application's own reads, as the pages use them.

export interface Session {
  mode: "local" | "team";
  user: { id: number | string; name: string; display: string; role: Role; language: string | null } | null;
  scopes: string[];
  csrf: string | null;
  login: { password: boolean; oidc: null | { name: string; start: string } };
  expires_s: number | null;
  version: string;
  chains: string[];
  demo: null | { case: number | null; address: string };
}

export type Role = "viewer" | "analyst" | "supervisor" | "admin";

export interface Member {
  user: number | string;
  display: string;
  role: "owner" | "editor" | "reader";
}

export interface Case {
  id: number;
  version: number;
  title: string;
  state: "open" | "active" | "review" | "closed";
  summary: string;
  legal_basis: string;
  retention_until: string | null;
  humanitarian: { flag: boolean; note: string };
  disclosure: "nothing" | "contact" | "title";
  created_s: number;
  created_by: number | string;
  changed_s: number;
  role: Member["role"] | null;
  members: Member[];
  counts: Record<
    "subjects" | "notes" | "attachments" | "findings" | "tasks" | "tasks_open" | "links" | "graphs",
    number
  >;
}

export interface Cases {
  cases: Case[];
  next: string | null;
}

export interface Item<B> {
  id: number;
  version: number;
  created_s: number;
  created_by: number | string;
  changed_s: number;
  changed_by: number | string;
  body: B;
}

export interface Items<B> {
  items: Item<B>[];
  next: string | null;
}

export interface SubjectBody {
  kind: "address" | "entity" | "transaction" | "campaign" | "person" | "block";
  chain: string | null;
  value: string;
  note: string;
}

export interface FindingBody {
  statement: string;
  path: string;
  snapshot: string;
  pinned: unknown;
  note: string;
}

export interface TaskBody {
  text: string;
  assignee: number | string | null;
  due: string | null;
  done: boolean;
}

/** Where else a subject is being looked at, as far as the other case tells. */
export interface AlsoIn {
  case: number | null;
  title: string | null;
  contact: string | null;
}

export type MatchKind = "address" | "transaction" | "block" | "name" | "label" | "campaign" | "list_entry" | "url";

export interface Match {
  kind: MatchKind;
  chain: string | null;
  value: string;
  known: boolean;
  title: string | null;
  category: string | null;
  entity: string | null;
  listed: boolean;
  /** The list of a `list_entry`. */
  list?: string | null;
}

export interface Resolved {
  matches: Match[];
  truncated: boolean;
  read_as: "identifier" | "name" | "text";
  /** Private keys and seed phrases that were in the text: they are counted and not told. */
  secrets?: number;
}

/** An amount of one asset on a chain of accounts. */
export interface AssetSum {
  asset: { id: string; symbol: string | null; verified: boolean; decimals: number | null };
  units: string;
  amount: string | null;
  usd: number | null;
  usd_at_par?: boolean;
}

/** Digits as text where the amount may be larger than a JSON number holds. */
export type Amount = string | number;

export interface Party {
  entity: string;
  address: string;
  side: "received" | "sent";
  label: string | null;
  category: string | null;
  severity: string | null;
  service: boolean;
  /** None on chains of accounts, where `amounts` has them asset by asset. */
  amount_units: Amount | null;
  amounts?: AssetSum[];
  usd: number | null;
  share: string | number | null;
  txs: number;
  first_time: string;
  last_time: string;
  sample_txids: string[];
  addresses: number;
}

/** One side of what was dealt. */
export interface Dealt {
  amount_units: Amount | null;
  amounts?: AssetSum[];
  usd: number | null;
  is_partly_unpriced?: boolean;
  parties: number;
  /** What went back to the same entity; in no party's sum. */
  to_self_units?: Amount | null;
  /** What went through CoinJoins, of which nobody can say whose it was. */
  coinjoin_units?: Amount | null;
}

export interface Counterparties {
  subject: string;
  of: "address" | "entity";
  received: Dealt;
  sent: Dealt;
  parties: Party[];
  parties_total?: number;
  truncated: boolean;
  /** How far it was looked, and the bound that was hit. */
  examined?: { bound?: string | null; until?: string | null; unverified?: number } | null;
  snapshot: string;
}

export interface Period {
  start: string;
  received_units: Amount | null;
  received_usd: number | null;
  sent_units: Amount | null;
  sent_usd: number | null;
  txs: number;
}

export interface Activity {
  subject: string;
  of: "address" | "entity";
  by: "day" | "month";
  periods: Period[];
  truncated: boolean;
  snapshot: string;
}
