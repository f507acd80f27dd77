// Small pieces that several parts of the case pages show: state, humanitarian mark, retention, authorship, text that
// people wrote, and a question before something is taken out.
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Case } from "../api/contract";
import { dayOf, moment } from "../format/numbers";
import { Dialog } from "../parts/Dialog";
import { Icon } from "../parts/Icon";
import { Trouble } from "../parts/states";
import { useSettings } from "../prefs";
import { useOne } from "./one";
import { retention } from "./retention";

/** How far a case is: a word, with a dot that repeats it. */
export function State({ state }: { state: Case["state"] }) {
  const { t } = useTranslation("cases");
  return <span className={`case-state case-state-${state}`}>{t(`state.${state}`)}</span>;
}

/** The mark of a case with humanitarian context. */
export function HumanitarianMark() {
  const { t } = useTranslation("cases");
  return (
    <span className="humanitarian-mark">
      <Icon name="people" size={14} /> {t("humanitarian.title")}
    </span>
  );
}

/** Until when a case is kept, and whether that is near or past. */
export function Retention({ until }: { until: string | null }) {
  const { t } = useTranslation("cases");
  const set = useSettings();
  const is = retention(until);
  if (is.at === "none" || until === null) return <span className="muted">{t("retention.none")}</span>;
  const day = dayOf(until, set);
  if (is.at === "past") return <span className="overdue">{t("retention.past", { day })}</span>;
  if (is.at === "soon") {
    const key = is.days === 0 ? "retention.soon_today" : is.days === 1 ? "retention.soon_tomorrow" : "retention.soon";
    return <span className="soon">{t(key, { count: is.days, day })}</span>;
  }
  return (
    <span className="num ltr" dir="ltr">
      {day}
    </span>
  );
}

/** Who wrote something and when; and who changed it last, where it was changed. */
export function By({
  item,
}: {
  item: {
    created_s: number;
    created_by: number | string;
    changed_s: number;
    changed_by: number | string;
    version: number;
  };
}) {
  const { t } = useTranslation("cases");
  const set = useSettings();
  const { nameOf } = useOne();
  const words = { who: nameOf(item.created_by), when: moment(item.created_s, set) };
  return (
    <p className="small muted by">
      {item.version > 1
        ? t("page.by_changed", { ...words, changer: nameOf(item.changed_by), changed: moment(item.changed_s, set) })
        : t("page.by", words)}
    </p>
  );
}

/** Text that a person wrote: plain, in its own direction line by line, with its line ends. */
export function Said({ text }: { text: string }) {
  return (
    <div className="said">
      {text.split("\n").map((line, at) => (
        // Lines have no identity of their own: their place is it.
        <p key={at} dir="auto">
          {line || "\u00a0"}
        </p>
      ))}
    </div>
  );
}

/** A button that asks before it takes something out. */
export function Removing({
  label,
  text,
  ask,
  act,
  icon = true,
}: {
  /** What those hear who do not see what it stands beside. */
  label: string;
  text: string;
  ask: string;
  act: () => Promise<void>;
  icon?: boolean;
}) {
  const { t } = useTranslation("cases");
  const [isOpen, setOpen] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await act();
      setOpen(false);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" className="button button-quiet" aria-label={label} onClick={() => setOpen(true)}>
        {icon ? <Icon name="trash" size={14} /> : null}
        {text}
      </button>
      <Dialog title={label} isOpen={isOpen} onClose={() => setOpen(false)}>
        <div className="stack">
          <p>{ask}</p>
          {error ? <Trouble error={error} /> : null}
          <div className="row form-end">
            <button type="button" className="button" onClick={() => setOpen(false)}>
              {t("page.cancel")}
            </button>
            <button type="button" className="button button-danger" disabled={isBusy} onClick={() => void go()}>
              {text}
            </button>
          </div>
        </div>
      </Dialog>
    </>
  );
}

/** A form's error, its busy state and what it does, for forms that only add something. */
export function useAdding(): { isBusy: boolean; error: unknown; run: (what: () => Promise<void>) => Promise<boolean> } {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (what: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await what();
      return true;
    } catch (problem) {
      setError(problem);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, error, run };
}

/** Says that a list is longer than what is shown. */
export function Cut({ is, count }: { is: boolean; count: number }): ReactNode {
  const { t } = useTranslation("cases");
  return is ? <p className="small muted">{t("page.everything_shown", { count })}</p> : null;
}
