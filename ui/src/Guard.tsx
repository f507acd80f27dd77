// Sends whoever is not logged in to the login page, and back to where they wanted to go.
import type { ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { useSession } from "./api/session";

export function Guard({ children }: { children: ReactNode }) {
  const { session } = useSession();
  const { pathname, search } = useLocation();
  if (session.mode === "team" && !session.user && pathname !== "/login") {
    const from = pathname + search;
    return <Navigate to={from === "/" ? "/login" : `/login?to=${encodeURIComponent(from)}`} replace />;
  }
  return children;
}
