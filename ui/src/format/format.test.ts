// @vitest-environment jsdom
// Figures as text: exact, in the digits that are set, and never rounded into nothing or all.
import { afterEach, expect, test } from "vitest";
import { settings, type Settings } from "../prefs";
import { isolate, ltr, middleCut } from "./bidi";
import { amount, bytes, digits, dollars, moment, share, shareOf, unitsOf, whole } from "./numbers";

const en: Settings = { ...settings(), language: "en", digits: "auto" };
const ar: Settings = { ...settings(), language: "ar", digits: "auto" };

afterEach(() => {
  document.documentElement.dir = "ltr";
});

test("an amount keeps every unit, whatever its size", () => {
  expect(amount(54488121, 8, en)).toBe("0.54488121");
  expect(amount("2099999997690000", 8, en)).toBe("20,999,999.9769");
  expect(amount(100000000, 8, en)).toBe("1.00");
  expect(amount(0, 8, en)).toBe("0.00");
  expect(amount("123456789012345678901234567890", 18, en)).toBe("123,456,789,012.34567890123456789");
  expect(amount("7", 0, en)).toBe("7");
  expect(amount(-1, 8, en)).toBe("−0.00000001");
});

test("what is no whole number is shown as it came, not as a wrong amount", () => {
  expect(amount("1.5", 8, en)).toBe("1.5");
  expect(unitsOf(2 ** 53)).toBeNull();
  expect(unitsOf("9007199254740993")).toBe(9007199254740993n);
});

test("Arabic digits and separators are those of the language, and can be turned off", () => {
  expect(whole(1234567, ar)).toBe("١٬٢٣٤٬٥٦٧");
  expect(amount(54488121, 8, ar)).toBe("٠٫٥٤٤٨٨١٢١");
  expect(share("0.125824", ar)).toBe("١٢٫٥٪");
  expect(whole(12, { ...ar, digits: "latn" })).toBe("12");
  expect(whole(12, { ...en, digits: "arab" })).toBe("١٢");
  expect(digits("2018-02-20", ar)).toBe("٢٠١٨-٠٢-٢٠");
});

test("a share that is something is never nothing, and one that is not all never all", () => {
  expect(share("0.000001", en)).toBe("<0.1%");
  expect(share("0", en)).toBe("0.0%");
  expect(share(0.999999, en)).toBe("99.9%");
  expect(share(1, en)).toBe("100.0%");
  expect(share(shareOf(1n, 3n), en)).toBe("33.3%");
  expect(shareOf(1n, 0n)).toBe("0");
});

test("dollars have cents, instants are in UTC, days stay days", () => {
  expect(dollars(5153.19, en)).toBe("5,153.19");
  expect(dollars(0, en)).toBe("0.00");
  expect(dollars(1331.7, ar)).toBe("١٬٣٣١٫٧٠");
  expect(moment("2018-02-20T12:31:55Z", { ...en, zone: "utc" })).toBe("2018-02-20 12:31");
  expect(moment("2018-02-20", en)).toBe("2018-02-20");
  expect(moment(1519129915, { ...en, zone: "utc" }, true)).toBe("2018-02-20 12:31:55");
  expect(moment("no time", en)).toBe("no time");
  expect(bytes(1_500_000, en)).toBe("1.5 MB");
});

test("marks of direction are put where they are needed and nowhere else", () => {
  expect(ltr("2Mx98")).toBe("2Mx98");
  expect(isolate("سلمى")).toBe("\u2068سلمى\u2069");
  document.documentElement.dir = "rtl";
  expect(ltr("2Mx98")).toBe("\u20662Mx98\u2069");
  expect(ltr("٢٠١٨-٠٢-٢٠")).toBe("\u2066\u202d٢٠١٨-٠٢-٢٠\u202c\u2069");
});

test("an identifier that is cut keeps both ends", () => {
  expect(middleCut("2Mx98FrUbgzPkZsANJExa4uy6NLBBDvr4mu")).toBe("2Mx98FrU…Dvr4mu");
  expect(middleCut("short")).toBe("short");
});
