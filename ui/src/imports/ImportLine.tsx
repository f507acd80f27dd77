// One import: how far it is, and when it has ended what was taken, what was refused and where.
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useSaid } from "../i18n/said";
import { Num } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Panel } from "../parts/Page";
import { Sentence } from "../parts/Sentence";
import { Trouble } from "../parts/states";
import { JobProgress } from "./JobProgress";
import { hasEnded, useJob } from "./job";
import { readOutcome, type Kind } from "./kinds";

export function ImportLine({ id, kind, name, onEnded }: { id: string; kind: Kind; name: string; onEnded: () => void }) {
  const { t, i18n } = useTranslation("imports");
  const said = useSaid();
  const job = useJob(id);
  const isEnded = job.data ? hasEnded(job.data) : false;
  const told = useRef(false);
  useEffect(() => {
    if (!isEnded || told.current) return;
    told.current = true;
    onEnded();
  }, [isEnded, onEnded]);
  const outcome = job.data?.state === "done" ? readOutcome(job.data.result) : null;
  return (
    <Panel title={t("of", { kind: t(`kind.${kind}`), name })}>
      {job.error ? <Trouble error={job.error} /> : null}
      {job.data ? <JobProgress job={job.data} label={t("of", { kind: t(`kind.${kind}`), name })} /> : null}
      {outcome ? (
        <div className="stack">
          <dl className="facts">
            <dt>{t("outcome.taken")}</dt>
            <dd>
              <Num n={outcome.taken} />
            </dd>
            <dt>{t("outcome.refused")}</dt>
            <dd>
              <Num n={outcome.refused} />
            </dd>
          </dl>
          {outcome.already ? <p>{t("outcome.already")}</p> : null}
          {kind === "records" ? <p className="small muted">{t("outcome.pseudonyms")}</p> : null}
          {outcome.refusals.length > 0 ? (
            <>
              <DataTable
                caption={t("outcome.refusals")}
                showCaption
                dense
                rows={outcome.refusals}
                rowKey={(_, at) => at}
                columns={[
                  {
                    id: "line",
                    head: t("outcome.place"),
                    isName: true,
                    sort: (row) => row.line,
                    cell: (row) => (
                      <span className="cell-line">
                        <bdi>{row.place || name}</bdi>
                        {row.line !== null ? (
                          <>
                            {": "}
                            <Num n={row.line} />
                          </>
                        ) : null}
                      </span>
                    ),
                  },
                  {
                    id: "what",
                    head: t("outcome.why"),
                    // what is said of a kind of defect is English; the kind has a name in the language of the page
                    cell: (row) =>
                      row.kind && i18n.language === "ar" ? (
                        <>
                          {t(`common:defect.${row.kind}`, { defaultValue: row.kind })}
                          <br />
                          <bdi lang="en" className="small muted">
                            {row.what.en}
                          </bdi>
                        </>
                      ) : (
                        <bdi dir="auto">
                          <Sentence text={said(row.what)} />
                        </bdi>
                      ),
                    sort: (row) => said(row.what),
                  },
                  {
                    id: "text",
                    head: t("outcome.text"),
                    cell: (row) => (
                      <bdi dir="auto" className="mono wraps">
                        {row.text}
                      </bdi>
                    ),
                  },
                ]}
              />
              {outcome.refusalsTruncated ? <p className="small muted">{t("outcome.more")}</p> : null}
            </>
          ) : null}
          {outcome.report !== null ? (
            <details>
              <summary>{t("outcome.report")}</summary>
              <pre className="source-text report">{JSON.stringify(outcome.report, null, 1)}</pre>
            </details>
          ) : null}
        </div>
      ) : null}
    </Panel>
  );
}
