// Risk policies: which there are and which decides, the rules of one, an editor, what differs, the back-test, and making one decide.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useGet, useRead, useSend } from "../api/query";
import { useCan } from "../api/session";
import { useSaid } from "../i18n/said";
import { Hash, Num, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Dialog } from "../parts/Dialog";
import { Choice } from "../parts/Field";
import { FileButton } from "../parts/FileButton";
import { Page, Panel } from "../parts/Page";
import { Severity } from "../parts/Severity";
import { Read, Trouble } from "../parts/states";
import { Why } from "../parts/Why";
import type { components } from "../api/schema";
import { BackTestPanel } from "./BackTest";
import { CheckedView, useChecked } from "./Checked";
import { DiffView } from "./DiffView";
import { Editor } from "./Editor";
import { essence, readPolicy } from "./read";
import { lineOf } from "./text";
import { Words } from "./RuleWords";
import "../theme/pages.css";
import "./policies.css";

type Line = components["schemas"]["PolicyLine"];
interface View {
  version: string;
  policy: unknown;
}
type Source = components["schemas"]["PolicyTextView"];
const REFRESH = ["/v1/policies"];
const nameOf = (line: Line) => `${line.name}@${line.version.slice(0, 12)}`;

export default function Policies() {
  const { t } = useTranslation("policies");
  const maySupervise = useCan("supervise");
  const [search, setSearch] = useSearchParams();
  const policies = useGet("/v1/policies");
  const [message, setMessage] = useState("");
  const [asked, setAsked] = useState<{ line: Line; mode: "active" | "test" | "off" } | null>(null);
  const [text, setText] = useState<string | null>(null);
  const say = useSaid();
  const lines = policies.data?.policies ?? [];
  const active = lines.find((line) => line.mode === "active");
  const chosen = search.get("policy") ?? (active ? nameOf(active) : null);
  const names = lines.map((line) => ({
    value: nameOf(line),
    text: `${line.name} (${line.version.slice(0, 8)}, ${t(`mode.${line.mode}`)})`,
  }));
  const mode = useSend({
    refresh: [...REFRESH, "/v1/screen"],
    onDone: () => {
      setMessage(t("mode.done"));
      setAsked(null);
    },
  });
  return (
    <Page title={t("title")}>
      <p className="muted">{t("about")}</p>
      <p className={message ? "told" : "hidden-visually"} role="status">
        {message}
      </p>
      <Panel title={t("versions")}>
        <Read of={policies}>
          {(data) => (
            <>
              <DataTable
                caption={t("versionsCaption")}
                rows={data.policies}
                rowKey={(row) => row.version}
                columns={[
                  {
                    id: "name",
                    head: t("column.name"),
                    isName: true,
                    sort: (row) => row.name,
                    cell: (row) => (
                      <>
                        <button
                          type="button"
                          className="link-button"
                          aria-pressed={chosen === nameOf(row)}
                          onClick={() => setSearch({ policy: nameOf(row) })}
                        >
                          <bdi dir="ltr">{row.name}</bdi>
                        </button>
                        <br />
                        <span className="small muted">{row.title ? say(row.title) : null}</span>
                      </>
                    ),
                  },
                  {
                    id: "mode",
                    head: t("column.mode"),
                    sort: (row) => row.mode,
                    cell: (row) => <span className={`policy-mode policy-${row.mode}`}>{t(`mode.${row.mode}`)}</span>,
                  },
                  {
                    id: "rules",
                    head: t("column.rules"),
                    align: "end",
                    cell: (row) => <Num n={row.rules} />,
                    sort: (row) => row.rules,
                  },
                  {
                    id: "added",
                    head: t("column.added"),
                    cell: (row) =>
                      row.added_on ? <When at={row.added_on} day /> : t(row.is_shipped ? "shipped" : "notAdded"),
                    sort: (row) => row.added_on,
                  },
                  { id: "version", head: t("column.version"), cell: (row) => <Hash value={row.version} /> },
                  {
                    id: "do",
                    head: <span className="hidden-visually">{t("column.do")}</span>,
                    cell: (row) =>
                      !maySupervise ? null : (
                        <span className="row">
                          {row.defect ? <span className="field-error small">{t("defect")}</span> : null}
                          {row.mode !== "active" && !row.defect ? (
                            <button
                              type="button"
                              className="button"
                              onClick={() => setAsked({ line: row, mode: "active" })}
                              aria-label={`${t("mode.activate")}: ${nameOf(row)}`}
                            >
                              {t("mode.activate")}
                            </button>
                          ) : null}
                          {row.mode === "idle" && !row.defect ? (
                            <button
                              type="button"
                              className="button"
                              onClick={() => setAsked({ line: row, mode: "test" })}
                              aria-label={`${t("mode.toTest")}: ${nameOf(row)}`}
                            >
                              {t("mode.toTest")}
                            </button>
                          ) : null}
                          {row.mode === "test" ? (
                            <button
                              type="button"
                              className="button"
                              onClick={() => setAsked({ line: row, mode: "off" })}
                              aria-label={`${t("mode.retire")}: ${nameOf(row)}`}
                            >
                              {t("mode.retire")}
                            </button>
                          ) : null}
                        </span>
                      ),
                  },
                ]}
              />
              {data.journal.length > 0 ? (
                <details>
                  <summary>{t("journal.title")}</summary>
                  <DataTable
                    caption={t("journal.title")}
                    dense
                    rows={data.journal}
                    rowKey={(_, at) => at}
                    columns={[
                      {
                        id: "day",
                        head: t("journal.day"),
                        cell: (row) => <When at={row.day} day />,
                        sort: (row) => row.day,
                      },
                      { id: "kind", head: t("journal.what"), cell: (row) => t(`journal.${row.kind}`) },
                      {
                        id: "name",
                        head: t("column.name"),
                        isName: true,
                        cell: (row) => <bdi dir="ltr">{row.name}</bdi>,
                      },
                      { id: "version", head: t("column.version"), cell: (row) => <Hash value={row.version} /> },
                    ]}
                  />
                </details>
              ) : null}
            </>
          )}
        </Read>
      </Panel>
      {chosen ? <PolicyPanel key={chosen} name={chosen} names={names} onEdit={setText} /> : null}
      <EditorPanel text={text} onText={setText} mayPropose={maySupervise} told={setMessage} />
      <BackTestPanel text={text} names={names} />
      <Dialog
        title={asked ? t(`mode.title.${asked.mode}`, { name: nameOf(asked.line) }) : ""}
        isOpen={asked !== null}
        onClose={() => setAsked(null)}
      >
        {asked ? <p>{t(`mode.sure.${asked.mode}`, { now: active ? nameOf(active) : "–" })}</p> : null}
        {mode.error ? <Trouble error={mode.error} /> : null}
        <div className="row">
          <button
            type="button"
            className="button button-main"
            disabled={mode.isPending}
            onClick={() =>
              asked &&
              mode.mutate({
                method: "POST",
                path: `/v1/policies/${encodeURIComponent(nameOf(asked.line))}/mode`,
                body: { mode: asked.mode },
              })
            }
          >
            {t("mode.do")}
          </button>
          <button type="button" className="button" onClick={() => setAsked(null)}>
            {t("cancel")}
          </button>
        </div>
      </Dialog>
    </Page>
  );
}

function PolicyPanel({
  name,
  names,
  onEdit,
}: {
  name: string;
  names: { value: string; text: string }[];
  onEdit: (text: string) => void;
}) {
  const { t } = useTranslation("policies");
  const [other, setOther] = useState("");
  const view = useRead<View>("/v1/policies/{name}", { path: { name } });
  const second = useRead<View>("/v1/policies/{name}", { path: { name: other }, enabled: other !== "" });
  // The file as it is kept: what a copy begins with, and what is compared line by line.
  const file = useRead<Source>("/v1/policies/{name}/text", { path: { name } });
  const otherFile = useRead<Source>("/v1/policies/{name}/text", { path: { name: other }, enabled: other !== "" });
  const say = useSaid();
  return (
    <Panel title={t("rules.title", { name })}>
      <Read of={view}>
        {(data) => {
          const policy = readPolicy(data.policy);
          const source = file.data?.text;
          // Files where both are there; else both as they were read, so that like is compared with like.
          const hasFiles = Boolean(source) && Boolean(otherFile.data?.text);
          return (
            <div className="stack">
              {policy.about ? <p>{say(policy.about)}</p> : null}
              <dl className="facts">
                <dt>{t("rules.model")}</dt>
                <dd>{t(`model.${policy.model}`, { defaultValue: policy.model })}</dd>
                {policy.levels.length > 0 ? (
                  <>
                    <dt>{t("rules.levels")}</dt>
                    <dd className="row">
                      {policy.levels.map((level) => (
                        <span key={level.level}>
                          <Severity level={level.level} /> <bdi dir="ltr">≥ {level.score}</bdi>
                        </span>
                      ))}
                    </dd>
                  </>
                ) : null}
              </dl>
              <DataTable
                caption={t("rules.caption")}
                rows={policy.rules}
                rowKey={(rule) => rule.id}
                columns={[
                  {
                    id: "id",
                    head: t("rules.rule"),
                    isName: true,
                    sort: (rule) => rule.id,
                    cell: (rule) => (
                      <>
                        {say(rule.title)}
                        <br />
                        <bdi dir="ltr" className="small muted mono">
                          {rule.id}
                        </bdi>
                      </>
                    ),
                  },
                  {
                    id: "effect",
                    head: t("rules.effect"),
                    cell: (rule) =>
                      ["none", "low", "medium", "high", "severe"].includes(rule.effect) ? (
                        <Severity level={rule.effect} />
                      ) : (
                        <bdi dir="ltr">{rule.effect}</bdi>
                      ),
                  },
                  {
                    id: "why",
                    head: t("rules.why"),
                    cell: (rule) => <span dir="auto">{rule.why ? say(rule.why) : null}</span>,
                  },
                  {
                    id: "when",
                    head: t("rules.when"),
                    cell: (rule) => (
                      <span className="rule-when">
                        <Words when={rule.when} effect={rule.rawEffect} />
                        <Why
                          label={rule.id}
                          of={{
                            statement: t("rules.statement", {
                              policy: name,
                              rule: say(rule.title),
                              effect: rule.effect,
                            }),
                            text: <span dir="auto">{rule.why ? say(rule.why) : null}</span>,
                            path: view.path,
                            answer: { version: data.version, rule },
                          }}
                        />
                      </span>
                    ),
                  },
                ]}
              />
              {Object.keys(policy.groups).length > 0 ? (
                <details>
                  <summary>{t("rules.groups")}</summary>
                  <dl className="facts">
                    {Object.entries(policy.groups).map(([group, words]) => (
                      <GroupRow
                        key={group}
                        group={group}
                        words={words.map((word) => t(`category.${word}`, { defaultValue: word }))}
                      />
                    ))}
                  </dl>
                </details>
              ) : null}
              <div className="filter-bar filter-wide">
                <Choice
                  label={t("diff.with")}
                  value={other}
                  onChange={(event) => setOther(event.target.value)}
                  options={[{ value: "", text: "…" }, ...names.filter((each) => each.value !== name)]}
                />
                {source ? (
                  <button type="button" className="button" onClick={() => onEdit(source)}>
                    {t("editor.from")}
                  </button>
                ) : null}
              </div>
              {other !== "" ? (
                <Read of={second}>
                  {(old) => (
                    <DiffView
                      before={hasFiles ? (otherFile.data?.text ?? "") : JSON.stringify(essence(old.policy), null, 2)}
                      after={hasFiles ? (source ?? "") : JSON.stringify(essence(data.policy), null, 2)}
                    />
                  )}
                </Read>
              ) : null}
            </div>
          );
        }}
      </Read>
    </Panel>
  );
}

function GroupRow({ group, words }: { group: string; words: string[] }) {
  return (
    <>
      <dt>
        <bdi dir="ltr">{group}</bdi>
      </dt>
      <dd>{words.join(" · ")}</dd>
    </>
  );
}

const TEMPLATE = `format = 1
name = "my-policy"
title = { en = "", ar = "" }
model = "levels"

[groups]
terrorism = ["terrorist_financing", "donation_campaign", "facilitator"]

[[rule]]
id = "paid-terrorism"
title = { en = "Paid terrorist financing", ar = "دفع إلى جهة تمويل إرهاب" }
level = "high"
when = { counterparty = { direction = "sent", category = "terrorism", usd = ">= 100" } }
`;

function EditorPanel({
  text,
  onText,
  mayPropose,
  told,
}: {
  text: string | null;
  onText: (text: string) => void;
  mayPropose: boolean;
  told: (message: string) => void;
}) {
  const { t } = useTranslation("policies");
  const propose = useSend<Line>({ refresh: REFRESH, onDone: () => told(t("editor.proposed")) });
  const checked = useChecked(text);
  const fault = checked.error ?? propose.error;
  const detail = fault ? (fault.detail ?? fault.message) : null;
  return (
    <Panel title={t("editor.title")} note={t("editor.about")}>
      {text === null ? (
        <div className="row">
          <button type="button" className="button" onClick={() => onText(TEMPLATE)}>
            {t("editor.begin")}
          </button>
          <FileButton
            label={t("editor.open")}
            accept=".toml,text/plain"
            onFile={(file) => void file.text().then(onText)}
          />
        </div>
      ) : (
        <div className="stack">
          <Editor
            label={t("editor.text")}
            value={text}
            onChange={onText}
            error={detail}
            errorLine={detail ? lineOf(detail) : null}
          />
          <CheckedView of={checked} />
          <div className="row">
            {mayPropose ? (
              <button
                type="button"
                className="button button-main"
                disabled={propose.isPending || text.trim() === "" || checked.error !== null}
                onClick={() => propose.mutate({ method: "POST", path: "/v1/policies", body: { text } })}
              >
                {t("editor.propose")}
              </button>
            ) : (
              <span className="muted small">{t("editor.mayNot")}</span>
            )}
            <span className="muted small">{t("editor.proposeHint")}</span>
          </div>
        </div>
      )}
    </Panel>
  );
}
