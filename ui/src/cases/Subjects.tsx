// What the case is about, as a table; and who else has it.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../api/client";
import type { AlsoIn, Item, SubjectBody } from "../api/contract";
import { Hash, When } from "../parts/bits";
import { DataTable, type Column } from "../parts/DataTable";
import { Dialog } from "../parts/Dialog";
import { TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Panel } from "../parts/Page";
import { Empty, Read, Trouble } from "../parts/states";
import { AddSubjects } from "./AddSubjects";
import { AlsoInNotice, type Also } from "./AlsoIn";
import { Cut, Removing, Said, useAdding } from "./bits";
import { Conflict } from "./Conflict";
import { putItem, removeItem, useItems } from "./data";
import { useOne } from "./one";
import { useSave } from "./save";
import { graphOf, pageOf } from "./subject";

/** Subjects that other teams are asked about at once; each is a question of its own to the service. */
const ASK_MAX = 100;

export function Subjects() {
  const { t } = useTranslation("cases");
  const { one, isWriter, changed } = useOne();
  const subjects = useItems(one.id, "subjects");
  const [also, setAlso] = useState<Also[]>([]);
  const [edited, setEdited] = useState<Item<SubjectBody> | null>(null);

  const columns: Column<Item<SubjectBody>>[] = [
    {
      id: "kind",
      head: t("subjects.column_kind"),
      sort: ({ body }) => body.kind,
      cell: ({ body }) => t(`kind.${body.kind}`),
    },
    {
      id: "value",
      head: t("subjects.column_value"),
      isName: true,
      sort: ({ body }) => body.value,
      cell: ({ body }) => <Value subject={body} />,
    },
    { id: "note", head: t("subjects.column_note"), cell: ({ body }) => (body.note ? <Said text={body.note} /> : null) },
    {
      id: "added",
      head: t("subjects.column_added"),
      sort: (item) => item.created_s,
      cell: (item) => <When at={item.created_s} day />,
    },
    {
      id: "do",
      head: t("subjects.column_do"),
      cell: (item) => {
        const graph = graphOf(item.body);
        const what = item.body.value;
        return (
          <div className="row no-print">
            {graph ? (
              <Link className="button button-quiet" to={graph}>
                <Icon name="graph" size={14} /> {t("subjects.open_graph")}
              </Link>
            ) : null}
            {isWriter ? (
              <>
                <button
                  type="button"
                  className="button button-quiet"
                  aria-label={t("subjects.edit_note_named", { what })}
                  onClick={() => setEdited(item)}
                >
                  <Icon name="edit" size={14} /> {t("subjects.edit_note")}
                </button>
                <Removing
                  label={t("page.remove_named", { what })}
                  text={t("page.remove")}
                  ask={t("subjects.ask")}
                  act={async () => {
                    await removeItem(one.id, "subjects", item);
                    await changed();
                  }}
                />
              </>
            ) : null}
          </div>
        );
      },
    },
  ];
  return (
    <div className="stack">
      <AlsoInNotice also={also} onClose={() => setAlso([])} />
      {isWriter ? (
        <AddSubjects
          present={subjects.data?.rows.map((item) => item.body) ?? []}
          onAlso={(more) => setAlso((now) => [...now, ...more])}
        />
      ) : null}
      <Panel
        title={t("subjects.title")}
        note={t("subjects.lead")}
        actions={
          subjects.data && subjects.data.rows.length > 0 ? (
            <AskOthers rows={subjects.data.rows} onAlso={setAlso} />
          ) : null
        }
      >
        <Read of={subjects}>
          {({ rows, cut }) => (
            <>
              <DataTable
                caption={t("subjects.caption")}
                columns={columns}
                rows={rows}
                rowKey={(item) => item.id}
                empty={<Empty>{isWriter ? t("subjects.empty") : t("subjects.empty_read")}</Empty>}
              />
              <Cut is={cut} count={rows.length} />
            </>
          )}
        </Read>
      </Panel>
      {edited ? <EditNote item={edited} onClose={() => setEdited(null)} /> : null}
    </div>
  );
}

/** A subject as a link to its page: names as they are, identifiers from left to right. */
export function Value({ subject }: { subject: SubjectBody }) {
  const { kind, value, chain } = subject;
  if (kind === "person" || kind === "campaign") {
    return (
      <Link to={pageOf(subject)}>
        <bdi>{value}</bdi>
      </Link>
    );
  }
  return (
    <>
      <Hash value={value} to={pageOf(subject)} full={value.length <= 46} />
      {chain ? <span className="small muted"> {chain}</span> : null}
    </>
  );
}

/** Asks which other teams have the subjects of the case by now. */
function AskOthers({ rows, onAlso }: { rows: Item<SubjectBody>[]; onAlso: (also: Also[]) => void }) {
  const { t } = useTranslation("cases");
  const { one, say } = useOne();
  const { isBusy, error, run } = useAdding();
  const ask = () =>
    run(async () => {
      const found: Also[] = [];
      for (const { body } of rows.slice(0, ASK_MAX)) {
        const { kind, chain, value } = body;
        const answer = await call<{ also_in: AlsoIn[] }>("GET", "/v1/deconfliction", { query: { kind, chain, value } });
        const others = answer.also_in.filter((other) => other.case !== one.id);
        if (others.length > 0) found.push({ subject: body, also_in: others });
      }
      onAlso(found);
      if (found.length === 0) say(t("also.none"));
    });
  return (
    <>
      <button type="button" className="button" disabled={isBusy} onClick={() => void ask()}>
        <Icon name="people" size={14} /> {isBusy ? t("also.asking") : t("also.ask")}
      </button>
      {error ? <Trouble error={error} /> : null}
    </>
  );
}

function EditNote({ item, onClose }: { item: Item<SubjectBody>; onClose: () => void }) {
  const { t } = useTranslation("cases");
  const { one, changed } = useOne();
  const [version, setVersion] = useState(item.version);
  const [note, setNote] = useState(item.body.note);
  const saving = useSave<SubjectBody, Item<SubjectBody>>((mine, seen) =>
    putItem(one.id, "subjects", { id: item.id, version: seen }, mine),
  );
  const { clash } = saving;
  const finish = async () => {
    await changed();
    onClose();
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (await saving.save({ ...item.body, note }, version)) await finish();
  };
  return (
    <Dialog title={t("subjects.edit_title")} isOpen onClose={onClose}>
      <form className="stack" onSubmit={(event) => void save(event)}>
        <p>
          <bdi dir="ltr" className="mono wraps">
            {item.body.value}
          </bdi>
        </p>
        {clash ? (
          <Conflict
            mine={clash.mine}
            stored={clash.stored.body}
            onKeep={() => void saving.keepMine().then((isKept) => (isKept ? finish() : undefined))}
            onTake={() => void finish()}
            onGoOn={() => {
              setVersion(clash.stored.version);
              saving.goOn();
            }}
          />
        ) : null}
        <TextField
          label={t("subjects.note")}
          help={t("subjects.note_hint")}
          maxLength={4_000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        {saving.error ? <Trouble error={saving.error} /> : null}
        <div className="row form-end">
          <button type="button" className="button" onClick={onClose}>
            {t("page.cancel")}
          </button>
          <button type="submit" className="button button-main" disabled={saving.isBusy || clash !== null}>
            {saving.isBusy ? t("page.saving") : t("page.save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
