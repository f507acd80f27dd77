// Notes: what people wrote down, with author and time. Plain text; each line in its own direction.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { Item } from "../api/contract";
import { moment } from "../format/numbers";
import { TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Panel } from "../parts/Page";
import { Empty, Read, Trouble } from "../parts/states";
import { useSettings } from "../prefs";
import { By, Cut, Removing, Said, useAdding } from "./bits";
import { Conflict } from "./Conflict";
import { pathOfCase, putItem, removeItem, useItems, type NoteBody } from "./data";
import { useDraft } from "./draft";
import { useOne } from "./one";
import { useSave } from "./save";

export function Notes() {
  const { t } = useTranslation("cases");
  const { one, isWriter } = useOne();
  const notes = useItems(one.id, "notes");
  return (
    <div className="stack">
      {isWriter ? <Write /> : null}
      <Panel title={t("notes.title")}>
        <Read of={notes}>
          {({ rows, cut }) => (
            <>
              {rows.length === 0 ? <Empty>{t("notes.empty")}</Empty> : null}
              <ul className="entries">
                {[...rows].reverse().map((item) => (
                  <Note key={item.id} item={item} />
                ))}
              </ul>
              <Cut is={cut} count={rows.length} />
            </>
          )}
        </Read>
      </Panel>
    </div>
  );
}

function Write() {
  const { t } = useTranslation("cases");
  const { one, changed } = useOne();
  const [text, setText, forget] = useDraft(`case-${one.id}-note`, "");
  const { isBusy, error, run } = useAdding();
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const isDone = await run(async () => {
      await call("POST", pathOfCase(one.id, "notes"), { body: { text } });
      await changed();
    });
    if (isDone) forget();
  };
  return (
    <form className="panel stack" onSubmit={(event) => void add(event)}>
      <TextField
        label={t("notes.write")}
        help={t("notes.write_hint")}
        rows={3}
        maxLength={100_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {error ? <Trouble error={error} /> : null}
      <div className="row form-end">
        <button type="submit" className="button button-main" disabled={isBusy || text.trim() === ""}>
          {isBusy ? t("page.adding") : t("page.add")}
        </button>
      </div>
    </form>
  );
}

function Note({ item }: { item: Item<NoteBody> }) {
  const { t } = useTranslation("cases");
  const set = useSettings();
  const { one, isWriter, nameOf, changed } = useOne();
  const [isEditing, setEditing] = useState(false);
  const what = t("notes.what", { who: nameOf(item.created_by), when: moment(item.created_s, set) });
  return (
    <li className="entry" id={`note-${item.id}`}>
      <div className="entry-head">
        <By item={item} />
        {isWriter && !isEditing ? (
          <div className="row no-print">
            <button
              type="button"
              className="button button-quiet"
              aria-label={t("page.edit_named", { what })}
              onClick={() => setEditing(true)}
            >
              <Icon name="edit" size={14} /> {t("page.edit")}
            </button>
            <Removing
              label={t("page.remove_named", { what })}
              text={t("page.remove")}
              ask={t("notes.ask")}
              act={async () => {
                await removeItem(one.id, "notes", item);
                await changed();
              }}
            />
          </div>
        ) : null}
      </div>
      {isEditing ? <Edit item={item} onDone={() => setEditing(false)} /> : <Said text={item.body.text} />}
    </li>
  );
}

function Edit({ item, onDone }: { item: Item<NoteBody>; onDone: () => void }) {
  const { t } = useTranslation("cases");
  const { one, changed } = useOne();
  const [draft, setDraft, forget] = useDraft(`case-${one.id}-note-${item.id}`, {
    version: item.version,
    text: item.body.text,
  });
  const { text } = draft;
  const saving = useSave<NoteBody, Item<NoteBody>>((mine, seen) =>
    putItem(one.id, "notes", { id: item.id, version: seen }, mine),
  );
  const { clash } = saving;
  const finish = async () => {
    forget();
    await changed();
    onDone();
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (await saving.save({ text }, draft.version)) await finish();
  };
  return (
    <form className="stack" onSubmit={(event) => void save(event)}>
      {clash ? (
        <Conflict
          mine={clash.mine}
          stored={clash.stored.body}
          onKeep={() => void saving.keepMine().then((isKept) => (isKept ? finish() : undefined))}
          onTake={() => {
            saving.goOn();
            void finish();
          }}
          onGoOn={() => {
            setDraft({ ...draft, version: clash.stored.version });
            saving.goOn();
          }}
        />
      ) : null}
      <TextField
        label={t("field.text")}
        rows={4}
        maxLength={100_000}
        value={text}
        onChange={(event) => setDraft({ ...draft, text: event.target.value })}
      />
      {saving.error ? <Trouble error={saving.error} /> : null}
      <div className="row form-end">
        <button
          type="button"
          className="button"
          onClick={() => {
            forget();
            onDone();
          }}
        >
          {t("page.cancel")}
        </button>
        <button
          type="submit"
          className="button button-main"
          disabled={saving.isBusy || clash !== null || text.trim() === ""}
        >
          {saving.isBusy ? t("page.saving") : t("page.save")}
        </button>
      </div>
    </form>
  );
}
