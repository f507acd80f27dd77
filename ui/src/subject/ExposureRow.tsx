// What the exposure of a chain of outputs and of a chain of accounts have in common: the rows of a side, direct ones and indirect ones
// apart, each with its bar, its range over the rules of taint, its why, and the entities behind it when it is opened.
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Category, Severity, Share, Why, type Evidence } from "../parts";
import { share } from "../format/numbers";
import { ltr } from "../format/bidi";
import { useSettings } from "../prefs";
import { categoryOf } from "./statement";

type Relation = "counterparty" | "indirect";

/** The rows of one side in two parts; what a side does not have is said. */
export function Relations<T extends { relation: string }>({
  rows,
  order,
  children,
}: {
  rows: readonly T[];
  order: (a: T, b: T) => number;
  children: (row: T) => ReactNode;
}) {
  const { t } = useTranslation("subject");
  return (["counterparty", "indirect"] as const).map((relation: Relation) => {
    const own = rows.filter((row) => row.relation === relation).sort(order);
    return (
      <div key={relation}>
        <h4 className="exposure-relation">
          {t(relation === "counterparty" ? "exposure.direct" : "exposure.indirect")}
        </h4>
        {own.length === 0 ? (
          <p className="muted small">{t("exposure.none")}</p>
        ) : (
          <ul className="exposure-rows">{own.map(children)}</ul>
        )}
      </div>
    );
  });
}

export function ExposureRow({
  row,
  direction,
  part,
  shares,
  sum,
  evidence,
  children,
}: {
  row: { level: string; category: string; relation: string };
  direction: string;
  /** Share by the first rule that adds amounts up. */
  part: number | null | undefined;
  /** Shares by every such rule. */
  shares: readonly number[];
  sum: ReactNode;
  evidence: () => Evidence;
  /** The entities, as entries of a list. */
  children: ReactNode;
}) {
  const { t } = useTranslation("subject");
  const set = useSettings();
  const [isOpen, setOpen] = useState(false);
  const low = Math.min(...shares);
  const high = Math.max(...shares);
  return (
    <li>
      <div className="exposure-row">
        <button type="button" className="exposure-name" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <Severity level={row.level} />
          <Category category={row.category} />
        </button>
        <span
          className={`share-bar ${row.relation === "indirect" ? "share-bar-hatched" : ""} share-bar-${direction}`}
          aria-hidden="true"
        >
          <span style={{ inlineSize: `${Math.min(100, Number(part ?? 0) * 100)}%` }} />
        </span>
        <span className="exposure-share">
          <Share part={part} />
        </span>
        {sum}
        <Why of={evidence} label={categoryOf(row.category, t)} />
        {high - low >= 0.0005 ? (
          <span className="exposure-range">
            {t("exposure.other_rules", { low: ltr(share(low, set)), high: ltr(share(high, set)) })}
          </span>
        ) : null}
      </div>
      {isOpen ? <ul className="exposure-entities">{children}</ul> : null}
    </li>
  );
}
