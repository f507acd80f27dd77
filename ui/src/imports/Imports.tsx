// Bringing files in: what it is, drop or choose the file, how far it is, what was refused and where, and what was stored. The service reads the
// file as a job; a file that is refused as a whole leaves nothing behind.
import { useState, type DragEvent, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useRefresh, useSend } from "../api/query";
import { useSession } from "../api/session";
import { pathOf } from "../api/client";
import { bytes } from "../format/numbers";
import { useSettings } from "../prefs";
import { Choice, Field } from "../parts/Field";
import { FileButton } from "../parts/FileButton";
import { Page, Panel } from "../parts/Page";
import { Trouble } from "../parts/states";
import { ImportLine } from "./ImportLine";
import type { Job } from "./job";
import { ACCEPT, FILE_MOST, KINDS, OPTIONS, guess, type Kind } from "./kinds";
import { Stored } from "./Stored";
import "../theme/pages.css";
import "../names/names.css";

interface Begun {
  id: string;
  kind: Kind;
  name: string;
}

export default function Imports() {
  const { t } = useTranslation("imports");
  const set = useSettings();
  const { session, can } = useSession();
  const mayWrite = can("write");
  const [kind, setKind] = useState<Kind | "">("");
  const [file, setFile] = useState<File | null>(null);
  const [options, setOptions] = useState<Record<string, string>>({});
  const [isOver, setOver] = useState(false);
  const [isChecked, setChecked] = useState(false);
  const [begun, setBegun] = useState<Begun[]>([]);
  const refresh = useRefresh();
  const send = useSend<Job>({
    onDone: (job) => {
      if (kind !== "" && file) setBegun((before) => [{ id: job.id, kind, name: file.name }, ...before]);
      setFile(null);
      setOptions({});
      setChecked(false);
    },
  });

  const take = async (taken: File | undefined) => {
    if (!taken) return;
    setFile(taken);
    if (kind === "") {
      const guessed = guess(taken.name, await taken.slice(0, 4096).text());
      if (guessed) setKind(guessed);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const asked = kind === "" ? [] : OPTIONS[kind];
  const lacking = asked.filter((option) => option.needed && !options[option.name]);
  const isLarge = file !== null && file.size > FILE_MOST;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (kind === "" || !file || isLarge || lacking.length > 0) return;
    const query = Object.fromEntries(asked.map((option) => [option.name, options[option.name] ?? ""]));
    send.mutate({
      method: "POST",
      path: pathOf("/v1/imports/{what}", { what: kind }, { name: file.name, ...query }),
      body: file,
      headers: { "Content-Type": "application/octet-stream" },
    });
  };

  return (
    <Page title={t("title")}>
      <p className="muted">{t("about")}</p>
      {mayWrite ? (
        <Panel title={t("bring")}>
          <form className="stack" noValidate onSubmit={submit}>
            <div
              role="group"
              aria-label={t("drop")}
              className={isOver ? "drop is-over" : "drop"}
              onDragOver={(event) => {
                event.preventDefault();
                setOver(true);
              }}
              onDragLeave={() => setOver(false)}
              onDrop={drop}
            >
              <p>{t("drop")}</p>
              <FileButton
                label={t("choose")}
                accept={kind === "" ? undefined : ACCEPT[kind]}
                isWrong={isChecked && !file}
                onFile={(chosen) => void take(chosen)}
              />
              {file ? (
                <p>
                  <bdi>{file.name}</bdi>{" "}
                  <bdi dir="ltr" className="muted">
                    {bytes(file.size, set)}
                  </bdi>
                </p>
              ) : null}
              {isChecked && !file ? (
                <p className="field-error small" role="alert">
                  {t("noFile")}
                </p>
              ) : null}
              {isLarge ? (
                <p className="field-error small" role="alert">
                  {t("large")}
                </p>
              ) : null}
            </div>
            <Choice
              label={t("what")}
              help={kind === "" ? undefined : t(`kindHint.${kind}`)}
              error={isChecked && kind === "" ? t("noKind") : undefined}
              value={kind}
              onChange={(event) => {
                setKind(event.target.value as Kind | "");
                setOptions({});
              }}
              options={[{ value: "", text: "…" }, ...KINDS.map((each) => ({ value: each, text: t(`kind.${each}`) }))]}
            />
            {kind === "records" ? <p className="warn">{t("pseudonyms")}</p> : null}
            {asked.length > 0 ? (
              <div className="three">
                {asked.map((option) => {
                  const value = options[option.name] ?? "";
                  const change = (event: { target: { value: string } }) =>
                    setOptions({ ...options, [option.name]: event.target.value });
                  const error = isChecked && option.needed && value === "" ? t("missing") : undefined;
                  const label = t(`option.${option.name}`);
                  const help = t(`optionHint.${option.name}`);
                  if (option.type === "choice" || option.type === "chain") {
                    const choices = option.type === "chain" ? session.chains : (option.choices ?? []);
                    return (
                      <Choice
                        key={option.name}
                        label={label}
                        help={help}
                        error={error}
                        value={value}
                        onChange={change}
                        options={[
                          { value: "", text: "…" },
                          ...choices.map((each) => ({
                            value: each,
                            text: option.type === "chain" ? each : t(`record.${each}`),
                          })),
                        ]}
                      />
                    );
                  }
                  return (
                    <Field
                      key={option.name}
                      label={label}
                      help={help}
                      error={error}
                      type={option.type}
                      ltr
                      maxLength={option.name === "map" ? 8192 : 200}
                      value={value}
                      onChange={change}
                    />
                  );
                })}
              </div>
            ) : null}
            {send.error ? <Trouble error={send.error} /> : null}
            <div className="row">
              <button type="submit" className="button button-main" disabled={send.isPending}>
                {t("go")}
              </button>
              {send.isPending ? <span role="status">{t("sending")}</span> : null}
            </div>
          </form>
        </Panel>
      ) : (
        <p>{t("mayNot")}</p>
      )}
      {begun.map((each) => (
        <ImportLine
          key={each.id}
          id={each.id}
          kind={each.kind}
          name={each.name}
          onEnded={() =>
            void refresh([
              "/v1/labels",
              "/v1/lists",
              "/v1/prices",
              "/v1/records",
              "/v1/campaigns",
              "/v1/sightings",
              "/v1/status",
              "/v1/names",
            ])
          }
        />
      ))}
      <Stored />
      <p className="small muted">
        {t("see")} <Link to="/labels">{t("kind.labels")}</Link> · <Link to="/lists">{t("kind.lists")}</Link> ·{" "}
        <Link to="/records">{t("kind.records")}</Link> · <Link to="/campaigns">{t("kind.documents")}</Link>
      </p>
    </Page>
  );
}
