// The dialog that makes a case.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { Dialog } from "../parts/Dialog";
import { Trouble } from "../parts/states";
import { CaseForm, emptyFields } from "./CaseForm";
import type { WholeCase } from "./data";
import { useDraft } from "./draft";

export function NewCase({
  isOpen,
  onClose,
  onMade,
}: {
  isOpen: boolean;
  onClose: () => void;
  onMade: (one: WholeCase) => void;
}) {
  const { t } = useTranslation("cases");
  const known = useQueryClient();
  const [fields, setFields, forget] = useDraft("new-case", emptyFields);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const make = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      // A new case is open; the service says so itself.
      const { state: _, ...body } = fields;
      const one = await call<WholeCase>("POST", "/v1/cases", { body: { ...body, title: body.title.trim() } });
      await known.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/v1/cases") });
      forget();
      onMade(one);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog title={t("new.title")} isOpen={isOpen} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void make(event)}>
        <CaseForm value={fields} onChange={setFields} />
        {error ? <Trouble error={error} /> : null}
        <div className="row form-end">
          <button type="button" className="button" onClick={onClose}>
            {t("page.cancel")}
          </button>
          <button type="submit" className="button button-main" disabled={isBusy || fields.title.trim() === ""}>
            {isBusy ? t("new.making") : t("new.make")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
