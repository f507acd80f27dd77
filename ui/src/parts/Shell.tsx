// The frame around every page: the way around, the search that takes anything, language and theme, and who is here.
import { Suspense, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, Outlet, useLocation, useNavigate } from "react-router";
import { call } from "../api/client";
import { useSession, type Scope } from "../api/session";
import { SessionEnded } from "../people/Ended";
import { change, LANGUAGES, useSettings, type Language } from "../prefs";
import { Dialog } from "./Dialog";
import { Icon, type IconName } from "./Icon";
import { Loading } from "./states";

const GROUPS = ["work", "data", "house"] as const;

const WAYS: {
  to: string;
  key: string;
  icon: IconName;
  scope: Scope;
  team?: boolean;
  group: (typeof GROUPS)[number];
}[] = [
  { to: "/", key: "home", icon: "home", scope: "read", group: "work" },
  { to: "/alerts", key: "alerts", icon: "bell", scope: "read", group: "work" },
  { to: "/cases", key: "cases", icon: "folder", scope: "case_read", group: "work" },
  { to: "/graph", key: "graph", icon: "graph", scope: "read", group: "work" },
  { to: "/campaigns", key: "campaigns", icon: "megaphone", scope: "read", group: "work" },
  { to: "/names", key: "names", icon: "person", scope: "screen", group: "work" },
  { to: "/patterns", key: "patterns", icon: "clock", scope: "read", group: "work" },
  { to: "/totals", key: "totals", icon: "scales", scope: "read", group: "work" },
  { to: "/labels", key: "labels", icon: "tag", scope: "read", group: "data" },
  { to: "/lists", key: "lists", icon: "list", scope: "read", group: "data" },
  { to: "/policies", key: "policies", icon: "check", scope: "read", group: "data" },
  { to: "/records", key: "records", icon: "file", scope: "read", group: "data" },
  { to: "/imports", key: "imports", icon: "upload", scope: "write", group: "data" },
  { to: "/users", key: "users", icon: "people", scope: "admin", team: true, group: "house" },
  { to: "/audit", key: "audit", icon: "log", scope: "supervise", group: "house" },
  { to: "/settings", key: "settings", icon: "gear", scope: "read", group: "house" },
];

export function Shell() {
  const { t } = useTranslation();
  const { session, ended, can } = useSession();
  const { pathname } = useLocation();
  const [isHelp, setHelp] = useState(false);
  const [isMenu, setMenu] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const isFirst = useRef(true);

  useEffect(() => {
    setMenu(false);
    // After moving to another page the focus goes to its heading, so that those who hear the page know where they are.
    if (isFirst.current) isFirst.current = false;
    else document.getElementById("page-title")?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [pathname]);

  // Before the page is painted: a key that is pressed as soon as it is seen must not be lost.
  useLayoutEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "/") {
        event.preventDefault();
        (document.getElementById("search-main") ?? search.current)?.focus();
      } else if (event.key === "?") {
        event.preventDefault();
        setHelp(true);
      }
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  if (pathname === "/login") return <Outlet />;
  const ways = WAYS.filter((way) => can(way.scope) && !(way.team && session.mode === "local"));
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t("skip")}
      </a>
      <header className="top no-print">
        <button
          type="button"
          className="icon-button menu-button"
          aria-expanded={isMenu}
          aria-controls="ways"
          aria-label={t("menu")}
          onClick={() => setMenu(!isMenu)}
        >
          <Icon name="menu" />
        </button>
        <Link to="/" className="brand">
          {t("brand")}
        </Link>
        {pathname === "/" ? <span className="top-gap" /> : <TopSearch input={search} />}
        <div className="top-end">
          <LanguageChoice />
          <button
            type="button"
            className="icon-button"
            aria-label={t("shortcuts.title")}
            title={t("shortcuts.title")}
            onClick={() => setHelp(true)}
          >
            <Icon name="keyboard" />
          </button>
          {session.user ? (
            <>
              <Link to="/account" className="user-name">
                <bdi>{session.user.display || session.user.name}</bdi>
              </Link>
              {session.mode === "team" ? (
                <button
                  type="button"
                  className="icon-button"
                  aria-label={t("log_out")}
                  title={t("log_out")}
                  onClick={() => void call("DELETE", "/v1/session").finally(() => window.location.assign("/login"))}
                >
                  <Icon name="out" />
                </button>
              ) : null}
            </>
          ) : null}
        </div>
      </header>
      <nav id="ways" className={isMenu ? "ways ways-open no-print" : "ways no-print"} aria-label={t("ways")}>
        {GROUPS.map((group) => (
          <ul key={group}>
            {ways
              .filter((way) => way.group === group)
              .map((way) => (
                <li key={way.to}>
                  <NavLink to={way.to} end={way.to === "/"}>
                    <Icon name={way.icon} />
                    {t(`nav.${way.key}`)}
                  </NavLink>
                </li>
              ))}
          </ul>
        ))}
        <p className="ways-foot">{t("lead_not_verdict")}</p>
      </nav>
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      {ended ? <SessionEnded /> : null}
      <Shortcuts isOpen={isHelp} onClose={() => setHelp(false)} />
    </div>
  );
}

/** Whether the key belongs to something that takes text. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function TopSearch({ input }: { input: React.RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  return (
    <search className="top-search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!text.trim()) return;
          void navigate(`/?q=${encodeURIComponent(text.trim().slice(0, 2000))}`);
          setText("");
        }}
      >
        <Icon name="search" />
        <input
          ref={input}
          type="search"
          dir={text ? "auto" : undefined}
          value={text}
          onChange={(e) => setText(e.target.value)}
          aria-label={t("search_label")}
          placeholder={t("search_short")}
        />
        <kbd aria-hidden="true">/</kbd>
      </form>
    </search>
  );
}

function LanguageChoice() {
  const { t } = useTranslation();
  const { language } = useSettings();
  const { session } = useSession();
  return (
    <select
      className="language"
      aria-label={t("language")}
      value={language}
      onChange={(event) => {
        change({ language: event.target.value as Language });
        if (session.mode === "team" && session.user)
          void call("POST", "/v1/session/language", { body: { language: event.target.value } }).catch(() => undefined);
      }}
    >
      {LANGUAGES.map(({ code, name }) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Shortcuts({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const rows: [string, ReactNode][] = [
    ["/", t("shortcuts.search")],
    ["?", t("shortcuts.help")],
    ["Esc", t("shortcuts.close")],
    ["Tab", t("shortcuts.tab")],
  ];
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t("shortcuts.title")}>
      <dl className="facts">
        {rows.map(([key, what]) => (
          <div key={key} className="contents">
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p className="muted small">{t("shortcuts.graph")}</p>
    </Dialog>
  );
}
