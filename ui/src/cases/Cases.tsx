// All cases that a person may see, what is theirs to do, and which cases may not be kept much longer.
import { useRef, useState } from "react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { call, pathOf } from "../api/client";
import type { Item, TaskBody } from "../api/contract";
import type { Problem } from "../api/problem";
import { useSession } from "../api/session";
import { dayOf } from "../format/numbers";
import { When, Num } from "../parts/bits";
import { DataTable, type Column } from "../parts/DataTable";
import { Choice, Field } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Page, Panel } from "../parts/Page";
import { Empty, Loading, Trouble } from "../parts/states";
import { useSettings } from "../prefs";
import { HumanitarianMark, Retention, State, useAdding } from "./bits";
import { NewCase } from "./NewCase";
import { putItem, STATES, useCaseChanged, type WholeCase } from "./data";
import { due, SOON_DAYS, today } from "./retention";
import "./cases.css";

interface PageOfCases {
  cases: WholeCase[];
  next: number | string | null;
}

export default function Cases() {
  const { t } = useTranslation("cases");
  const { can } = useSession();
  const go = useNavigate();
  const [asked, setAsked] = useSearchParams();
  const [isNew, setNew] = useState(asked.get("new") === "1");
  const state = asked.get("state") ?? "";
  const q = asked.get("q") ?? "";
  const list = useInfiniteQuery<PageOfCases, Problem>({
    queryKey: [pathOf("/v1/cases", undefined, { state, q, limit: 100 })],
    queryFn: ({ pageParam, signal }) =>
      call("GET", "/v1/cases", {
        query: { state, q, limit: 100, cursor: pageParam as string | number | null },
        signal,
      }),
    initialPageParam: null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
  });
  const cases = list.data?.pages.flatMap((page) => page.cases) ?? [];
  const set = (name: string, value: string) =>
    setAsked(
      (now) => {
        const next = new URLSearchParams(now);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const isWriter = can("case_write");

  const columns: Column<WholeCase>[] = [
    {
      id: "title",
      head: t("list.column_title"),
      isName: true,
      sort: (one) => one.title,
      cell: (one) => (
        <>
          <Link to={`/cases/${one.id}`}>
            <bdi>{one.title}</bdi>
          </Link>
          {one.humanitarian.flag ? (
            <>
              {" "}
              <HumanitarianMark />
            </>
          ) : null}
        </>
      ),
    },
    {
      id: "state",
      head: t("list.column_state"),
      sort: (one) => STATES.indexOf(one.state),
      cell: (one) => <State state={one.state} />,
    },
    {
      id: "role",
      head: t("list.column_role"),
      cell: (one) => (one.role ? t(`role.${one.role}`) : <span className="muted">{t("list.not_member")}</span>),
    },
    {
      id: "subjects",
      head: t("list.column_subjects"),
      align: "end",
      sort: (one) => one.counts.subjects,
      cell: (one) => <Num n={one.counts.subjects} />,
    },
    {
      id: "tasks",
      head: t("list.column_tasks"),
      align: "end",
      sort: (one) => one.counts.tasks_open,
      cell: (one) => <Num n={one.counts.tasks_open} />,
    },
    {
      id: "retention",
      head: t("list.column_retention"),
      sort: (one) => one.retention_until,
      cell: (one) => <Retention until={one.retention_until} />,
    },
    {
      id: "changed",
      head: t("list.column_changed"),
      sort: (one) => one.changed_s,
      cell: (one) => <When at={one.changed_s} day />,
    },
  ];

  return (
    <Page
      title={t("list.title")}
      actions={
        isWriter ? (
          <>
            <Importing onDone={(one) => void go(`/cases/${one.id}`)} />
            <button type="button" className="button button-main" onClick={() => setNew(true)}>
              <Icon name="plus" /> {t("list.new")}
            </button>
          </>
        ) : null
      }
    >
      <p className="muted">{t("list.lead")}</p>
      <div className="case-columns">
        <section className="stack" aria-label={t("list.title")}>
          <form className="filters no-print" role="search" onSubmit={(event) => event.preventDefault()}>
            <Field
              label={t("list.search")}
              type="search"
              value={q}
              onChange={(event) => set("q", event.target.value)}
            />
            <Choice
              label={t("list.state")}
              options={[
                { value: "", text: t("list.any_state") },
                ...STATES.map((each) => ({ value: each, text: t(`state.${each}`) })),
              ]}
              value={state}
              onChange={(event) => set("state", event.target.value)}
            />
          </form>
          {list.error ? <Trouble error={list.error} again={() => void list.refetch()} /> : null}
          {list.isPending ? <Loading /> : null}
          {list.data ? (
            <DataTable
              caption={t("list.caption")}
              columns={columns}
              rows={cases}
              rowKey={(one) => one.id}
              empty={
                q || state ? (
                  <Empty>{t("list.nothing_found")}</Empty>
                ) : (
                  <Empty
                    action={
                      isWriter ? (
                        <button type="button" className="button button-main" onClick={() => setNew(true)}>
                          {t("list.new")}
                        </button>
                      ) : undefined
                    }
                  >
                    {isWriter ? `${t("list.empty")} ${t("list.empty_hint")}` : t("list.empty_read")}
                  </Empty>
                )
              }
            />
          ) : null}
          {list.hasNextPage ? (
            <button
              type="button"
              className="button"
              disabled={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              {t("list.more")}
            </button>
          ) : null}
        </section>
        <aside className="stack case-aside">
          <MyTasks />
          <RetentionDue cases={cases} isPartial={list.hasNextPage || q !== "" || state !== ""} />
        </aside>
      </div>
      <NewCase isOpen={isNew && isWriter} onClose={() => setNew(false)} onMade={(one) => void go(`/cases/${one.id}`)} />
    </Page>
  );
}

/** Rows of what is to be done and of what ends that are shown; the rest is counted. */
const SHORT = 6;

type TaskOf = Item<TaskBody> & { case: number; case_title: string };

function MyTasks() {
  const { t } = useTranslation("cases");
  const tasks = useQuery<{ tasks: TaskOf[] }, Problem>({
    queryKey: ["/v1/tasks?assigned=true"],
    queryFn: ({ signal }) => call("GET", "/v1/tasks", { query: { mine: true, assigned: true }, signal }),
  });
  return (
    <Panel title={t("tasks_mine.title")}>
      {tasks.error ? <Trouble error={tasks.error} /> : null}
      {tasks.data?.tasks.length === 0 ? <p className="muted">{t("tasks_mine.empty")}</p> : null}
      <ul className="plain-list">
        {tasks.data?.tasks.slice(0, SHORT).map((task) => (
          <MyTask key={`${task.case}-${task.id}`} task={task} />
        ))}
      </ul>
      <More count={(tasks.data?.tasks.length ?? 0) - SHORT} />
    </Panel>
  );
}

function MyTask({ task }: { task: TaskOf }) {
  const { t } = useTranslation("cases");
  const set = useSettings();
  const { can } = useSession();
  const changed = useCaseChanged(task.case);
  const { error, isBusy, run } = useAdding();
  const { due: day } = task.body;
  const isLate = day !== null && day < today();
  return (
    <li>
      <div className="row top-line">
        {can("case_write") ? (
          <input
            type="checkbox"
            aria-label={t("tasks.done", { what: task.body.text })}
            title={t("tasks_mine.done")}
            disabled={isBusy}
            checked={false}
            onChange={() =>
              void run(async () => {
                await putItem(task.case, "tasks", task, { ...task.body, done: true });
                await changed();
              })
            }
          />
        ) : null}
        <span dir="auto" className="lines grows">
          {task.body.text}
        </span>
      </div>
      <p className="small muted">
        <Link to={`/cases/${task.case}?tab=tasks`}>
          <bdi>{task.case_title}</bdi>
        </Link>
        {day ? (
          <span className={isLate ? "overdue" : undefined}>
            {" "}
            · {t(isLate ? "tasks_mine.late" : "tasks_mine.due", { day: dayOf(day, set) })}
          </span>
        ) : null}
      </p>
      {error ? <Trouble error={error} /> : null}
    </li>
  );
}

function More({ count }: { count: number }) {
  const { t } = useTranslation("cases");
  return count > 0 ? <p className="small muted">{t("findings.pinned_more", { count })}</p> : null;
}

function RetentionDue({ cases, isPartial }: { cases: WholeCase[]; isPartial: boolean }) {
  const { t } = useTranslation("cases");
  // Those that are past their date are asked for by themselves: they may be far down the list.
  const past = useQuery<PageOfCases, Problem>({
    queryKey: ["/v1/cases?past_retention=true"],
    queryFn: ({ signal }) => call("GET", "/v1/cases", { query: { past_retention: true, limit: 200 }, signal }),
  });
  const all = new Map([...(past.data?.cases ?? []), ...cases].map((one) => [one.id, one]));
  const rows = due([...all.values()]);
  return (
    <Panel title={t("retention.title")} note={rows.length > 0 ? t("retention.lead", { days: SOON_DAYS }) : undefined}>
      {rows.length === 0 ? <p className="muted">{t("retention.empty")}</p> : null}
      <ul className="plain-list">
        {rows.slice(0, SHORT).map((one) => (
          <li key={one.id}>
            <Link to={`/cases/${one.id}`}>
              <bdi>{one.title}</bdi>
            </Link>
            <p className="small">
              <Retention until={one.retention_until} />
            </p>
          </li>
        ))}
      </ul>
      <More count={rows.length - SHORT} />
      {isPartial ? <p className="small muted">{t("retention.partial")}</p> : null}
    </Panel>
  );
}

function Importing({ onDone }: { onDone: (one: WholeCase) => void }) {
  const { t } = useTranslation("cases");
  const input = useRef<HTMLInputElement>(null);
  const { isBusy, error, run } = useAdding();
  const read = (file: File) =>
    run(async () => {
      onDone(
        await call<WholeCase>("POST", "/v1/cases/import", {
          body: file,
          headers: { "Content-Type": "application/zip" },
        }),
      );
    });
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".zip,application/zip"
        className="hidden-visually"
        tabIndex={-1}
        aria-label={t("list.import")}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = "";
          if (file) void read(file);
        }}
      />
      <button type="button" className="button" disabled={isBusy} onClick={() => input.current?.click()}>
        <Icon name="upload" /> {isBusy ? t("list.importing") : t("list.import")}
      </button>
      {error ? <Trouble error={error} /> : null}
    </>
  );
}
