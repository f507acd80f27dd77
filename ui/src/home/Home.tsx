// The start: one box that takes anything — an address, a transaction, a name, a URL, a whole text or a dropped file —
// and, before anything is asked, what one was at: recent subjects, cases, tasks, alerts.
import { useCallback, useEffect, useRef, useState, type DragEvent, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Resolved } from "../api/contract";
import { useSession } from "../api/session";
import { Icon, Page, Read, subjectPath } from "../parts";
import { Desk } from "./Desk";
import { matchPath, Matches } from "./Matches";
import "./home.css";

/** Text up to this length stands in the page's address; longer text does not fit there and is kept in memory. */
const QUERY_MAX = 2_000;
const TEXT_MAX = 256 * 1024;

export default function Home() {
  const { t } = useTranslation("home");
  const { session } = useSession();
  const navigate = useNavigate();
  const [query, setQuery] = useSearchParams();
  const q = query.get("q") ?? "";
  const [text, setText] = useState(q);
  const [long, setLong] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [isOver, setOver] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const asked = q || long;

  const resolved = useQuery<Resolved, Error>({
    queryKey: ["resolve", asked],
    enabled: Boolean(asked),
    queryFn: ({ signal }) =>
      asked && asked.length > QUERY_MAX
        ? call<Resolved>("POST", "/v1/resolve", { body: { text: asked }, signal })
        : call<Resolved>("GET", "/v1/resolve", { query: { q: asked ?? "" }, signal }),
  });

  const ask = useCallback(
    (what: string) => {
      const wanted = what.trim();
      setWrong(null);
      if (!wanted) return;
      if (new Blob([wanted]).size > TEXT_MAX) {
        setWrong(t("too_long"));
        return;
      }
      if (wanted.length <= QUERY_MAX) {
        setLong(null);
        setQuery({ q: wanted });
      } else {
        setLong(wanted);
        setQuery({});
      }
    },
    [setQuery, t],
  );

  useEffect(() => {
    if (q) setText(q);
  }, [q]);

  // A private key or seed phrase must not stay where it was typed: not in the address line, nor in its history.
  const hasSecrets = (resolved.data?.secrets ?? 0) > 0;
  useEffect(() => {
    if (!hasSecrets) return;
    setText("");
    if (q) {
      setLong(q);
      setQuery({}, { replace: true });
    }
  }, [hasSecrets, q, setQuery]);

  // An identifier that is one thing only is opened at once: nobody should have to choose from a list of one. A campaign
  // that the address belongs to stands on its page too.
  const things =
    resolved.data?.read_as === "identifier"
      ? resolved.data.matches.filter((m) => ["address", "transaction", "block"].includes(m.kind))
      : [];
  const only = things.length === 1 ? things[0] : undefined;
  useEffect(() => {
    const path = only ? matchPath(only) : null;
    if (path && only?.known) void navigate(path, { replace: true });
  }, [only, navigate]);

  async function read(files: FileList | null) {
    const first = files?.[0];
    if (!first) return;
    if (first.size > TEXT_MAX) {
      setWrong(t("file_too_long", { name: first.name }));
      return;
    }
    const content = await first.text();
    setText(content.slice(0, QUERY_MAX));
    ask(content);
  }

  function onDrop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.getData("text");
    if (event.dataTransfer.files.length > 0) void read(event.dataTransfer.files);
    else if (dropped) {
      setText(dropped.slice(0, QUERY_MAX));
      ask(dropped);
    }
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    ask(text);
  }

  return (
    <Page title={t("title")} lead={t("lead")}>
      {session.demo ? (
        <div className="notice demo">
          <p>{t("demo")}</p>
          <p className="row">
            {session.demo.case === null ? null : (
              <Link className="button button-main" to={`/cases/${session.demo.case}`}>
                {t("demo_case")}
              </Link>
            )}
            <Link className="button" to={subjectPath(session.chains[0] ?? "bitcoin", session.demo.address)}>
              {t("demo_address")}
            </Link>
          </p>
        </div>
      ) : null}
      <search>
        <form
          className={isOver ? "ask ask-over" : "ask"}
          onSubmit={submit}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={onDrop}
        >
          <label htmlFor="search-main" className="hidden-visually">
            {t("common:search_label")}
          </label>
          <textarea
            id="search-main"
            rows={text.length > 90 || text.includes("\n") ? 5 : 1}
            value={text}
            dir={text ? "auto" : undefined}
            placeholder={t("placeholder")}
            spellCheck={false}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !event.shiftKey) {
                event.preventDefault();
                ask(text);
              }
            }}
            onPaste={(event) => {
              const pasted = event.clipboardData.getData("text");
              if (event.clipboardData.files.length > 0) {
                event.preventDefault();
                void read(event.clipboardData.files);
              } else if (!text.trim() && pasted.trim()) {
                // Pasted into an empty box: that is the question.
                event.preventDefault();
                setText(pasted.slice(0, QUERY_MAX));
                ask(pasted);
              }
            }}
          />
          <button type="submit" className="button button-main">
            <Icon name="search" />
            {t("go")}
          </button>
        </form>
        <div className="ask-help small muted">
          <span>{t("help")}</span>
          <button type="button" className="link" onClick={() => file.current?.click()}>
            {t("choose_file")}
          </button>
          <input
            ref={file}
            type="file"
            hidden
            tabIndex={-1}
            aria-hidden="true"
            onChange={(event) => void read(event.target.files)}
          />
        </div>
        {wrong ? (
          <p role="alert" className="field-error">
            {wrong}
          </p>
        ) : null}
      </search>
      {asked ? <Read of={resolved}>{(found) => <Matches found={found} asked={asked} />}</Read> : <Desk />}
    </Page>
  );
}
