// Exact amounts. Money is whole numbers of the smallest unit, kept as digits and added as bigint: a float would lose the last
// satoshi of a large sum, and a graph that is off by one is no evidence. Only the width of a drawn line is ever a float.

/** Digits of a whole number of the smallest unit, without sign or leading zeros: "0", "54488121". At most 78 digits (256 bits). */
export type Units = string;

const DIGITS = /^(0|[1-9][0-9]{0,77})$/;

/** Units of a number or text of an answer; null where it is no exact whole number (a float beyond 2^53 is not). */
export function readUnits(value: unknown): Units | null {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
  if (typeof value === "bigint") return value >= 0n ? value.toString() : null;
  if (typeof value === "string" && DIGITS.test(value)) return value;
  return null;
}

/** The exact sum. */
export function sumUnits(values: Iterable<Units>): Units {
  let sum = 0n;
  for (const value of values) sum += BigInt(value);
  return sum.toString();
}

/** Below zero where a is less than b, above where it is more. */
export function compareUnits(a: Units, b: Units): number {
  return a.length !== b.length ? a.length - b.length : a < b ? -1 : a > b ? 1 : 0;
}

/** Cents of a dollar figure of an answer (a number or decimal text), rounded half up; null where there is none. */
export function readCents(value: unknown): Units | null {
  if (typeof value !== "number" && typeof value !== "string") return null;
  const text = String(value);
  const match = /^([0-9]{1,40})(?:\.([0-9]{1,20}))?$/.exec(text);
  if (match === null) return null;
  const fraction = (match[2] ?? "").padEnd(3, "0");
  const cents = BigInt(match[1] ?? "0") * 100n + BigInt(fraction.slice(0, 2));
  return (fraction.charCodeAt(2) >= 53 ? cents + 1n : cents).toString();
}

/** Decimal text of an amount with so many decimals, trailing zeros kept: coins("8395397", 8) is "0.08395397". */
export function coins(units: Units, decimals: number): string {
  if (decimals <= 0) return units;
  const padded = units.padStart(decimals + 1, "0");
  return `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
}

/** Units of what a person typed as decimal coins ("0.5"); null where it is no amount or finer than the smallest unit. */
export function unitsOfCoins(text: string, decimals: number): Units | null {
  const plain = latinDigits(text.trim());
  const match = /^([0-9]{1,60})(?:[.\u066b,]([0-9]{1,30}))?$/.exec(plain);
  if (match === null) return null;
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > decimals) return null;
  return BigInt((match[1] ?? "0") + fraction.padEnd(decimals, "0")).toString();
}

/** Arabic-Indic and Persian digits as Latin ones: people type what their keyboard has. */
export function latinDigits(text: string): string {
  return text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 0xf));
}

/** Base-10 logarithm, for widths only; 0 for 0. */
export function logUnits(units: Units): number {
  if (units === "0") return 0;
  return units.length - 1 + Math.log10(Number(`${units[0] ?? "1"}.${units.slice(1, 12)}`));
}

/** Decimals of a chain's own coin. */
export function chainDecimals(chain: string): number {
  if (chain === "tron") return 6;
  return ["ethereum", "ethereum-classic", "binance-smart-chain", "arbitrum", "polygon"].includes(chain) ? 18 : 8;
}

/** Code of a chain's own coin. */
export function chainCoin(chain: string): string {
  const codes: Record<string, string> = {
    bitcoin: "BTC",
    "bitcoin-cash": "BCH",
    litecoin: "LTC",
    dogecoin: "DOGE",
    zcash: "ZEC",
    ethereum: "ETH",
    "ethereum-classic": "ETC",
    "binance-smart-chain": "BNB",
    arbitrum: "ETH",
    polygon: "POL",
    tron: "TRX",
  };
  return codes[chain] ?? chain;
}

/**
 * JSON whose whole numbers of 16 digits and more arrive as text: `JSON.parse` would round them (dogecoin's amounts pass 2^53).
 * Throws a SyntaxError where the text is no JSON.
 */
export function parseExact(text: string): unknown {
  return JSON.parse(
    text.replace(/"(?:\\.|[^"\\])*"|-?[0-9]{16,}(?![0-9.eE])/g, (token) =>
      token.startsWith('"') ? token : `"${token}"`,
    ),
  );
}
