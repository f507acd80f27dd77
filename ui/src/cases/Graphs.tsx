// Graphs that are saved with the case: opening, making and renaming. What is on one is the graph page's matter.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { call } from "../api/client";
import type { Item } from "../api/contract";
import { useSession } from "../api/session";
import { emptyDocument } from "../graph/document";
import { When } from "../parts/bits";
import { DataTable, type Column } from "../parts/DataTable";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Panel } from "../parts/Page";
import { Empty, Read, Trouble } from "../parts/states";
import { Cut, Removing, useAdding } from "./bits";
import { Conflict } from "./Conflict";
import { pathOfCase, putItem, removeItem, useItems, type GraphBody } from "./data";
import { useOne } from "./one";
import { useSave } from "./save";
import { chainOf, useSettings } from "../prefs";

export function Graphs() {
  const { t } = useTranslation("cases");
  const { one, isWriter, changed } = useOne();
  const graphs = useItems(one.id, "graphs");
  const [renamed, setRenamed] = useState<Item<GraphBody> | null>(null);
  const [isNew, setNew] = useState(false);
  const columns: Column<Item<GraphBody>>[] = [
    {
      id: "name",
      head: t("graphs.column_name"),
      isName: true,
      sort: (item) => item.body.name,
      cell: (item) => (
        <Link to={`/graph/${one.id}/${item.id}`}>
          <bdi>{item.body.name}</bdi>
        </Link>
      ),
    },
    {
      id: "changed",
      head: t("graphs.column_changed"),
      sort: (item) => item.changed_s,
      cell: (item) => <When at={item.changed_s} />,
    },
    {
      id: "do",
      head: t("graphs.column_do"),
      cell: (item) =>
        isWriter ? (
          <div className="row no-print">
            <button
              type="button"
              className="button button-quiet"
              aria-label={t("graphs.rename_named", { what: item.body.name })}
              onClick={() => setRenamed(item)}
            >
              <Icon name="edit" size={14} /> {t("graphs.rename")}
            </button>
            <Removing
              label={t("page.remove_named", { what: item.body.name })}
              text={t("page.remove")}
              ask={t("graphs.ask")}
              act={async () => {
                await removeItem(one.id, "graphs", item);
                await changed();
              }}
            />
          </div>
        ) : null,
    },
  ];
  return (
    <Panel
      title={t("graphs.title")}
      note={t("graphs.lead")}
      actions={
        isWriter ? (
          <button type="button" className="button button-main" onClick={() => setNew(true)}>
            <Icon name="plus" size={14} /> {t("graphs.new")}
          </button>
        ) : null
      }
    >
      <Read of={graphs}>
        {({ rows, cut }) => (
          <>
            <DataTable
              caption={t("graphs.caption")}
              columns={columns}
              rows={rows}
              rowKey={(item) => item.id}
              empty={<Empty>{t("graphs.empty")}</Empty>}
            />
            <Cut is={cut} count={rows.length} />
          </>
        )}
      </Read>
      {isNew ? <NewGraph onClose={() => setNew(false)} /> : null}
      {renamed ? <Rename item={renamed} onClose={() => setRenamed(null)} /> : null}
    </Panel>
  );
}

function NewGraph({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("cases");
  const go = useNavigate();
  const { one, changed } = useOne();
  const { session } = useSession();
  const [name, setName] = useState("");
  const { isBusy, error, run } = useAdding();
  const chain = chainOf(useSettings(), session.chains);
  const make = async (event: FormEvent) => {
    event.preventDefault();
    await run(async () => {
      const item = await call<Item<GraphBody>>("POST", pathOfCase(one.id, "graphs"), {
        body: { name: name.trim(), document: emptyDocument(chain, name.trim()) },
      });
      await changed();
      await go(`/graph/${one.id}/${item.id}`);
    });
  };
  return (
    <Dialog title={t("graphs.new")} isOpen onClose={onClose}>
      <form className="stack" onSubmit={(event) => void make(event)}>
        <Field
          label={t("graphs.name")}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {error ? <Trouble error={error} /> : null}
        <div className="row form-end">
          <button type="button" className="button" onClick={onClose}>
            {t("page.cancel")}
          </button>
          <button type="submit" className="button button-main" disabled={isBusy || name.trim() === ""}>
            {isBusy ? t("page.adding") : t("graphs.open_new")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Rename({ item, onClose }: { item: Item<GraphBody>; onClose: () => void }) {
  const { t } = useTranslation("cases");
  const { one, changed } = useOne();
  const [name, setName] = useState(item.body.name);
  const [seen, setSeen] = useState(item);
  // Only the name is changed: the drawing is taken from the version that the name is written over.
  const saving = useSave<Pick<GraphBody, "name">, Item<GraphBody>>(async (mine, version) => {
    const now =
      version === seen.version ? seen : await call<Item<GraphBody>>("GET", pathOfCase(one.id, "graphs", item.id));
    await putItem(one.id, "graphs", { id: item.id, version }, { ...now.body, ...mine });
  });
  const { clash } = saving;
  const finish = async () => {
    await changed();
    onClose();
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (await saving.save({ name: name.trim() }, seen.version)) await finish();
  };
  return (
    <Dialog title={t("graphs.rename")} isOpen onClose={onClose}>
      <form className="stack" onSubmit={(event) => void save(event)}>
        {clash ? (
          <Conflict
            mine={clash.mine}
            stored={clash.stored.body}
            onKeep={() => void saving.keepMine().then((isKept) => (isKept ? finish() : undefined))}
            onTake={() => void finish()}
            onGoOn={() => {
              setSeen(clash.stored);
              saving.goOn();
            }}
          />
        ) : null}
        <Field
          label={t("graphs.name")}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {saving.error ? <Trouble error={saving.error} /> : null}
        <div className="row form-end">
          <button type="button" className="button" onClick={onClose}>
            {t("page.cancel")}
          </button>
          <button
            type="submit"
            className="button button-main"
            disabled={saving.isBusy || clash !== null || name.trim() === ""}
          >
            {saving.isBusy ? t("page.saving") : t("page.save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
