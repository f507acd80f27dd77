// Findings: statements, each with the answer that it rests on, kept as it was. "Check again" asks the same question once
// more and tells what differs; the pinned answer itself never changes.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { FindingBody, Item } from "../api/contract";
import { middleCut } from "../format/bidi";
import { Field, TextField } from "../parts/Field";
import { Hash } from "../parts/bits";
import { Icon } from "../parts/Icon";
import { Panel } from "../parts/Page";
import { Empty, Read, Trouble } from "../parts/states";
import { Sentence } from "../parts/Sentence";
import { By, Cut, Removing, Said, useAdding } from "./bits";
import { Conflict } from "./Conflict";
import { pathOfCase, putItem, removeItem, useItems } from "./data";
import { useDraft } from "./draft";
import { useOne } from "./one";
import { bytesOf, fieldName, isPath, PINNED_BYTES_MAX, snapshotOf } from "./pinned";
import { Pinned } from "./Pinned";
import { useSave } from "./save";

export function Findings() {
  const { t } = useTranslation("cases");
  const { one, isWriter } = useOne();
  const findings = useItems(one.id, "findings");
  return (
    <div className="stack">
      <Panel title={t("findings.title")} note={t("findings.lead")}>
        <Read of={findings}>
          {({ rows, cut }) => (
            <>
              {rows.length === 0 ? <Empty>{t("findings.empty")}</Empty> : null}
              <ol className="entries">
                {[...rows].reverse().map((item) => (
                  <Finding key={item.id} item={item} />
                ))}
              </ol>
              <Cut is={cut} count={rows.length} />
            </>
          )}
        </Read>
      </Panel>
      {isWriter ? <Write /> : null}
    </div>
  );
}

function Finding({ item }: { item: Item<FindingBody> }) {
  const { t } = useTranslation("cases");
  const { one, isWriter, changed } = useOne();
  const [isEditing, setEditing] = useState(false);
  const { statement, note, path, snapshot, pinned } = item.body;
  return (
    <li className="entry finding" id={`finding-${item.id}`}>
      {isEditing ? (
        <Edit item={item} onDone={() => setEditing(false)} />
      ) : (
        <>
          <div className="entry-head">
            <p className="finding-statement lines" dir="auto">
              <Sentence text={statement} />
            </p>
            {isWriter ? (
              <div className="row no-print">
                <button
                  type="button"
                  className="button button-quiet"
                  aria-label={t("page.edit_named", { what: statement })}
                  onClick={() => setEditing(true)}
                >
                  <Icon name="edit" size={14} /> {t("page.edit")}
                </button>
                <Removing
                  label={t("page.remove_named", { what: statement })}
                  text={t("page.remove")}
                  ask={t("findings.ask")}
                  act={async () => {
                    await removeItem(one.id, "findings", item);
                    await changed();
                  }}
                />
              </div>
            ) : null}
          </div>
          {note ? <Said text={note} /> : null}
        </>
      )}
      <dl className="facts">
        <dt>{t("findings.snapshot")}</dt>
        <dd>{snapshot ? <Hash value={snapshot} /> : <span className="muted">{t("findings.no_snapshot")}</span>}</dd>
        <dt>{t("findings.path")}</dt>
        <dd>
          <bdi dir="ltr" className="mono wraps small">
            {path}
          </bdi>
        </dd>
      </dl>
      <details>
        <summary>{t("findings.pinned")}</summary>
        <Pinned pinned={pinned} />
      </details>
      <Check item={item} />
      <By item={item} />
    </li>
  );
}

interface Checked {
  same: boolean;
  /** The status of the answer now. */
  status?: number;
  snapshot_then: string | null;
  snapshot_now: string | null;
  differs: string[];
}

/** Asks the finding's question again. */
function Check({ item }: { item: Item<FindingBody> }) {
  const { t, i18n } = useTranslation("cases");
  const { one } = useOne();
  const [checked, setChecked] = useState<Checked | null>(null);
  const { isBusy, error, run } = useAdding();
  const check = () =>
    run(async () => {
      setChecked(await call<Checked>("POST", pathOfCase(one.id, "findings", item.id, "check")));
    });
  // Where one of the two names no snapshot, nothing can be said of the store.
  const isNewer =
    checked?.same && checked.snapshot_now && checked.snapshot_then && checked.snapshot_now !== checked.snapshot_then;
  return (
    <div className="stack no-print">
      <div className="row">
        <button type="button" className="button" disabled={isBusy} onClick={() => void check()}>
          {isBusy ? t("findings.checking") : t("findings.check")}
        </button>
        <p role="status">
          {checked?.same ? (
            <span className="is-same">
              <Icon name="check" size={14} />{" "}
              {isNewer ? t("findings.same_newer", { now: middleCut(checked.snapshot_now ?? "") }) : t("findings.same")}
            </span>
          ) : null}
          {checked && !checked.same ? (
            <span className="overdue">
              <Icon name="warning" size={14} />{" "}
              {checked.status && checked.status >= 400
                ? t("findings.gone", { status: checked.status })
                : t("findings.differs", {
                    fields: checked.differs.map((field) => fieldName(i18n, field)).join(t("findings.comma")),
                  })}
            </span>
          ) : null}
        </p>
      </div>
      {checked && !checked.same ? (
        <>
          <dl className="facts">
            <dt>{t("findings.then")}</dt>
            <dd>{checked.snapshot_then ? <Hash value={checked.snapshot_then} /> : t("findings.no_snapshot")}</dd>
            <dt>{t("findings.now")}</dt>
            <dd>{checked.snapshot_now ? <Hash value={checked.snapshot_now} /> : t("findings.no_snapshot")}</dd>
          </dl>
          <p className="small muted">{t("findings.differs_lead")}</p>
        </>
      ) : null}
      {error ? (
        <>
          <p>{t("findings.check_failed")}</p>
          <Trouble error={error} />
        </>
      ) : null}
    </div>
  );
}

/** Changes the words of a finding. What it rests on stays as it was pinned. */
function Edit({ item, onDone }: { item: Item<FindingBody>; onDone: () => void }) {
  const { t } = useTranslation("cases");
  const { one, changed } = useOne();
  const { statement, note } = item.body;
  const [draft, setDraft, forget] = useDraft(`case-${one.id}-finding-${item.id}`, {
    version: item.version,
    words: { statement, note },
  });
  const saving = useSave<Pick<FindingBody, "statement" | "note">, Item<FindingBody>>((mine, version) =>
    putItem(one.id, "findings", { id: item.id, version }, { ...item.body, ...mine }),
  );
  const { clash } = saving;
  const finish = async () => {
    forget();
    await changed();
    onDone();
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (await saving.save(draft.words, draft.version)) await finish();
  };
  return (
    <form className="stack" onSubmit={(event) => void save(event)}>
      {clash ? (
        <Conflict
          mine={clash.mine}
          stored={clash.stored.body}
          onKeep={() => void saving.keepMine().then((isKept) => (isKept ? finish() : undefined))}
          onTake={() => void finish()}
          onGoOn={() => {
            setDraft({ ...draft, version: clash.stored.version });
            saving.goOn();
          }}
        />
      ) : null}
      <TextField
        label={t("findings.statement")}
        help={t("findings.statement_hint")}
        rows={2}
        maxLength={4_000}
        value={draft.words.statement}
        onChange={(event) => setDraft({ ...draft, words: { ...draft.words, statement: event.target.value } })}
      />
      <TextField
        label={t("findings.note")}
        rows={2}
        maxLength={4_000}
        value={draft.words.note}
        onChange={(event) => setDraft({ ...draft, words: { ...draft.words, note: event.target.value } })}
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
          disabled={saving.isBusy || clash !== null || draft.words.statement.trim() === ""}
        >
          {saving.isBusy ? t("page.saving") : t("page.save")}
        </button>
      </div>
    </form>
  );
}

/** A finding by hand: the question is asked now, and its answer pinned. */
function Write() {
  const { t } = useTranslation("cases");
  const { one, changed } = useOne();
  const [words, setWords, forget] = useDraft(`case-${one.id}-finding`, { statement: "", path: "/v1/", note: "" });
  const { isBusy, error, run } = useAdding();
  const [isTooLarge, setTooLarge] = useState(false);
  const path = words.path.trim();
  const add = async (event: FormEvent) => {
    event.preventDefault();
    setTooLarge(false);
    let isPinned = false;
    await run(async () => {
      const pinned = await call<unknown>("GET", path);
      if (bytesOf(pinned) > PINNED_BYTES_MAX) {
        setTooLarge(true);
        return;
      }
      const body: FindingBody = {
        statement: words.statement,
        path,
        snapshot: snapshotOf(pinned),
        pinned,
        note: words.note,
      };
      await call("POST", pathOfCase(one.id, "findings"), { body });
      await changed();
      isPinned = true;
    });
    if (isPinned) forget();
  };
  return (
    <details className="panel">
      <summary>{t("findings.add")}</summary>
      <form className="stack" onSubmit={(event) => void add(event)}>
        <TextField
          label={t("findings.statement")}
          help={t("findings.statement_hint")}
          rows={2}
          maxLength={4_000}
          value={words.statement}
          onChange={(event) => setWords({ ...words, statement: event.target.value })}
        />
        <Field
          label={t("findings.path")}
          help={t("findings.path_hint")}
          ltr
          className="input mono"
          value={words.path}
          error={path !== "/v1/" && !isPath(path) ? t("findings.path_bad") : undefined}
          onChange={(event) => setWords({ ...words, path: event.target.value })}
        />
        <TextField
          label={t("findings.note")}
          rows={2}
          maxLength={4_000}
          value={words.note}
          onChange={(event) => setWords({ ...words, note: event.target.value })}
        />
        {isTooLarge ? <p className="overdue">{t("findings.too_large", { max: PINNED_BYTES_MAX / 1024 })}</p> : null}
        {error ? <Trouble error={error} /> : null}
        <div className="row form-end">
          <button
            type="submit"
            className="button button-main"
            disabled={isBusy || words.statement.trim() === "" || !isPath(path)}
          >
            {isBusy ? t("page.adding") : t("page.add")}
          </button>
        </div>
      </form>
    </details>
  );
}
