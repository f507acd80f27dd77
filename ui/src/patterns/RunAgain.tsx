// Searching the chain for all patterns anew, as work of the service that goes on without this page. What it finds is
// kept in place of the last run.
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useRead, useRefresh, useSend } from "../api/query";
import { useCan, useSession } from "../api/session";
import { JobProgress } from "../imports/JobProgress";
import { hasEnded, useJob, type Job } from "../imports/job";
import { Choice } from "../parts/Field";
import { Trouble } from "../parts/states";
import { chainOf, useSettings } from "../prefs";

export function RunAgain() {
  const { t } = useTranslation("patterns");
  const mayRun = useCan("screen");
  const set = useSettings();
  const { session } = useSession();
  const [chain, setChain] = useState(chainOf(set, session.chains));
  const [id, setId] = useState<string | null>(null);
  const refresh = useRefresh();
  const send = useSend<Job>({ onDone: (job) => setId(job.id) });
  // A run that was begun before, here or elsewhere by the same person, is shown with its progress.
  const jobs = useRead<{ jobs: Job[] }>("/v1/jobs", { enabled: mayRun && id === null });
  const going = jobs.data?.jobs.find((job) => job.kind === "patterns" && !hasEnded(job));
  const job = useJob(id ?? going?.id ?? null, 1000);
  const state = job.data?.state;
  useEffect(() => {
    if (state === "done") void refresh(["/v1/patterns/hits"]);
  }, [state, refresh]);
  if (!mayRun) return null;
  const isBusy = send.isPending || (job.data !== undefined && !hasEnded(job.data));
  return (
    <div className="stack no-print">
      <div className="filter-bar">
        <Choice
          label={t("run.chain")}
          value={chain}
          onChange={(event) => setChain(event.target.value)}
          options={session.chains.map((one) => ({ value: one, text: t(`common:chain.${one}`, { defaultValue: one }) }))}
        />
        <button
          type="button"
          className="button"
          disabled={isBusy}
          onClick={() => send.mutate({ method: "POST", path: "/v1/jobs", body: { kind: "patterns", chain } })}
        >
          {t("run.do")}
        </button>
        <span className="small muted">{t("run.note")}</span>
      </div>
      {send.error ? <Trouble error={send.error} /> : null}
      {job.data ? <JobProgress job={job.data} label={t("run.do")} /> : null}
    </div>
  );
}
