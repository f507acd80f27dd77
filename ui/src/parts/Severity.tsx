// How severe something is, and what category it has: always a shape and a word, never a colour alone.
import { useTranslation } from "react-i18next";

export type Level = "unknown" | "none" | "low" | "medium" | "high" | "severe";
const LEVELS: readonly string[] = ["unknown", "none", "low", "medium", "high", "severe"];

/** Order of severity: `unknown` lies below `none`, since nothing known is never clean. */
export const levelRank = (level: string | null | undefined) => (level ? LEVELS.indexOf(level) : -1);

const SHAPES: Record<Level, string> = {
  severe: "M5 1h6l4 4v6l-4 4H5l-4-4V5Z",
  high: "M8 1.500 15 14.500H1Z",
  medium: "M8 1 15 8 8 15 1 8Z",
  low: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z",
  none: "M2 6.500h12v3H2Z",
  unknown: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z",
};

/** The shape alone; give it a text beside. */
export function SeverityShape({ level, size = 12 }: { level: Level; size?: number }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
      focusable="false"
      className={`shape shape-${level}`}
    >
      <path d={SHAPES[level]} />
    </svg>
  );
}

export function Severity({ level, big = false }: { level: string | null | undefined; big?: boolean }) {
  const { t } = useTranslation();
  const known = (level && LEVELS.includes(level) ? level : "unknown") as Level;
  return (
    <span className={`severity severity-${known}${big ? " severity-big" : ""}`}>
      <SeverityShape level={known} size={big ? 18 : 12} />
      {t(`level.${known}`)}
    </span>
  );
}

/** A category of the taxonomy by its name in the language; an unknown code is shown as it is. */
export function Category({ category }: { category: string | null | undefined }) {
  const { t } = useTranslation();
  if (!category) return null;
  return <span className="category">{t(`category.${category}`, { defaultValue: category })}</span>;
}

/** What a label rests on; decided, measure, claim or allegation are words of their own. */
export function Basis({ basis }: { basis: string | null | undefined }) {
  const { t } = useTranslation();
  if (!basis) return null;
  return <span className="basis">{t(`basis.${basis}`, { defaultValue: basis })}</span>;
}
