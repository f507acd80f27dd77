// Forms of watches: one watch of any kind, or everything in a file. All lines of a file are added or none; an error names its line.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useGet, useSend } from "../api/query";
import { useSession } from "../api/session";
import { Choice, Field, TextField } from "../parts/Field";
import { FileButton } from "../parts/FileButton";
import { Trouble } from "../parts/states";
import type { components } from "../api/schema";
import { DIRECTIONS, EMPTY, KINDS, bodyOf, wrongWith, type Draft, type Kind } from "./form";

type Added = components["schemas"]["WatchesAdded"];

export function AddWatch({ list, told }: { list: string; told: (message: string) => void }) {
  const { t, i18n } = useTranslation("watch");
  const { session } = useSession();
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [isChecked, setChecked] = useState(false);
  const categories = useGet("/v1/labels/taxonomy", { enabled: draft.kind === "category" });
  const patterns = useGet("/v1/patterns", { enabled: draft.kind === "pattern" });
  const send = useSend<Added>({
    refresh: ["/v1/watchlists", "/v1/alerts/figures"],
    onDone: (answer) => {
      told(t("added", { added: answer.counts.added, known: answer.counts.known }));
      setDraft({ ...EMPTY, kind: draft.kind, severity: draft.severity });
      setChecked(false);
    },
  });
  const set = (name: keyof Draft) => (event: { target: { value: string } }) =>
    setDraft({ ...draft, [name]: event.target.value });
  const wrong = wrongWith(draft);
  const error = (name: keyof Draft) => {
    const what = isChecked ? wrong[name] : undefined;
    return what ? t(what === "usd" ? "badUsd" : "missing") : undefined;
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (Object.keys(wrong).length > 0) return;
    send.mutate({
      method: "POST",
      path: `/v1/watchlists/${encodeURIComponent(list)}/watches`,
      body: { watches: [bodyOf(draft)] },
    });
  };
  const isArabic = i18n.language === "ar";
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <Choice
        label={t("kind")}
        help={t(`kindHint.${draft.kind}`)}
        value={draft.kind}
        onChange={(event) => setDraft({ ...draft, kind: event.target.value as Kind, value: "" })}
        options={KINDS.map((kind) => ({ value: kind, text: t(`kindName.${kind}`) }))}
      />
      {draft.kind === "amount" ? null : draft.kind === "category" ? (
        <Choice
          label={t("valueName.category")}
          value={draft.value}
          error={error("value")}
          onChange={set("value")}
          options={[
            { value: "", text: "…" },
            ...(categories.data ?? []).map((each) => ({
              value: each.category,
              text: (isArabic ? each.name.ar : each.name.en) ?? each.category,
            })),
          ]}
        />
      ) : draft.kind === "pattern" ? (
        <Choice
          label={t("valueName.pattern")}
          value={draft.value}
          error={error("value")}
          onChange={set("value")}
          options={[
            { value: "", text: "…" },
            { value: "*", text: "*" },
            ...(patterns.data?.patterns ?? []).map((each) => ({
              value: each.id,
              text: isArabic ? each.title_ar : each.title,
            })),
          ]}
        />
      ) : (
        <Field
          label={t(`valueName.${draft.kind}`)}
          ltr
          maxLength={256}
          value={draft.value}
          error={error("value")}
          onChange={set("value")}
        />
      )}
      <div className="three">
        <Choice
          label={t("chain")}
          value={draft.chain}
          onChange={set("chain")}
          options={[
            { value: "", text: t("anyChain") },
            ...session.chains.map((chain) => ({ value: chain, text: chain })),
          ]}
        />
        <Choice
          label={t("direction")}
          value={draft.direction}
          onChange={set("direction")}
          options={DIRECTIONS.map((each) => ({ value: each, text: t(`directionName.${each}`) }))}
        />
        <Choice
          label={t("severity")}
          value={draft.severity}
          onChange={set("severity")}
          options={["severe", "high", "medium", "low"].map((level) => ({ value: level, text: t(`level.${level}`) }))}
        />
        <Field
          label={t("leastUsd")}
          help={t("leastHint")}
          inputMode="decimal"
          value={draft.usd}
          error={error("usd")}
          onChange={set("usd")}
        />
      </div>
      <Field label={t("note")} value={draft.note} maxLength={500} onChange={set("note")} />
      {send.error ? <Trouble error={send.error} /> : null}
      <div className="row">
        <button type="submit" className="button button-main" disabled={send.isPending}>
          {t("add")}
        </button>
      </div>
    </form>
  );
}

export function ImportWatches({ list, told }: { list: string; told: (message: string) => void }) {
  const { t } = useTranslation("watch");
  const [text, setText] = useState("");
  const [isMissing, setMissing] = useState(false);
  const send = useSend<Added>({
    refresh: ["/v1/watchlists", "/v1/alerts/figures"],
    onDone: (answer) => {
      told(t("added", { added: answer.counts.added, known: answer.counts.known }));
      setText("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(text.trim() === "");
    if (text.trim() === "") return;
    send.mutate({
      method: "POST",
      path: `/v1/watchlists/${encodeURIComponent(list)}/watches`,
      body: text,
      headers: { "Content-Type": "text/csv" },
    });
  };
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <p className="small muted">{t("importHint")}</p>
      <FileButton
        label={t("importFile")}
        accept=".csv,.txt,text/csv,text/plain"
        onFile={(file) => void file.text().then(setText)}
      />
      <TextField
        label={t("importPaste")}
        ltr
        rows={6}
        value={text}
        error={isMissing ? t("missing") : undefined}
        onChange={(event) => setText(event.target.value)}
      />
      {send.error ? <Trouble error={send.error} /> : null}
      <div className="row">
        <button type="submit" className="button button-main" disabled={send.isPending}>
          {t("importGo")}
        </button>
      </div>
    </form>
  );
}
