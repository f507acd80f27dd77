// Who is using the application and what they may do. The service says it in one answer, which also carries the token
// that changes need.
import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { change, settings, type Language } from "../prefs";
import { call, setCsrf, setOnRefused } from "./client";
import { queries } from "./query";
import { Problem } from "./problem";
import type { Session } from "./contract";

export type Scope = "read" | "screen" | "write" | "admin" | "case_read" | "case_write" | "supervise";

export interface SessionState {
  session: Session;
  /** Whether the person may use routes of that scope. */
  can: (scope: Scope) => boolean;
  /** Whether the session ended while the page was open: the last one is kept, so that nothing typed is lost. */
  ended: boolean;
  /** Asks the service again (after login or logout). */
  again: () => Promise<void>;
}

const Context = createContext<SessionState | null>(null);
const KEY = ["/v1/session"];

/** What a service without sessions is: a local one that only reads. */
const readsOnly: Session = {
  mode: "local",
  user: null,
  scopes: ["read", "screen"],
  csrf: null,
  login: { password: false, oidc: null },
  expires_s: null,
  version: "",
  chains: ["bitcoin"],
  demo: null,
};

async function ask(): Promise<Session> {
  try {
    return await call<Session>("GET", "/v1/session");
  } catch (error) {
    if (error instanceof Problem && error.code === "no_such_route") return readsOnly;
    throw error;
  }
}

const QUERY = { queryKey: KEY, queryFn: ask, staleTime: Infinity };

/** Asks who is here before anything is drawn; [`SessionProvider`] then finds the answer, or the question under way. */
export function askAhead(): Promise<void> {
  return queries.prefetchQuery(QUERY);
}

export function SessionProvider({
  children,
  waiting,
  failed,
}: {
  children: ReactNode;
  waiting: ReactNode;
  failed: (error: Error, again: () => void) => ReactNode;
}) {
  const known = useQueryClient();
  const query = useQuery(QUERY);
  const said = query.data;
  const [last, setLast] = useState<Session | null>(null);
  if (said?.user && said !== last) setLast(said);
  const ended = said?.mode === "team" && !said.user && last !== null;
  const session = ended ? last : said;
  // Where everybody is one local user, the language is the browser's alone: two may sit at two browsers.
  const language = session?.mode === "team" ? session.user?.language : undefined;

  useEffect(() => {
    // The user's language wins over the browser's at login, and not over a choice made on this page later.
    if (language && ["en", "ar", "fr"].includes(language) && language !== settings().language) {
      change({ language: language as Language });
    }
  }, [language]);

  const again = useCallback(async () => {
    await known.invalidateQueries({ queryKey: KEY });
  }, [known]);

  useEffect(() => {
    setOnRefused(() => void known.invalidateQueries({ queryKey: KEY }));
    return () => setOnRefused(null);
  }, [known]);

  const state = useMemo<SessionState | null>(() => {
    if (!session) return null;
    setCsrf(session.csrf);
    return { session, can: (scope) => session.scopes.includes(scope), ended, again };
  }, [session, ended, again]);

  if (state) return <Context value={state}>{children}</Context>;
  return query.error ? failed(query.error, () => void query.refetch()) : waiting;
}

/** The session; only inside [`SessionProvider`]. */
export function useSession(): SessionState {
  const state = use(Context);
  if (!state) throw new Error("no session around this component");
  return state;
}

/** Whether the person may use routes of that scope. */
export function useCan(scope: Scope): boolean {
  return useSession().can(scope);
}

/** For tests: a session without a service. */
export function FixedSession({ session, children }: { session: Partial<Session>; children: ReactNode }) {
  const whole = { ...readsOnly, ...session };
  return (
    <Context
      value={{
        session: whole,
        can: (scope) => whole.scopes.includes(scope),
        ended: false,
        again: () => Promise.resolve(),
      }}
    >
      {children}
    </Context>
  );
}
