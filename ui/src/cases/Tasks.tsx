// Tasks: what is to be done, by whom and until when.
import { type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { Item, TaskBody } from "../api/contract";
import { dayOf } from "../format/numbers";
import { Choice, Field } from "../parts/Field";
import { Panel } from "../parts/Page";
import { Empty, Read, Trouble } from "../parts/states";
import { useSettings } from "../prefs";
import { By, Cut, Removing, useAdding } from "./bits";
import { Conflict } from "./Conflict";
import { pathOfCase, putItem, removeItem, useItems } from "./data";
import { useDraft } from "./draft";
import { useOne } from "./one";
import { today } from "./retention";
import { useSave } from "./save";

const empty: TaskBody = { text: "", assignee: null, due: null, done: false };

export function Tasks() {
  const { t } = useTranslation("cases");
  const { one, isWriter } = useOne();
  const tasks = useItems(one.id, "tasks");
  return (
    <div className="stack">
      {isWriter ? <Add /> : null}
      <Panel title={t("tasks.title")}>
        <Read of={tasks}>
          {({ rows, cut }) => {
            if (rows.length === 0) return <Empty>{t("tasks.empty")}</Empty>;
            const open = rows
              .filter((item) => !item.body.done)
              .sort((a, b) => (a.body.due ?? "9").localeCompare(b.body.due ?? "9"));
            const done = rows.filter((item) => item.body.done);
            return (
              <div className="stack">
                <Group title={t("tasks.open")} rows={open} />
                <Group title={t("tasks.finished")} rows={done} />
                <Cut is={cut} count={rows.length} />
              </div>
            );
          }}
        </Read>
      </Panel>
    </div>
  );
}

function Group({ title, rows }: { title: string; rows: Item<TaskBody>[] }) {
  if (rows.length === 0) return null;
  return (
    <section className="stack">
      <h3>{title}</h3>
      <ul className="entries">
        {rows.map((item) => (
          <Task key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}

/** Members of the case, for choosing who does something. */
function useMembers(now: TaskBody["assignee"]): { value: string; text: string }[] {
  const { t } = useTranslation("cases");
  const { one, nameOf } = useOne();
  const options = one.members.map((member) => ({
    value: String(member.user),
    text: member.display || nameOf(member.user),
  }));
  if (now !== null && !options.some((option) => option.value === String(now)))
    options.push({ value: String(now), text: nameOf(now) });
  return [{ value: "", text: t("tasks.nobody") }, ...options];
}

function Add() {
  const { t } = useTranslation("cases");
  const { one, changed } = useOne();
  const [body, setBody, forget] = useDraft<TaskBody>(`case-${one.id}-task`, empty);
  const members = useMembers(body.assignee);
  const { isBusy, error, run } = useAdding();
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const isDone = await run(async () => {
      await call("POST", pathOfCase(one.id, "tasks"), { body });
      await changed();
    });
    if (isDone) forget();
  };
  return (
    <form className="panel stack" onSubmit={(event) => void add(event)}>
      <div className="filters">
        <Field
          label={t("tasks.text")}
          maxLength={4_000}
          value={body.text}
          onChange={(event) => setBody({ ...body, text: event.target.value })}
        />
        <Choice
          label={t("tasks.assignee")}
          options={members}
          value={String(body.assignee ?? "")}
          onChange={(event) => setBody({ ...body, assignee: event.target.value ? Number(event.target.value) : null })}
        />
        <Field
          label={t("tasks.due")}
          type="date"
          ltr
          value={body.due ?? ""}
          onChange={(event) => setBody({ ...body, due: event.target.value || null })}
        />
        <button type="submit" className="button button-main" disabled={isBusy || body.text.trim() === ""}>
          {isBusy ? t("page.adding") : t("tasks.add")}
        </button>
      </div>
      {error ? <Trouble error={error} /> : null}
    </form>
  );
}

function Task({ item }: { item: Item<TaskBody> }) {
  const { t } = useTranslation("cases");
  const set = useSettings();
  const { one, isWriter, nameOf, changed } = useOne();
  const { body } = item;
  const members = useMembers(body.assignee);
  const saving = useSave<TaskBody, Item<TaskBody>>(async (mine, version) => {
    await putItem(one.id, "tasks", { id: item.id, version }, mine);
    await changed();
  });
  const { clash } = saving;
  const isLate = !body.done && body.due !== null && body.due < today();
  const due = body.due ? t(isLate ? "tasks_mine.late" : "tasks_mine.due", { day: dayOf(body.due, set) }) : null;
  return (
    <li className="entry">
      {clash ? (
        <Conflict
          mine={clash.mine}
          stored={clash.stored.body}
          show={(field, value) =>
            field === "assignee" ? (value === null ? t("tasks.nobody") : nameOf(value as number)) : String(value ?? "–")
          }
          onKeep={() => void saving.keepMine()}
          onTake={() => {
            saving.goOn();
            void changed();
          }}
          onGoOn={saving.goOn}
        />
      ) : null}
      <div className="entry-head">
        <label className="tick">
          <input
            type="checkbox"
            checked={body.done}
            aria-label={t("tasks.done", { what: body.text })}
            disabled={!isWriter || saving.isBusy}
            onChange={(event) => void saving.save({ ...body, done: event.target.checked }, item.version)}
          />
          <span dir="auto" className={body.done ? "lines is-done" : "lines"}>
            {body.text}
          </span>
        </label>
        <div className="row">
          {isWriter ? (
            <select
              className="input input-small"
              aria-label={`${t("tasks.assignee")}: ${body.text}`}
              value={String(body.assignee ?? "")}
              disabled={saving.isBusy}
              onChange={(event) =>
                void saving.save(
                  { ...body, assignee: event.target.value ? Number(event.target.value) : null },
                  item.version,
                )
              }
            >
              {members.map((member) => (
                <option key={member.value} value={member.value}>
                  {member.text}
                </option>
              ))}
            </select>
          ) : (
            <span className="small">
              {body.assignee === null ? t("tasks.nobody") : <bdi>{nameOf(body.assignee)}</bdi>}
            </span>
          )}
          {isWriter ? (
            <Removing
              label={t("page.remove_named", { what: body.text })}
              text={t("page.remove")}
              ask={t("tasks.ask")}
              act={async () => {
                await removeItem(one.id, "tasks", item);
                await changed();
              }}
            />
          ) : null}
        </div>
      </div>
      {due ? <p className={isLate ? "small overdue" : "small muted"}>{due}</p> : null}
      <By item={item} />
      {saving.error ? <Trouble error={saving.error} /> : null}
    </li>
  );
}
