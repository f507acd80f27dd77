// Two versions of the same thing beside each other, and the choice between them. Shown in the place where the person was
// saving; the form below keeps what they typed.
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../parts/Icon";
import { differences } from "./conflict";

export function Conflict({
  mine,
  stored,
  show,
  onKeep,
  onTake,
  onGoOn,
}: {
  mine: object;
  stored: object;
  /** A value as a person reads it. */
  show?: (field: string, value: unknown) => string;
  onKeep: () => void;
  onTake: () => void;
  onGoOn: () => void;
}) {
  const { t } = useTranslation("cases");
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  const rows = differences(mine, stored);
  const text = show ?? ((_: string, value: unknown) => plain(value));
  return (
    <section className="conflict" role="alert">
      <h3 ref={head} tabIndex={-1}>
        <Icon name="warning" /> {t("conflict.title")}
      </h3>
      <p>{t("conflict.lead")}</p>
      <div className="table-scroll" role="region" aria-label={t("conflict.title")} tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("conflict.field")}</th>
              <th scope="col">{t("conflict.yours")}</th>
              <th scope="col">{t("conflict.stored")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ field, mine: own, stored: other }) => (
              <tr key={field}>
                <th scope="row">{t(`field.${field}`, { defaultValue: field })}</th>
                <td>
                  <p className="said" dir="auto">
                    {text(field, own)}
                  </p>
                </td>
                <td>
                  <p className="said" dir="auto">
                    {text(field, other)}
                  </p>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="row">
        <button type="button" className="button button-main" onClick={onKeep}>
          {t("conflict.keep_mine")}
        </button>
        <button type="button" className="button" onClick={onTake}>
          {t("conflict.take_theirs")}
        </button>
        <button type="button" className="button" onClick={onGoOn}>
          {t("conflict.go_on")}
        </button>
      </div>
    </section>
  );
}

/** A value as text: plain ones as they are, others as their JSON. */
function plain(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : JSON.stringify(value);
}
