// Numbers, money, shares and times as text, in the digits that are set. Amounts are whole numbers of the smallest unit
// (bigint) until the moment they are written, so that no sum is ever rounded.
import { digitsOf, type Settings } from "../prefs";

const ARAB = "٠١٢٣٤٥٦٧٨٩";

/** What the data gives for an amount in smallest units: a JSON integer or digits as text. */
export type Units = number | string | bigint;

/** The same text with the digits and separators of the setting. Only for figures, never for identifiers. */
export function digits(text: string, set: Settings): string {
  if (digitsOf(set) === "latn") return text;
  return text.replace(/[0-9.,%]/g, (c) => {
    if (c === ".") return "٫";
    if (c === ",") return "٬";
    if (c === "%") return "٪";
    return ARAB[Number(c)] ?? c;
  });
}

/** Digits grouped by thousands: `1234567` -> `1,234,567`. */
export function grouped(whole: string): string {
  return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A whole number with its thousands apart. */
export function whole(n: number | bigint | string, set: Settings): string {
  const text = String(n);
  const sign = text.startsWith("-") ? "−" : "";
  return digits(sign + grouped(text.replace(/^-/, "")), set);
}

/** Decimal places of a chain's own coin. Tokens bring their own. */
const DECIMALS: Record<string, number> = {
  "binance-smart-chain": 18,
  arbitrum: 18,
  monero: 12,
  ripple: 6,
  solana: 9,
  ton: 9,
  stellar: 7,
  cardano: 6,
  polkadot: 10,
  ethereum: 18,
  "ethereum-classic": 18,
  polygon: 18,
  tron: 6,
};
const SYMBOLS: Record<string, string> = {
  bitcoin: "BTC",
  "bitcoin-cash": "BCH",
  litecoin: "LTC",
  dogecoin: "DOGE",
  dash: "DASH",
  zcash: "ZEC",
  ethereum: "ETH",
  "ethereum-classic": "ETC",
  polygon: "POL",
  "binance-smart-chain": "BNB",
  "bitcoin-sv": "BSV",
  "bitcoin-gold": "BTG",
  verge: "XVG",
  monero: "XMR",
  arbitrum: "ETH",
  ripple: "XRP",
  solana: "SOL",
  ton: "TON",
  stellar: "XLM",
  cardano: "ADA",
  polkadot: "DOT",
  tron: "TRX",
};

/** Decimal places and symbol of the coin of a chain. */
export function coinOf(chain: string): { decimals: number; symbol: string } {
  return { decimals: DECIMALS[chain] ?? 8, symbol: SYMBOLS[chain] ?? chain.toUpperCase() };
}

/** Units as a bigint; `null` for what is no whole number. */
export function unitsOf(units: Units | null | undefined): bigint | null {
  if (units === null || units === undefined) return null;
  if (typeof units === "bigint") return units;
  if (typeof units === "number") return Number.isSafeInteger(units) ? BigInt(units) : null;
  return /^-?\d+$/.test(units) ? BigInt(units) : null;
}

/**
 * An exact amount: `54488121` with 8 decimals -> `0.54488121`. Zeros at the end are cut, but never below two decimals,
 * so that columns read alike. Nothing is rounded.
 */
export function amount(units: Units, decimals: number, set: Settings): string {
  const value = unitsOf(units);
  if (value === null) return String(units);
  const sign = value < 0n ? "−" : "";
  const text = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  const cut = text.length - decimals;
  let rest = text.slice(cut).replace(/0+$/, "");
  if (decimals >= 2) rest = rest.padEnd(2, "0");
  return digits(sign + grouped(text.slice(0, cut)) + (rest ? `.${rest}` : ""), set);
}

/** US dollars with cents; the service sends at most two decimals. Text or number. */
export function dollars(usd: number | string, set: Settings): string {
  const text = typeof usd === "number" ? usd.toFixed(2) : usd;
  const [whole = "0", cents = ""] = text.replace(/^-/, "").split(".");
  const sign = text.startsWith("-") ? "−" : "";
  return digits(`${sign}${grouped(whole)}.${cents.padEnd(2, "0").slice(0, 2)}`, set);
}

/**
 * A share of one as per cent with one decimal, rounded down. What is something is never shown as nothing, and what is
 * not all never as all.
 */
export function share(part: number | string, set: Settings): string {
  const value = Number(part);
  if (!Number.isFinite(value)) return String(part);
  // A share comes with six decimals: whole millionths, so that the cut is exact.
  const millionths = Math.round(value * 1e6);
  if (millionths > 0 && millionths < 1000) return digits("<0.1%", set);
  const tenths = Math.floor(millionths / 1000);
  return digits(`${Math.floor(tenths / 10)}.${tenths % 10}%`, set);
}

/** Share of two exact amounts, as text for [`share`]. */
export function shareOf(part: bigint, of: bigint): string {
  if (of === 0n) return "0";
  const millionths = (part * 1_000_000n) / of;
  return `${millionths / 1_000_000n}.${(millionths % 1_000_000n).toString().padStart(6, "0")}`;
}

/** An instant (ISO 8601 text or seconds since 1970) as `2018-02-20 12:31` in UTC; a day stays a day. */
export function moment(when: string | number, set: Settings, seconds = false): string {
  const text = typeof when === "number" ? isoOf(when) : when;
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)?/.exec(text);
  if (!match) return text;
  const local = set.zone === "local" && match[2] ? localOf(text) : null;
  if (local) return digits(`${local.day} ${local.time}${seconds ? local.seconds : ""} ${local.offset}`, set);
  const [, day = "", time, sec = ""] = match;
  return digits(time ? `${day} ${time}${seconds ? sec : ""}` : day, set);
}

/** An instant in the zone of this machine, with its distance from UTC; null for what is no instant in UTC. */
function localOf(text: string): { day: string; time: string; seconds: string; offset: string } | null {
  const date = new Date(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(date.getTime())) return null;
  const ahead = -date.getTimezoneOffset();
  const two = (n: number) => String(n).padStart(2, "0");
  const shifted = new Date(date.getTime() + ahead * 60_000).toISOString();
  const offset = `${ahead < 0 ? "−" : "+"}${two(Math.floor(Math.abs(ahead) / 60))}:${two(Math.abs(ahead) % 60)}`;
  return { day: shifted.slice(0, 10), time: shifted.slice(11, 16), seconds: shifted.slice(16, 19), offset };
}

/** Only the day of an instant. */
export function dayOf(when: string | number, set: Settings): string {
  return digits((typeof when === "number" ? isoOf(when) : when).slice(0, 10), set);
}

function isoOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

/** Bytes in a unit that is easily read. */
export function bytes(n: number, set: Settings): string {
  for (const [unit, size] of [
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
  ] as const) {
    if (n >= size) return `${digits((n / size).toFixed(1), set)} ${unit}`;
  }
  return `${digits(String(n), set)} B`;
}
