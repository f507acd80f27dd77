// Where the graph is kept and whether it is: said at all times, with the choice where somebody else has changed it.

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { Cases, Item } from "../api/contract";
import { useRead, useSend } from "../api/query";
import { useCan } from "../api/session";
import { Choice, Dialog, Field, Trouble } from "../parts";
import { writeDocument, RefusedDocument } from "./read";
import { dropDraft, draftKey, type GraphBody, type Saving } from "./saving";
import type { GraphStore } from "./store";

export function SaveBar({ store, saving, isInCase }: { store: GraphStore; saving: Saving; isInCase: boolean }) {
  const { t } = useTranslation("graph");
  const canWrite = useCan("case_write");
  const [isOpen, setOpen] = useState(false);
  const { state } = saving;
  const bad = state.is === "conflict" || state.is === "offline" || state.is === "refused" || state.is === "unkept";
  return (
    <div className={`graph-save${bad ? " is-bad" : ""}`} role={bad ? "alert" : "status"}>
      <span>{t(`save.${state.is}`)}</span>
      {state.is === "refused" && state.error instanceof RefusedDocument ? (
        <span>
          {t(`refused.${state.error.why}`)} <bdi className="mono">{state.error.at}</bdi>
        </span>
      ) : null}
      {state.is === "conflict" ? (
        <>
          <button type="button" className="button" onClick={saving.keepMine}>
            {t("save.mine")}
          </button>
          <button type="button" className="button" onClick={saving.takeTheirs}>
            {t("save.theirs")}
          </button>
        </>
      ) : null}
      {state.is === "offline" || state.is === "unkept" ? (
        <button type="button" className="button" onClick={saving.again}>
          {t("save.again")}
        </button>
      ) : null}
      {canWrite && (!isInCase || state.is === "conflict") ? (
        <button type="button" className="button" onClick={() => setOpen(true)}>
          {isInCase ? t("save.as_new") : t("save.to_case")}
        </button>
      ) : null}
      {isOpen ? <ToCase store={store} onClose={() => setOpen(false)} /> : null}
    </div>
  );
}

function ToCase({ store, onClose }: { store: GraphStore; onClose: () => void }) {
  const { t } = useTranslation("graph");
  const navigate = useNavigate();
  const cases = useRead<Cases>("/v1/cases", { query: { limit: 100 } });
  const open = (cases.data?.cases ?? []).filter((one) => one.state !== "closed" && one.role !== "reader");
  const [chosen, setChosen] = useState<string | null>(null);
  const [name, setName] = useState(store.document.name);
  const send = useSend<Item<GraphBody>>({ refresh: ["/v1/cases"] });
  const which = chosen ?? (open[0] === undefined ? "" : String(open[0].id));
  const save = async () => {
    store.dispatch({ do: "name", name: name.trim() });
    const item = await send.mutateAsync({
      method: "POST",
      path: `/v1/cases/${which}/graphs`,
      body: { name: name.trim(), document: writeDocument(store.document) },
    });
    dropDraft(draftKey(null));
    void navigate(`/graph/${which}/${item.id}`);
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t("save.to_case")}
      foot={
        <button
          type="button"
          className="button button-main"
          disabled={which === "" || name.trim() === "" || send.isPending}
          onClick={() => void save().catch(() => undefined)}
        >
          {t("save.do")}
        </button>
      }
    >
      <div className="stack">
        {open.length === 0 && !cases.isPending ? <p>{t("save.no_case")}</p> : null}
        <Choice
          label={t("save.case")}
          value={which}
          onChange={(event) => setChosen(event.target.value)}
          options={open.map((one) => ({ value: String(one.id), text: one.title }))}
        />
        <Field label={t("save.name")} value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        {send.error === null ? null : <Trouble error={send.error} />}
        {cases.error === null ? null : <Trouble error={cases.error} />}
      </div>
    </Dialog>
  );
}
