// The back-test of a policy: what it would have said of many addresses beside another, as a job with progress, and for which of them the verdict
// changes and by which rules.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useSend } from "../api/query";
import { AddressChip, Num, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Choice, Field } from "../parts/Field";
import { Panel } from "../parts/Page";
import { PinToCase } from "../parts/PinToCase";
import { Severity } from "../parts/Severity";
import { Trouble } from "../parts/states";
import { JobProgress } from "../imports/JobProgress";
import { useJob, type Job } from "../imports/job";
import { readBackTest, type Moment, type Verdict } from "./read";

export function BackTestPanel({ text, names }: { text: string | null; names: { value: string; text: string }[] }) {
  const { t } = useTranslation("policies");
  const [name, setName] = useState("");
  const [against, setAgainst] = useState("active");
  const [sample, setSample] = useState("1000");
  const [isChecked, setChecked] = useState(false);
  const [id, setId] = useState<string | null>(null);
  const send = useSend<Job>({ onDone: (job) => setId(job.id) });
  const job = useJob(id);
  const isBadSample = !/^\d{1,6}$/.test(sample) || Number(sample) < 1;
  const usesText = name === "" && text !== null && text.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (isBadSample || (!usesText && name === "")) return;
    setId(null);
    send.mutate({
      method: "POST",
      path: "/v1/policies/test",
      body: { ...(usesText ? { text } : { name }), against, sample: Number(sample) },
    });
  };
  const result = job.data?.state === "done" || job.data?.state === "cancelled" ? readBackTest(job.data.result) : null;
  return (
    <Panel title={t("test.title")} note={t("test.about")} id="back-test">
      <form className="filter-bar filter-wide" noValidate onSubmit={submit}>
        <Choice
          label={t("test.policy")}
          value={name}
          error={isChecked && !usesText && name === "" ? t("test.missing") : undefined}
          onChange={(event) => setName(event.target.value)}
          options={[{ value: "", text: text !== null ? t("test.fromEditor") : "…" }, ...names]}
        />
        <Choice
          label={t("test.against")}
          value={against}
          onChange={(event) => setAgainst(event.target.value)}
          options={[{ value: "active", text: t("test.active") }, ...names]}
        />
        <Field
          label={t("test.sample")}
          help={t("test.sampleHint")}
          inputMode="numeric"
          ltr
          value={sample}
          error={isChecked && isBadSample ? t("test.badSample") : undefined}
          onChange={(event) => setSample(event.target.value)}
        />
        <button type="submit" className="button button-main" disabled={send.isPending}>
          {t("test.go")}
        </button>
      </form>
      {send.error ? <Trouble error={send.error} /> : null}
      {job.error ? <Trouble error={job.error} /> : null}
      {job.data ? <JobProgress job={job.data} label={t("test.title")} /> : null}
      {result && result.moments.length > 0 ? (
        <div className="stack">
          <p>
            {t("test.summary", { policy: result.policy, against: result.against, n: result.targets })}{" "}
            {result.isSample ? t("test.isSample") : ""} {result.isCancelled ? t("test.cut") : ""}
          </p>
          <div className="row">
            <PinToCase
              finding={{
                statement: t("test.statement", {
                  policy: result.policy,
                  against: result.against,
                  n: result.targets,
                  changed: result.moments[0]?.changed ?? 0,
                }),
                path: "/v1/policies/test",
                answer: job.data?.result,
              }}
            />
          </div>
          {result.moments.map((moment, at) => (
            <MomentView key={at} moment={moment} />
          ))}
        </div>
      ) : null}
    </Panel>
  );
}

function Level({ level }: { level: string | null }) {
  const { t } = useTranslation("policies");
  return level === null || level === "no_rule" || level === "undecided" ? (
    <span className="muted">{t(level === "undecided" ? "test.undecided" : "test.noRule")}</span>
  ) : (
    <Severity level={level} />
  );
}

function VerdictView({ verdict }: { verdict: Verdict }) {
  return (
    <span className="figure">
      <span className="cell-line">
        <Level level={verdict.level} />{" "}
        {verdict.score === null ? null : (
          <bdi dir="ltr" className="small muted">
            {verdict.score.toFixed(3)}
          </bdi>
        )}
      </span>
      <bdi dir="ltr" className="small mono wraps">
        {verdict.rules.join(", ")}
      </bdi>
    </span>
  );
}

function MomentView({ moment }: { moment: Moment }) {
  const { t } = useTranslation("policies");
  const levels = [...new Set([...moment.levels, ...moment.against].map(([level]) => level))];
  const of = (list: [string, number][], level: string) => list.find(([name]) => name === level)?.[1] ?? 0;
  return (
    <section className="stack">
      {moment.knownOn ? (
        <h3>
          {t("test.knownOn")} <When at={moment.knownOn} day />
        </h3>
      ) : null}
      <p role="status">
        <strong>{t("test.changed", { changed: moment.changed, n: moment.assessed })}</strong>{" "}
        {moment.undecided > 0 ? t("test.undecidedCount", { n: moment.undecided }) : ""}
      </p>
      <div className="two">
        <DataTable
          caption={t("test.levels")}
          showCaption
          dense
          rows={levels}
          rowKey={(level) => level}
          columns={[
            { id: "level", head: t("test.level"), isName: true, cell: (level) => <Level level={level} /> },
            {
              id: "before",
              head: t("test.before"),
              align: "end",
              cell: (level) => <Num n={of(moment.against, level)} />,
              sort: (level) => of(moment.against, level),
            },
            {
              id: "after",
              head: t("test.after"),
              align: "end",
              cell: (level) => <Num n={of(moment.levels, level)} />,
              sort: (level) => of(moment.levels, level),
            },
          ]}
        />
        <DataTable
          caption={t("test.changes")}
          showCaption
          dense
          rows={moment.changes}
          rowKey={(row) => `${row.from}-${row.to}`}
          empty={<p className="muted">{t("test.noChange")}</p>}
          columns={[
            { id: "from", head: t("test.before"), cell: (row) => <Level level={row.from} /> },
            { id: "to", head: t("test.after"), isName: true, cell: (row) => <Level level={row.to} /> },
            {
              id: "n",
              head: t("test.subjects"),
              align: "end",
              cell: (row) => <Num n={row.count} />,
              sort: (row) => row.count,
            },
          ]}
        />
      </div>
      {moment.examples.length > 0 ? (
        <DataTable
          caption={t("test.examples")}
          showCaption
          rows={moment.examples}
          rowKey={(row) => row.target}
          columns={[
            {
              id: "target",
              head: t("test.subject"),
              isName: true,
              cell: (row) => <AddressChip address={row.target} />,
            },
            { id: "before", head: t("test.before"), cell: (row) => <VerdictView verdict={row.against} /> },
            { id: "after", head: t("test.after"), cell: (row) => <VerdictView verdict={row.verdict} /> },
          ]}
        />
      ) : null}
    </section>
  );
}
