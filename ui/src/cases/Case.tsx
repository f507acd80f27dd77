// One case: its head with what can be done, the humanitarian notice, and its parts as tabs. The chosen part is in the
// address, so that it can be linked to; what is typed in a part is kept while another is looked at.
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import { useSession } from "../api/session";
import { moment, whole } from "../format/numbers";
import { Icon } from "../parts/Icon";
import { Page } from "../parts/Page";
import { Empty, Read, Trouble } from "../parts/states";
import { useSettings } from "../prefs";
import { HumanitarianMark, State } from "./bits";
import { pathOfCase, useCase, useCaseChanged, useUsers, writes, type Change, type WholeCase } from "./data";
import { download, fileName } from "./download";
import { useWarnOfDrafts } from "./draft";
import { Files } from "./Files";
import { Findings } from "./Findings";
import { Graphs } from "./Graphs";
import { History } from "./History";
import { Links } from "./Links";
import { Members } from "./Members";
import { Notes } from "./Notes";
import { OneContext, useOne, type One } from "./one";
import { Overview } from "./Overview";
import { Purge } from "./Purge";
import { Report } from "./Report";
import { Subjects } from "./Subjects";
import { Tasks } from "./Tasks";
import "./cases.css";

const TABS = [
  "overview",
  "subjects",
  "findings",
  "notes",
  "tasks",
  "graphs",
  "attachments",
  "links",
  "members",
  "history",
  "report",
] as const;
type TabName = (typeof TABS)[number];

const PARTS: Record<TabName, () => React.ReactNode> = {
  overview: Overview,
  subjects: Subjects,
  findings: Findings,
  notes: Notes,
  tasks: Tasks,
  graphs: Graphs,
  attachments: Files,
  links: Links,
  members: Members,
  history: History,
  report: Report,
};

export default function CasePage() {
  const { t } = useTranslation("cases");
  const id = Number(useParams().id);
  const one = useCase(id);
  const missing = (
    <Page title={t("list.title")}>
      <Empty action={<Link to="/cases">{t("page.back")}</Link>}>{t("page.gone")}</Empty>
    </Page>
  );
  if (!Number.isSafeInteger(id) || id < 1) return missing;
  return (
    <Read of={one} missing={missing}>
      {(data) => <Whole key={data.id} one={data} />}
    </Read>
  );
}

/** What people are called: users of the service, members, and authors of an imported case. */
function useNames(one: WholeCase): (user: number | string) => string {
  const { t } = useTranslation("cases");
  const users = useUsers();
  return useMemo(() => {
    const names = new Map<string, string>();
    for (const person of one.people ?? []) names.set(String(person.user), person.display);
    for (const user of users.data?.users ?? []) names.set(String(user.id), user.display || user.name);
    for (const member of one.members) names.set(String(member.user), member.display);
    return (user) => names.get(String(user)) || t("page.person", { id: user });
  }, [one, users.data, t]);
}

function Whole({ one }: { one: WholeCase }) {
  const { t } = useTranslation("cases");
  const { can } = useSession();
  const nameOf = useNames(one);
  const changed = useCaseChanged(one.id);
  const [said, say] = useState("");
  const [asked, setAsked] = useSearchParams();
  const set = useSettings();
  useWarnOfDrafts();
  const isWriter = writes(one, can);
  const around = useMemo<One>(() => ({ one, isWriter, nameOf, changed, say }), [one, isWriter, nameOf, changed]);
  const tab = TABS.find((each) => each === asked.get("tab")) ?? "overview";

  const counts: Partial<Record<TabName, number>> = {
    ...one.counts,
    tasks: one.counts.tasks_open,
    members: one.members.length,
  };
  return (
    <OneContext value={around}>
      <Page
        title={one.title}
        lead={
          <>
            <span className="small muted case-number">{t("page.number", { id: whole(one.id, set) })}</span>
            <bdi>{one.title}</bdi>
          </>
        }
        actions={<Actions />}
      >
        <div className="row no-print">
          <State state={one.state} />
          {one.humanitarian.flag ? <HumanitarianMark /> : null}
          <span className="small muted">{t("page.changed", { when: moment(one.changed_s, set) })}</span>
          {isWriter ? null : <span className="small muted">{t("page.read_only")}</span>}
        </div>
        <p role="status" className={said ? "said-status" : "hidden-visually"}>
          {said}
        </p>
        <Tabs
          selectedKey={tab}
          onSelectionChange={(key) => {
            say("");
            setAsked(key === "overview" ? {} : { tab: String(key) }, { replace: true });
          }}
          className="case-tabs"
        >
          <TabList aria-label={t("page.sections")} className="case-tab-list no-print">
            {TABS.map((name) => {
              const count = counts[name];
              return (
                <Tab key={name} id={name} className="case-tab">
                  {t(`tab.${name}`)}
                  {count ? <span className="case-tab-count num">{whole(count, set)}</span> : null}
                </Tab>
              );
            })}
          </TabList>
          {TABS.map((name) => {
            const Part = PARTS[name];
            return (
              <TabPanel key={name} id={name} className="case-panel">
                <Part />
              </TabPanel>
            );
          })}
        </Tabs>
      </Page>
    </OneContext>
  );
}

/** Undo, redo, export and purge, as far as the person may. */
function Actions() {
  const { t } = useTranslation("cases");
  const { can } = useSession();
  const go = useNavigate();
  const { one, isWriter, changed, say } = useOne();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState<"undo" | "redo" | "export" | null>(null);
  const [isPurging, setPurging] = useState(false);

  const step = useCallback(
    async (what: "undo" | "redo") => {
      setBusy(what);
      setError(null);
      try {
        const change = await call<Pick<Change, "summary">>(
          "POST",
          pathOfCase(one.id, what),
          what === "undo" ? { body: {} } : {},
        );
        say(t(what === "undo" ? "page.undone" : "page.redone", { what: change.summary }));
        await changed();
      } catch (problem) {
        // Nothing to undo, or nothing that may be, is an answer and not a failure.
        const isState = problem instanceof Problem && problem.code === "state_refused";
        const isNothing = isState && (problem.detail ?? "").includes("nothing");
        if (isNothing) say(t(what === "undo" ? "page.undo_nothing" : "page.redo_nothing"));
        else if (isState) say(t("page.undo_refused"));
        else setError(problem);
      } finally {
        setBusy(null);
      }
    },
    [one.id, changed, say, t],
  );
  const save = async () => {
    setBusy("export");
    setError(null);
    try {
      await download(pathOfCase(one.id, "export"), fileName(one.title, ".zip"));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(null);
    }
  };
  return (
    <>
      {isWriter ? (
        <>
          <button type="button" className="button" disabled={busy !== null} onClick={() => void step("undo")}>
            {t("page.undo")}
          </button>
          <button type="button" className="button" disabled={busy !== null} onClick={() => void step("redo")}>
            {t("page.redo")}
          </button>
        </>
      ) : null}
      <button type="button" className="button" disabled={busy !== null} onClick={() => void save()}>
        <Icon name="download" /> {busy === "export" ? t("page.exporting") : t("page.export")}
      </button>
      {can("supervise") ? (
        <button type="button" className="button button-danger" onClick={() => setPurging(true)}>
          {t("page.purge")}
        </button>
      ) : null}
      {isPurging ? <Purge onClose={() => setPurging(false)} onDone={() => void go("/cases")} /> : null}
      {error ? <Trouble error={error} /> : null}
    </>
  );
}
