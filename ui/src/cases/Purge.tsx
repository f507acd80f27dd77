// Destroying a case for ever: only for supervisors, and only after its title was typed.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { Trouble } from "../parts/states";
import { useAdding } from "./bits";
import { pathOfCase } from "./data";
import { useOne } from "./one";

/** Whether what was typed is the title; spaces around it and between words count once. */
export const isTitle = (typed: string, title: string): boolean => {
  const plain = (text: string) => text.trim().replace(/\s+/g, " ").normalize("NFC");
  return plain(typed) === plain(title);
};

export function Purge({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation("cases");
  const { one } = useOne();
  const known = useQueryClient();
  const [typed, setTyped] = useState("");
  const { isBusy, error, run } = useAdding();
  const purge = async (event: FormEvent) => {
    event.preventDefault();
    const isDone = await run(() => call("DELETE", pathOfCase(one.id), { query: { version: one.version } }));
    if (!isDone) return;
    onDone();
    known.removeQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(pathOfCase(one.id)) });
    await known.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/v1/cases") });
  };
  return (
    <Dialog title={t("purge.title")} isOpen onClose={onClose}>
      <form className="stack" onSubmit={(event) => void purge(event)}>
        <p>{t("purge.lead")}</p>
        <p>{t("purge.export_first")}</p>
        <p>
          {t("purge.title_is")} <bdi className="quoted">{one.title}</bdi>
        </p>
        <Field
          label={t("purge.type")}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {error ? <Trouble error={error} /> : null}
        <div className="row form-end">
          <button type="button" className="button" onClick={onClose}>
            {t("page.cancel")}
          </button>
          <button type="submit" className="button button-danger" disabled={isBusy || !isTitle(typed, one.title)}>
            {isBusy ? t("purge.doing") : t("purge.do")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
