// What a part of a page shows while it has nothing to show: waiting, in trouble, or truly empty.
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../api/problem";
import { Icon } from "./Icon";

export function Loading({ what }: { what?: string }) {
  const { t } = useTranslation();
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      {what ?? t("loading")}
    </div>
  );
}

/** An error in words: what happened, what the service said of it (English), and trying again. */
export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  const { t, i18n } = useTranslation();
  const code = error instanceof Problem ? error.code : "unexpected";
  const key = `problem.${code}`;
  const words = i18n.exists(key) ? t(key) : error instanceof Problem ? error.message : t("problem.unexpected");
  const detail = error instanceof Problem ? error.detail : error instanceof Error ? error.message : null;
  return (
    <div className="trouble" role="alert">
      <Icon name="warning" />
      <div>
        <p>
          <bdi>{words}</bdi>
        </p>
        {detail ? (
          <p className="small muted">
            <bdi dir="auto">{detail}</bdi>
          </p>
        ) : null}
        {error instanceof Problem && error.requestId ? (
          <p className="small muted">
            {t("request_id")} <bdi className="mono">{error.requestId}</bdi>
          </p>
        ) : null}
        {again ? (
          <button type="button" className="button" onClick={again}>
            {t("try_again")}
          </button>
        ) : null}
      </div>
    </div>
  );
}

/** Nothing to show, and what that means. Never says that something is clean. */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <p>{children}</p>
      {action}
    </div>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: Error | null;
  refetch: () => unknown;
}

/** Shows what a read gave, or waiting, or trouble. `missing` is shown where the service has no such thing (404). */
export function Read<T>({
  of,
  children,
  missing,
}: {
  of: Asked<T>;
  children: (data: T) => ReactNode;
  missing?: ReactNode;
}) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) {
    if (missing !== undefined && of.error instanceof Problem && of.error.status === 404) return <>{missing}</>;
    return <Trouble error={of.error} again={() => void of.refetch()} />;
  }
  return <Loading />;
}
