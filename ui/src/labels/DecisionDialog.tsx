// Decisions about labels: a label of one's own, or that one of a source is disputed, corrected, retracted or used again. Every decision has a
// reason and is kept; what the source said stays.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useGet, useSend } from "../api/query";
import { useSession } from "../api/session";
import { Dialog } from "../parts/Dialog";
import { Choice, Field as Input, TextField } from "../parts/Field";
import { Trouble } from "../parts/states";
import { CORRECTABLE, changesOf, valueOf, type Field, type Label } from "./read";
import { chainOf, settings } from "../prefs";

export type Action = "add" | "dispute" | "undispute" | "correct" | "retract" | "restore";

const BASES = [
  "own_analysis",
  "designation",
  "judgment",
  "seizure_order",
  "complaint",
  "authority_statement",
  "third_party_claim",
] as const;
const REFRESH = [
  "/v1/labels",
  "/v1/address",
  "/v1/screen",
  "/v1/entity",
  "/v1/exposure",
  "/v1/counterparties",
  "/v1/totals",
  "/v1/status",
];

export function DecisionDialog({
  action,
  label,
  onClose,
  told,
}: {
  action: Action;
  label: Label | null;
  onClose: () => void;
  told: (message: string) => void;
}) {
  const { t } = useTranslation("labels");
  const done = () => {
    told(t("decide.done"));
    onClose();
  };
  return (
    <Dialog title={t(`decide.title.${action}`)} isOpen onClose={onClose}>
      <p className="muted">{t(`decide.about.${action}`)}</p>
      {action === "add" ? (
        <Add onClose={onClose} onDone={done} />
      ) : label ? (
        <Decide action={action} label={label} onClose={onClose} onDone={done} />
      ) : null}
    </Dialog>
  );
}

function useCategories() {
  const { i18n } = useTranslation();
  const taxonomy = useGet("/v1/labels/taxonomy");
  const isArabic = i18n.language === "ar";
  return (taxonomy.data ?? []).map((each) => ({
    value: each.category,
    text: (isArabic ? each.name.ar : each.name.en) ?? each.category,
  }));
}

function Buttons({ isBusy, onClose }: { isBusy: boolean; onClose: () => void }) {
  const { t } = useTranslation("labels");
  return (
    <div className="row">
      <button type="submit" className="button button-main" disabled={isBusy}>
        {t("decide.do")}
      </button>
      <button type="button" className="button" onClick={onClose}>
        {t("decide.cancel")}
      </button>
    </div>
  );
}

function Add({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation("labels");
  const { session } = useSession();
  const categories = useCategories();
  const [draft, setDraft] = useState({
    subject: "",
    chain: chainOf(settings(), session.chains),
    name: "",
    category: "",
    basis: "own_analysis",
    source: "",
    context: "",
  });
  const [isChecked, setChecked] = useState(false);
  const send = useSend({ refresh: REFRESH, onDone });
  const set = (name: keyof typeof draft) => (event: { target: { value: string } }) =>
    setDraft({ ...draft, [name]: event.target.value });
  const missing = (text: string) => (isChecked && text.trim() === "" ? t("decide.missing") : undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (!draft.subject.trim() || !draft.name.trim() || !draft.category || !draft.source.trim()) return;
    const body = Object.fromEntries(
      Object.entries(draft)
        .map(([name, value]) => [name, value.trim()])
        .filter(([, value]) => value !== ""),
    );
    send.mutate({ method: "POST", path: "/v1/labels/decisions", body: { action: "add", ...body } });
  };
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <Input
        label={t("decide.subject")}
        ltr
        value={draft.subject}
        maxLength={256}
        error={missing(draft.subject)}
        onChange={set("subject")}
      />
      <Choice
        label={t("decide.chain")}
        value={draft.chain}
        onChange={set("chain")}
        options={session.chains.map((chain) => ({ value: chain, text: chain }))}
      />
      <Input
        label={t("decide.name")}
        value={draft.name}
        maxLength={500}
        error={missing(draft.name)}
        onChange={set("name")}
      />
      <Choice
        label={t("decide.category")}
        value={draft.category}
        error={missing(draft.category)}
        onChange={set("category")}
        options={[{ value: "", text: "…" }, ...categories]}
      />
      <Choice
        label={t("decide.basis")}
        value={draft.basis}
        onChange={set("basis")}
        options={BASES.map((basis) => ({ value: basis, text: t(`basis.${basis}`) }))}
      />
      <Input
        label={t("decide.source")}
        help={t("decide.reasonHint")}
        value={draft.source}
        maxLength={2000}
        error={missing(draft.source)}
        onChange={set("source")}
      />
      <TextField label={t("detail.context")} value={draft.context} maxLength={2000} onChange={set("context")} />
      {send.error ? <Trouble error={send.error} /> : null}
      <Buttons isBusy={send.isPending} onClose={onClose} />
    </form>
  );
}

function Decide({
  action,
  label,
  onClose,
  onDone,
}: {
  action: Exclude<Action, "add">;
  label: Label;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useTranslation("labels");
  const categories = useCategories();
  const [reason, setReason] = useState("");
  const [draft, setDraft] = useState(
    () => Object.fromEntries(CORRECTABLE.map((field) => [field, valueOf(label, field)])) as Record<Field, string>,
  );
  const [isChecked, setChecked] = useState(false);
  const send = useSend({ refresh: REFRESH, onDone });
  const changes = action === "correct" ? changesOf(label, draft) : {};
  const isNothing = action === "correct" && Object.keys(changes).length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (reason.trim() === "" || isNothing) return;
    send.mutate({
      method: "POST",
      path: "/v1/labels/decisions",
      body: { action, label: label.id, reason: reason.trim(), ...(action === "correct" ? { changes } : {}) },
    });
  };
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <p>
        <bdi>{label.label}</bdi>{" "}
        <bdi dir="ltr" className="mono small">
          {label.subject}
        </bdi>
      </p>
      {action === "correct"
        ? CORRECTABLE.map((field) =>
            field === "category" ? (
              <Choice
                key={field}
                label={t("decide.category")}
                value={draft.category}
                options={categories}
                onChange={(event) => setDraft({ ...draft, category: event.target.value })}
              />
            ) : (
              <Input
                key={field}
                label={t(`correct.${field}`)}
                type={field === "valid_from" || field === "valid_to" ? "date" : "text"}
                value={draft[field]}
                maxLength={2000}
                onChange={(event) => setDraft({ ...draft, [field]: event.target.value })}
              />
            ),
          )
        : null}
      {isChecked && isNothing ? (
        <p className="field-error small" role="alert">
          {t("decide.nothing")}
        </p>
      ) : null}
      <TextField
        label={t("decide.reason")}
        help={t("decide.reasonHint")}
        value={reason}
        maxLength={2000}
        error={isChecked && reason.trim() === "" ? t("decide.missing") : undefined}
        onChange={(event) => setReason(event.target.value)}
      />
      {send.error ? <Trouble error={send.error} /> : null}
      <Buttons isBusy={send.isPending} onClose={onClose} />
    </form>
  );
}
