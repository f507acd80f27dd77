// The fields of a case that people write, for making one and for changing one: what each means is said beside it,
// because a wrong disclosure or a missing legal basis is noticed too late.
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Choice, Field, TextField, Tick } from "../parts/Field";
import { DISCLOSURES, STATES, type CaseFields } from "./data";

export const emptyFields: CaseFields = {
  title: "",
  state: "open",
  summary: "",
  legal_basis: "",
  retention_until: null,
  humanitarian: { flag: false, note: "" },
  disclosure: "contact",
};

export function CaseForm({
  value,
  onChange,
  withState = false,
}: {
  value: CaseFields;
  onChange: (value: CaseFields) => void;
  withState?: boolean;
}) {
  const { t } = useTranslation("cases");
  const group = useId();
  const set = (some: Partial<CaseFields>) => onChange({ ...value, ...some });
  return (
    <div className="stack">
      <Field
        label={t("new.name")}
        help={t("new.name_hint")}
        required
        maxLength={200}
        value={value.title}
        onChange={(event) => set({ title: event.target.value })}
      />
      {withState ? (
        <Choice
          label={t("overview.state")}
          help={t(`state_note.${value.state}`)}
          options={STATES.map((state) => ({ value: state, text: t(`state.${state}`) }))}
          value={value.state}
          onChange={(event) => set({ state: event.target.value as CaseFields["state"] })}
        />
      ) : null}
      <TextField
        label={t("new.summary")}
        maxLength={20_000}
        value={value.summary}
        onChange={(event) => set({ summary: event.target.value })}
      />
      <TextField
        label={t("new.legal_basis")}
        help={t("new.legal_basis_hint")}
        rows={2}
        maxLength={4_000}
        value={value.legal_basis}
        onChange={(event) => set({ legal_basis: event.target.value })}
      />
      <Field
        label={t("new.retention")}
        help={t("new.retention_hint")}
        type="date"
        ltr
        value={value.retention_until ?? ""}
        onChange={(event) => set({ retention_until: event.target.value || null })}
      />
      <fieldset className="choices">
        <legend>{t("new.disclosure")}</legend>
        <p className="small muted">{t("new.disclosure_lead")}</p>
        {DISCLOSURES.map((each) => (
          <div key={each} className="choice">
            <input
              type="radio"
              id={`${group}-${each}`}
              name={group}
              checked={value.disclosure === each}
              aria-describedby={`${group}-${each}-note`}
              onChange={() => set({ disclosure: each })}
            />
            <div>
              <label htmlFor={`${group}-${each}`}>{t(`disclosure.${each}`)}</label>
              <p id={`${group}-${each}-note`} className="small muted">
                {t(`disclosure_note.${each}`)}
              </p>
            </div>
          </div>
        ))}
      </fieldset>
      <Tick
        label={
          <>
            {t("new.humanitarian")}
            <span className="small muted tick-note">{t("new.humanitarian_hint")}</span>
          </>
        }
        checked={value.humanitarian.flag}
        onChange={(event) => set({ humanitarian: { ...value.humanitarian, flag: event.target.checked } })}
      />
      {value.humanitarian.flag ? (
        <TextField
          label={t("new.humanitarian_note")}
          rows={3}
          maxLength={4_000}
          value={value.humanitarian.note}
          onChange={(event) => set({ humanitarian: { ...value.humanitarian, note: event.target.value } })}
        />
      ) : null}
    </div>
  );
}
