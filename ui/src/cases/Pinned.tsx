// A pinned answer for reading: every field with its name, amounts and times as the rest of the application writes them.
// The service's own JSON is always one step away, because that is what was pinned.
import { useTranslation } from "react-i18next";
import { digits, moment, share, whole } from "../format/numbers";
import { Sentence } from "../parts/Sentence";
import { useSettings } from "../prefs";
import { fieldName, lines, LINES_MAX, type Value } from "./pinned";

/** JSON that is shown as it is, in letters; more is in the export. */
const RAW_MAX = 40_000;
/** Lines on paper. */
const PRINTED_MAX = 60;

export function Pinned({ pinned, isPrinted = false }: { pinned: unknown; isPrinted?: boolean }) {
  const { t, i18n } = useTranslation("cases");
  const { lines: rows, cut } = lines(pinned, i18n.language, isPrinted ? PRINTED_MAX : LINES_MAX);
  const raw = JSON.stringify(pinned, null, 1);
  return (
    <div className="stack pinned">
      <ul className="pinned-lines">
        {rows.map((line, at) => (
          <li key={at} className={`pinned-line depth-${Math.min(line.depth, 5)}`}>
            <span className={/^\d+$/.test(line.name) ? "pinned-name pinned-ordinal" : "pinned-name"}>
              {/^\d+$/.test(line.name) ? <Ordinal n={line.name} /> : <bdi>{fieldName(i18n, line.name)}</bdi>}
            </span>
            {line.value === undefined ? null : <PinnedValue name={line.name} value={line.value} />}
            {line.parts?.map((part) => (
              <span key={part.name} className="pinned-part">
                <bdi className="muted">{fieldName(i18n, part.name)}</bdi>{" "}
                <PinnedValue name={part.name} value={part.value} />
              </span>
            ))}
            {line.more ? <span className="small muted"> {t("findings.pinned_more", { count: line.more })}</span> : null}
          </li>
        ))}
      </ul>
      {cut ? <p className="small muted">{t("findings.pinned_cut")}</p> : null}
      {isPrinted ? null : (
        <details>
          <summary>{t("findings.pinned_raw")}</summary>
          {/* A long text has to be reached and scrolled by the keyboard too. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre dir="ltr" className="raw" tabIndex={0}>
            {raw.length > RAW_MAX ? `${raw.slice(0, RAW_MAX)}…` : raw}
          </pre>
          {raw.length > RAW_MAX ? <p className="small muted">{t("findings.pinned_cut")}</p> : null}
        </details>
      )}
    </div>
  );
}

function Ordinal({ n }: { n: string }) {
  const set = useSettings();
  return <bdi className="muted">{whole(n, set)}.</bdi>;
}

const CODES = ["level", "category", "basis", "relation", "direction", "kind", "reason", "bound", "heuristic"] as const;

function PinnedValue({ name, value }: { name: string; value: Value }) {
  const { t, i18n } = useTranslation("cases");
  const set = useSettings();
  if (value === null) return <span className="muted">{t("findings.pinned_empty")}</span>;
  if (typeof value === "boolean") return <span>{value ? t("findings.yes") : t("findings.no")}</span>;
  if (name === "share" && Number.isFinite(Number(value))) return <Figure>{share(value, set)}</Figure>;
  if (typeof value === "number") {
    // Heights and years are counted on a scale and not a quantity: no thousands apart.
    const isPlace = /height|year/.test(name) || !Number.isInteger(value);
    return <Figure>{isPlace ? digits(String(value), set) : whole(value, set)}</Figure>;
  }
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return <Figure>{moment(value, set)}</Figure>;
  if (/^-?\d{1,40}$/.test(value)) return <Figure>{whole(value, set)}</Figure>;
  if (/^-?\d{1,20}\.\d{1,18}$/.test(value)) return <Figure>{digits(value, set)}</Figure>;
  // A code of the taxonomy has words of its own; the code stays beside them, since it is what was pinned.
  const group = CODES.find((each) => i18n.exists(`${each}.${value}`, { ns: "common" }));
  if (group && /^[a-z_-]+$/.test(value)) return <span>{i18n.t(`${group}.${value}`, { ns: "common" })}</span>;
  if (/^[\x21-\x7e]{20,}$/.test(value)) {
    return (
      <bdi dir="ltr" className="mono wraps">
        {value}
      </bdi>
    );
  }
  return (
    <bdi className="wraps">
      <Sentence text={value} />
    </bdi>
  );
}

function Figure({ children }: { children: string }) {
  return (
    <bdi dir="ltr" className="num">
      {children}
    </bdi>
  );
}
