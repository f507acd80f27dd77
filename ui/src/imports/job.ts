// Long work of the service: asked for until it has ended, and cancelled. Used by imports and by the back-test of policies.
import { useCallback, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Problem } from "../api/problem";
import type { components } from "../api/schema";

export type Job = components["schemas"]["JobView"];

/** Whether nothing more happens to it. */
export const hasEnded = (job: Pick<Job, "state">) =>
  job.state === "done" || job.state === "failed" || job.state === "cancelled";

/** Follows a job by its number; `null` follows none. The answer keeps the last state that was seen. */
export function useJob(id: string | null, every = 600) {
  return useQuery<Job, Problem>({
    queryKey: [`/v1/jobs/${id ?? ""}`],
    queryFn: ({ signal }) => call<Job>("GET", `/v1/jobs/${encodeURIComponent(id ?? "")}`, { signal }),
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data && hasEnded(query.state.data) ? false : every),
  });
}

/** Asks that a job ends. */
export function useCancel(id: string | null) {
  const [isAsked, setAsked] = useState(false);
  const cancel = useCallback(async () => {
    if (id === null) return;
    setAsked(true);
    await call("DELETE", `/v1/jobs/${encodeURIComponent(id)}`);
  }, [id]);
  return { cancel, isAsked };
}
