// Small pieces of text that come from the data: money, identifiers, times, numbers. Each is isolated from the direction
// of the text around it, and follows the digits that are set. Identifiers always keep their own digits.
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { amount, coinOf, dayOf, dollars, moment, share, whole, type Units } from "../format/numbers";
import { middleCut } from "../format/bidi";
import { useSettings } from "../prefs";
import { Copy } from "./Copy";

/** An exact amount of a chain's coin (`units` in its smallest unit), or of a token with its own decimals and symbol. */
export function Money({
  units,
  chain = "bitcoin",
  decimals,
  symbol,
  plain = false,
}: {
  units: Units | null | undefined;
  chain?: string;
  decimals?: number;
  symbol?: string;
  /** Without the symbol, for columns whose head has it. */
  plain?: boolean;
}) {
  const set = useSettings();
  if (units === null || units === undefined) return <Nothing />;
  const coin = coinOf(chain);
  return (
    <bdi dir="ltr" className="num">
      {amount(units, decimals ?? coin.decimals, set)}
      {plain ? null : <span className="unit"> {symbol ?? coin.symbol}</span>}
    </bdi>
  );
}

/** US dollars at the price of the day, or a word that there is no price. */
export function Dollars({ usd, plain = false }: { usd: number | string | null | undefined; plain?: boolean }) {
  const set = useSettings();
  const { t } = useTranslation();
  if (usd === null || usd === undefined) return <span className="muted small">{t("no_price")}</span>;
  return (
    <bdi dir="ltr" className="num">
      {plain ? null : <span className="unit">USD </span>}
      {dollars(usd, set)}
    </bdi>
  );
}

/** A count. */
export function Num({ n }: { n: number | bigint | string | null | undefined }) {
  const set = useSettings();
  if (n === null || n === undefined) return <Nothing />;
  return (
    <bdi dir="ltr" className="num">
      {whole(n, set)}
    </bdi>
  );
}

/** A share of one, as per cent. */
export function Share({ part }: { part: number | string | null | undefined }) {
  const set = useSettings();
  if (part === null || part === undefined) return <Nothing />;
  return (
    <bdi dir="ltr" className="num">
      {share(part, set)}
    </bdi>
  );
}

/** An instant in UTC: ISO text or seconds since 1970. */
export function When({
  at,
  day = false,
  seconds = false,
}: {
  at: string | number | null | undefined;
  day?: boolean;
  seconds?: boolean;
}) {
  const set = useSettings();
  if (at === null || at === undefined || at === "") return <Nothing />;
  const iso = typeof at === "number" ? new Date(at * 1000).toISOString() : at;
  return (
    <time dateTime={iso} dir="ltr" className="num ltr" title={`${iso}`}>
      {day ? dayOf(at, set) : moment(at, set, seconds)}
    </time>
  );
}

/** What stands where there is no value. */
export function Nothing() {
  const { t } = useTranslation();
  return (
    <span className="muted">
      <span aria-hidden="true">–</span>
      <span className="hidden-visually">{t("nothing_here")}</span>
    </span>
  );
}

/** The name of a link whose text is cut: what is seen, for whoever speaks to the page (WCAG 2.5.3), and the whole value. */
const named = (shown: string, value: string) => (shown === value ? value : `${shown}, ${value}`);

/** A hash or another identifier: left to right, middle cut, copied by a button. */
export function Hash({
  value,
  to,
  full = false,
  copy = true,
}: {
  value: string;
  to?: string;
  full?: boolean;
  copy?: boolean;
}) {
  const shown = full ? value : middleCut(value);
  const text = (
    <bdi dir="ltr" className={full ? "mono wraps" : "mono"} title={value}>
      {shown}
    </bdi>
  );
  return (
    <span className="chip">
      {to ? (
        <Link to={to} aria-label={named(shown, value)}>
          {text}
        </Link>
      ) : (
        text
      )}
      {copy ? <Copy text={value} /> : null}
    </span>
  );
}

/** Where the page of a subject is. */
export const subjectPath = (chain: string, value: string) =>
  `/s/${encodeURIComponent(chain)}/${encodeURIComponent(value)}`;
export const txPath = (chain: string, txid: string) => `/tx/${encodeURIComponent(chain)}/${encodeURIComponent(txid)}`;
export const blockPath = (chain: string, block: string | number) =>
  `/block/${encodeURIComponent(chain)}/${encodeURIComponent(String(block))}`;

/** An address with the name that is known for it, as a link to its page. */
export function AddressChip({
  address,
  chain = "bitcoin",
  label,
  full = false,
  copy = true,
}: {
  address: string;
  chain?: string;
  label?: string | null | undefined;
  full?: boolean;
  copy?: boolean;
}) {
  const shown = full && !label ? address : middleCut(address, label ? 6 : 8, label ? 4 : 6);
  return (
    <span className="chip">
      <Link
        to={subjectPath(chain, address)}
        className="chip-link"
        aria-label={label ? `${label} ${named(shown, address)}` : named(shown, address)}
      >
        {label ? (
          <>
            <bdi className="chip-label">{label}</bdi>{" "}
          </>
        ) : null}
        <bdi dir="ltr" className={label ? "mono small muted" : full ? "mono wraps" : "mono"} title={address}>
          {shown}
        </bdi>
      </Link>
      {copy ? <Copy text={address} /> : null}
    </span>
  );
}

/** A transaction, as a link to its page. */
export function TxChip({ txid, chain = "bitcoin", copy = true }: { txid: string; chain?: string; copy?: boolean }) {
  return <Hash value={txid} to={txPath(chain, txid)} copy={copy} />;
}
