// The frame of every page: one heading, what can be done, and printing. Sets the title of the window.
import { useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./Icon";

export function Page({
  title,
  lead,
  actions,
  wide = false,
  children,
}: {
  /** Text for the window's title. */
  title: string;
  /** What stands in the heading, where it is more than the title. */
  lead?: ReactNode;
  actions?: ReactNode;
  /** Fills the window (the graph). */
  wide?: boolean;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = t("window_title", { title });
  }, [title, t]);
  return (
    <div className={wide ? "page page-wide" : "page"}>
      <header className="page-head">
        <h1 tabIndex={-1} id="page-title">
          {lead ?? title}
        </h1>
        <div className="page-actions no-print">
          {actions}
          {wide ? null : (
            <button
              type="button"
              className="icon-button"
              aria-label={t("print")}
              title={t("print")}
              onClick={() => window.print()}
            >
              <Icon name="print" />
            </button>
          )}
        </div>
      </header>
      {children}
    </div>
  );
}

/** A titled part of a page. */
export function Panel({
  title,
  note,
  actions,
  id,
  children,
}: {
  title: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  id?: string;
  children: ReactNode;
}) {
  return (
    <section className="panel" id={id}>
      <div className="panel-head">
        <h2>{title}</h2>
        {actions ? <div className="panel-actions no-print">{actions}</div> : null}
      </div>
      {note ? <p className="muted small panel-note">{note}</p> : null}
      {children}
    </section>
  );
}
