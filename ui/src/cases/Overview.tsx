// The first part of a case: what it is about, on what law it rests, until when it is kept, its humanitarian context,
// its latest findings and what is to be done. Its fields are changed here.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../api/client";
import { Icon } from "../parts/Icon";
import { Panel } from "../parts/Page";
import { Read, Trouble } from "../parts/states";
import { dayOf, moment } from "../format/numbers";
import { useSettings } from "../prefs";
import { By, Retention, Said, State } from "./bits";
import { CaseForm } from "./CaseForm";
import { Conflict } from "./Conflict";
import { changed as changedFields } from "./conflict";
import { pathOfCase, useItems, type CaseFields, type WholeCase } from "./data";
import { useDraft } from "./draft";
import { useOne } from "./one";
import { useSave } from "./save";

export function Overview() {
  const { one } = useOne();
  const [isEditing, setEditing] = useState(false);
  return (
    <div className="stack">
      {one.humanitarian.flag ? <HumanitarianNotice onEdit={() => setEditing(true)} /> : null}
      {isEditing ? <Editing onDone={() => setEditing(false)} /> : <Facts onEdit={() => setEditing(true)} />}
      <div className="case-halves">
        <LatestFindings />
        <OpenTasks />
      </div>
    </div>
  );
}

function HumanitarianNotice({ onEdit }: { onEdit: () => void }) {
  const { t } = useTranslation("cases");
  const { one, isWriter } = useOne();
  return (
    <section className="humanitarian" aria-labelledby="humanitarian-title">
      <h2 id="humanitarian-title">
        <Icon name="people" /> {t("humanitarian.title")}
      </h2>
      <p>{t("humanitarian.lead")}</p>
      {one.humanitarian.note ? (
        <Said text={one.humanitarian.note} />
      ) : (
        <p className="muted">{t("humanitarian.no_note")}</p>
      )}
      {isWriter ? (
        <button type="button" className="button no-print" onClick={onEdit}>
          {t("humanitarian.change")}
        </button>
      ) : null}
    </section>
  );
}

function Facts({ onEdit }: { onEdit: () => void }) {
  const { t } = useTranslation("cases");
  const { one, isWriter, nameOf } = useOne();
  const set = useSettings();
  return (
    <Panel
      title={t("overview.title")}
      actions={
        isWriter ? (
          <button type="button" className="button" onClick={onEdit}>
            <Icon name="edit" size={14} /> {t("overview.edit")}
          </button>
        ) : null
      }
    >
      <dl className="facts">
        <dt>{t("overview.state")}</dt>
        <dd>
          <State state={one.state} /> <span className="small muted">{t(`state_note.${one.state}`)}</span>
        </dd>
        <dt>{t("overview.summary")}</dt>
        <dd>{one.summary ? <Said text={one.summary} /> : <span className="muted">{t("overview.no_summary")}</span>}</dd>
        <dt>{t("overview.legal_basis")}</dt>
        <dd>
          {one.legal_basis ? (
            <Said text={one.legal_basis} />
          ) : (
            <span className="soon">{t("overview.no_legal_basis")}</span>
          )}
        </dd>
        <dt>{t("overview.retention")}</dt>
        <dd>
          <Retention until={one.retention_until} />
        </dd>
        <dt>{t("overview.disclosure")}</dt>
        <dd>
          {t(`disclosure.${one.disclosure}`)}{" "}
          <span className="small muted">{t(`disclosure_note.${one.disclosure}`)}</span>
        </dd>
      </dl>
      <p className="small muted">{t("page.made", { who: nameOf(one.created_by), when: moment(one.created_s, set) })}</p>
    </Panel>
  );
}

/** The fields that people write, of a case. */
export function fieldsOf({
  title,
  state,
  summary,
  legal_basis,
  retention_until,
  humanitarian,
  disclosure,
}: WholeCase): CaseFields {
  return { title, state, summary, legal_basis, retention_until, humanitarian, disclosure };
}

function Editing({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("cases");
  const { one, changed, say } = useOne();
  // What the person began from is kept with what they typed: a version that comes in meanwhile is not overwritten unseen.
  const [draft, setDraft, forget] = useDraft(`case-${one.id}`, {
    version: one.version,
    first: fieldsOf(one),
    fields: fieldsOf(one),
  });
  const { fields } = draft;
  const saving = useSave<Partial<CaseFields>, WholeCase>((mine, version) =>
    call("PATCH", pathOfCase(one.id), { body: { ...mine, version } }),
  );
  const close = async () => {
    forget();
    await changed();
    onDone();
  };
  const finish = async () => {
    say(t("page.saved"));
    await close();
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const mine = changedFields(draft.first, { ...fields, title: fields.title.trim() });
    if (Object.keys(mine).length === 0) await close();
    else if (await saving.save(mine, draft.version)) await finish();
  };
  const { clash } = saving;
  return (
    <Panel title={t("overview.edit")}>
      <form className="stack" onSubmit={(event) => void save(event)}>
        {clash ? (
          <Conflict
            mine={clash.mine}
            stored={clash.stored}
            show={(field, value) => show(t, field, value)}
            onKeep={() => void saving.keepMine().then((isKept) => (isKept ? finish() : undefined))}
            onTake={() => {
              saving.goOn();
              void close();
            }}
            onGoOn={() => {
              const stored = fieldsOf(clash.stored);
              setDraft({ version: clash.stored.version, first: stored, fields: { ...stored, ...clash.mine } });
              saving.goOn();
            }}
          />
        ) : null}
        <CaseForm value={fields} onChange={(next) => setDraft({ ...draft, fields: next })} withState />
        {saving.error ? <Trouble error={saving.error} /> : null}
        <div className="row form-end">
          <button type="button" className="button" onClick={() => void close()}>
            {t("page.cancel")}
          </button>
          <button
            type="submit"
            className="button button-main"
            disabled={saving.isBusy || clash !== null || fields.title.trim() === ""}
          >
            {saving.isBusy ? t("page.saving") : t("page.save")}
          </button>
        </div>
      </form>
    </Panel>
  );
}

/** A field's value in the words of the page. */
function show(t: (key: string) => string, field: string, value: unknown): string {
  if (field === "state") return t(`state.${String(value)}`);
  if (field === "disclosure") return t(`disclosure.${String(value)}`);
  if (field === "retention_until") return value === null ? t("retention.none") : String(value);
  if (field === "humanitarian") {
    const { flag, note } = value as WholeCase["humanitarian"];
    return [flag ? t("findings.yes") : t("findings.no"), note].filter(Boolean).join(": ");
  }
  return String(value ?? "");
}

function LatestFindings() {
  const { t } = useTranslation("cases");
  const { one } = useOne();
  const findings = useItems(one.id, "findings");
  return (
    <Panel title={t("overview.findings")}>
      <Read of={findings}>
        {({ rows }) =>
          rows.length === 0 ? (
            <p className="muted">{t("overview.no_findings")}</p>
          ) : (
            <ul className="plain-list">
              {rows
                .slice(-5)
                .reverse()
                .map((item) => (
                  <li key={item.id}>
                    <Link to={`/cases/${one.id}?tab=findings#finding-${item.id}`}>
                      <span dir="auto">{item.body.statement}</span>
                    </Link>
                    <By item={item} />
                  </li>
                ))}
            </ul>
          )
        }
      </Read>
    </Panel>
  );
}

function OpenTasks() {
  const { t } = useTranslation("cases");
  const set = useSettings();
  const { one, nameOf } = useOne();
  const tasks = useItems(one.id, "tasks");
  return (
    <Panel title={t("overview.open_tasks")}>
      <Read of={tasks}>
        {({ rows }) => {
          const open = rows.filter((item) => !item.body.done);
          if (open.length === 0) return <p className="muted">{t("overview.no_tasks")}</p>;
          return (
            <ul className="plain-list">
              {open.slice(0, 8).map(({ id, body }) => (
                <li key={id}>
                  <span dir="auto">{body.text}</span>
                  <p className="small muted">
                    {body.assignee === null ? t("tasks.nobody") : <bdi>{nameOf(body.assignee)}</bdi>}
                    {body.due ? <> · {t("tasks_mine.due", { day: dayOf(body.due, set) })}</> : null}
                  </p>
                </li>
              ))}
            </ul>
          );
        }}
      </Read>
    </Panel>
  );
}
