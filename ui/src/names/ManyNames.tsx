// Screening of many names: pasted, or from a CSV file. Each is a question of its own, one after the other, so that one that is refused does not
// lose the rest, and it can be stopped. Nothing of it is kept by the service.
import { useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import { Num } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { TextField, Tick } from "../parts/Field";
import { FileButton } from "../parts/FileButton";
import { Panel } from "../parts/Page";
import { csvCell, readPaste, type Question } from "./paste";
import { bestOf, gradeRank, scoreText, type Hit, type NameView } from "./words";

interface Result {
  question: Question;
  hits: Hit[];
  refused: string | null;
}

export function ManyNames() {
  const { t } = useTranslation("names");
  const [text, setText] = useState("");
  const [results, setResults] = useState<Result[]>([]);
  const [run, setRun] = useState<{ total: number; isRunning: boolean; isStopped: boolean } | null>(null);
  const [onlyHits, setOnlyHits] = useState(false);
  const stop = useRef<AbortController | null>(null);
  const paste = readPaste(text);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (paste.questions.length === 0) return;
    const control = new AbortController();
    stop.current = control;
    const done: Result[] = [];
    setResults([]);
    setRun({ total: paste.questions.length, isRunning: true, isStopped: false });
    for (const question of paste.questions) {
      if (control.signal.aborted) break;
      const { name, born, country, id } = question;
      try {
        const answer = await call<NameView>("GET", "/v1/names/screen", {
          query: { name, born, country, id, top: 5 },
          signal: control.signal,
        });
        done.push({ question, hits: answer.hits, refused: null });
      } catch (error) {
        if (control.signal.aborted) break;
        done.push({
          question,
          hits: [],
          refused: error instanceof Problem ? (error.detail ?? error.message) : String(error),
        });
        // Without the service there is no use in asking for every other name.
        if (error instanceof Problem && (error.status === 0 || error.status === 401)) break;
      }
      setResults([...done]);
    }
    setRun({ total: paste.questions.length, isRunning: false, isStopped: done.length < paste.questions.length });
  };

  const shown = onlyHits ? results.filter((result) => result.hits.length > 0) : results;
  return (
    <>
      <Panel title={t("many")}>
        <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
          <FileButton
            label={t("file")}
            accept=".csv,.tsv,.txt,text/csv,text/plain"
            onFile={(file) => void file.text().then(setText)}
          />
          <TextField
            label={t("paste")}
            help={t("pasteHint")}
            rows={8}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          {paste.refused.length > 0 ? (
            <DataTable
              caption={t("refusedCaption")}
              showCaption
              dense
              rows={paste.refused.slice(0, 50)}
              rowKey={(row, at) => `${row.line}-${at}`}
              columns={[
                { id: "line", head: t("column.line"), isName: true, cell: (row) => <Num n={row.line} /> },
                { id: "why", head: t("refused"), cell: (row) => t(`refusedWhy.${row.why}`) },
              ]}
            />
          ) : null}
          <div className="row">
            <button
              type="submit"
              className="button button-main"
              disabled={paste.questions.length === 0 || (run?.isRunning ?? false)}
            >
              {t("screenAll", { n: paste.questions.length })}
            </button>
            {run?.isRunning ? (
              <button type="button" className="button" onClick={() => stop.current?.abort()}>
                {t("stop")}
              </button>
            ) : null}
          </div>
        </form>
      </Panel>
      {run ? (
        <Panel
          title={t("manyCaption")}
          actions={
            <button type="button" className="button" disabled={results.length === 0} onClick={() => save(results)}>
              {t("download")}
            </button>
          }
        >
          <p role="status">{t("progress", { done: results.length, total: run.total })}</p>
          <progress className="progress" aria-label={t("manyCaption")} max={run.total} value={results.length} />
          {run.isStopped ? <p>{t("stopped")}</p> : null}
          <p className="warn">{t("nearWarn")}</p>
          <Tick label={t("filterHits")} checked={onlyHits} onChange={(event) => setOnlyHits(event.target.checked)} />
          <DataTable
            caption={t("manyCaption")}
            rows={shown}
            rowKey={(row) => row.question.line}
            columns={[
              {
                id: "line",
                head: t("column.line"),
                align: "end",
                cell: (row) => <Num n={row.question.line} />,
                sort: (row) => row.question.line,
              },
              {
                id: "name",
                head: t("column.query"),
                isName: true,
                sort: (row) => row.question.name,
                cell: (row) => (
                  <Link
                    to={`/names?${new URLSearchParams({ name: row.question.name, ...(row.question.born ? { born: row.question.born } : {}), ...(row.question.country ? { country: row.question.country } : {}), ...(row.question.id ? { id: row.question.id } : {}) }).toString()}`}
                  >
                    <bdi>{row.question.name}</bdi>
                  </Link>
                ),
              },
              {
                id: "best",
                head: t("column.best"),
                cell: (row) => {
                  if (row.refused !== null) return t("failed", { reason: row.refused });
                  const best = bestOf(row.hits);
                  return best ? <bdi>{best.matched_name}</bdi> : <span className="muted">{t("nothingNear")}</span>;
                },
              },
              {
                id: "grade",
                head: t("column.grade"),
                sort: (row) => {
                  const best = bestOf(row.hits);
                  return best ? gradeRank(best.grade) : null;
                },
                cell: (row) => {
                  const best = bestOf(row.hits);
                  return best ? (
                    <span className={`grade grade-${best.grade}`}>{t(`gradeShort.${best.grade}`)}</span>
                  ) : null;
                },
              },
              {
                id: "score",
                head: t("column.score"),
                align: "end",
                sort: (row) => bestOf(row.hits)?.score ?? null,
                cell: (row) => {
                  const best = bestOf(row.hits);
                  return best ? (
                    <bdi dir="ltr" className="num">
                      {scoreText(best.score)}
                    </bdi>
                  ) : null;
                },
              },
              { id: "list", head: t("column.list"), cell: (row) => <bdi>{bestOf(row.hits)?.list}</bdi> },
              {
                id: "hits",
                head: t("column.hits"),
                align: "end",
                cell: (row) => <Num n={row.hits.length} />,
                sort: (row) => row.hits.length,
              },
            ]}
          />
        </Panel>
      ) : null}
    </>
  );
}

/** The results as CSV, a row a hit; cells are guarded against formulas. */
function save(results: Result[]) {
  const rows = [
    [
      "line",
      "name",
      "list",
      "entry",
      "listed_name",
      "grade",
      "score",
      "name_score",
      "born",
      "country",
      "identifier",
      "refused",
    ],
  ];
  for (const { question, hits, refused } of results) {
    const begin = [String(question.line), question.name];
    if (hits.length === 0) rows.push([...begin, "", "", "", "", "", "", "", "", "", refused ?? ""]);
    for (const hit of hits) {
      const { facts } = hit.why;
      rows.push([
        ...begin,
        hit.list,
        hit.id,
        hit.matched_name,
        hit.grade,
        scoreText(hit.score),
        scoreText(hit.why.name_score),
        facts.born,
        facts.country,
        facts.identifier,
        "",
      ]);
    }
  }
  const url = URL.createObjectURL(
    new Blob([`\uFEFF${rows.map((row) => row.map(csvCell).join(",")).join("\r\n")}\r\n`], { type: "text/csv" }),
  );
  const link = document.createElement("a");
  link.href = url;
  link.download = "names.csv";
  link.click();
  URL.revokeObjectURL(url);
}
