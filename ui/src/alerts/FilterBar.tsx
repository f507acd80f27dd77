// The filters of the queue. They stand in the page's address, so that a view can be kept, sent, and gone back to.
import { useId, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useGet } from "../api/query";
import { Choice, Field } from "../parts/Field";
import { ALL_THAT_WAITS, KINDS, SEVERITIES, STAGES, STATES, type Filters } from "./triage";

export function FilterBar({ filters, onChange }: { filters: Filters; onChange: (filters: Filters) => void }) {
  const { t } = useTranslation("alerts");
  const id = useId();
  const lists = useGet("/v1/watchlists");
  const any = { value: "", text: t("filter.any") };
  const set = (name: keyof Filters) => (event: { target: { value: string } }) =>
    onChange({ ...filters, [name]: event.target.value });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onChange({
      ...filters,
      subject: String(form.get("subject") ?? "").trim(),
      assignee: String(form.get("assignee") ?? "").trim(),
    });
  };
  return (
    <form className="filter-bar no-print" aria-labelledby={id} onSubmit={submit}>
      <h2 id={id} className="hidden-visually">
        {t("filter.title")}
      </h2>
      <Choice
        label={t("filter.state")}
        value={filters.state}
        onChange={set("state")}
        options={[
          { value: "not_closed", text: t("filter.notClosed") },
          ...STATES.map((state) => ({ value: state, text: t(`state.${state}`) })),
          any,
        ]}
      />
      <Choice
        label={t("filter.severity")}
        value={filters.severity}
        onChange={set("severity")}
        options={[any, ...SEVERITIES.map((level) => ({ value: level, text: t(`severity.${level}`) }))]}
      />
      <Choice
        label={t("filter.kind")}
        value={filters.kind}
        onChange={set("kind")}
        options={[any, ...KINDS.map((kind) => ({ value: kind, text: t(`kind.${kind}`) }))]}
      />
      <Choice
        label={t("filter.stage")}
        value={filters.stage}
        onChange={set("stage")}
        options={[any, ...STAGES.map((stage) => ({ value: stage, text: t(`stage.${stage}`) }))]}
      />
      <Choice
        label={t("filter.watchlist")}
        value={filters.watchlist}
        onChange={set("watchlist")}
        options={[any, ...(lists.data?.watchlists ?? []).map((list) => ({ value: list.name, text: list.name }))]}
      />
      <Field
        key={`a-${filters.assignee}`}
        label={t("filter.assignee")}
        name="assignee"
        defaultValue={filters.assignee}
        maxLength={128}
      />
      <Field
        key={`s-${filters.subject}`}
        label={t("filter.subject")}
        name="subject"
        ltr
        defaultValue={filters.subject}
        maxLength={256}
      />
      <button type="submit" className="button">
        {t("filter.apply")}
      </button>
      <button type="button" className="button" onClick={() => onChange(ALL_THAT_WAITS)}>
        {t("filter.reset")}
      </button>
    </form>
  );
}
