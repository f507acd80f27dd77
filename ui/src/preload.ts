// What the first page needs, asked for while the rest of the application is still starting: who is here, its code, its
// texts and its first answer. Without this they would be asked for one after the other.
import * as pages from "./page";
import { fetchRead } from "./api/query";
import { askAhead } from "./api/session";

interface Ahead {
  /** Namespace of the page's texts. */
  texts: string;
  code: () => Promise<unknown>;
  /** Asks the first question; its failure is the page's to show. */
  ask?: (found: RegExpExecArray) => Promise<unknown>;
}

const AHEAD: [RegExp, Ahead][] = [
  [
    /^\/s\/([^/]+)\/([^/]+)$/,
    {
      texts: "subject",
      code: pages.subject.load,
      ask: ([, chain = "", value = ""]) =>
        fetchRead("/v1/screen", {
          query: { target: decodeURIComponent(value).replace(/^entity:/, ""), chain: decodeURIComponent(chain) },
        }),
    },
  ],
  [/^\/$/, { texts: "home", code: pages.home.load }],
  [/^\/tx\//, { texts: "tx", code: pages.tx.load }],
  [/^\/cases\/?$/, { texts: "cases", code: pages.cases.load }],
  [/^\/cases\//, { texts: "cases", code: pages.caseOf.load }],
  [/^\/alerts\/?$/, { texts: "alerts", code: pages.alerts.load }],
  [/^\/alerts\//, { texts: "alerts", code: pages.alert.load }],
  [/^\/graph/, { texts: "graph", code: pages.graph.load }],
];

/** What is under way for the first page. */
export interface Preloading {
  /** Namespaces of its texts. */
  texts: string[];
  /** Resolves when its code is there and it is known who asks; a failure is the page's to show. Never rejects. */
  ready: Promise<unknown>;
}

/** Starts loading what the page at that path needs. */
export function preload(pathname: string): Preloading {
  const session = askAhead();
  for (const [pattern, ahead] of AHEAD) {
    const found = pattern.exec(pathname);
    if (!found) continue;
    const code = ahead.code().catch(() => undefined);
    try {
      ahead.ask?.(found).catch(() => undefined);
    } catch {
      // A path that is no valid text: the page will say so.
    }
    return { texts: [ahead.texts], ready: Promise.all([session, code]) };
  }
  return { texts: [], ready: session };
}
