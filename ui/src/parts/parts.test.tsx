// @vitest-environment jsdom
// The shared parts as they are drawn: data is text, order is right, identifiers are isolated.
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18n from "i18next";
import { MemoryRouter } from "react-router";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { initReactI18next } from "react-i18next";
import common from "../i18n/en/common.json";
import { Problem } from "../api/problem";
import { AddressChip, Money } from "./bits";
import { Dialog } from "./Dialog";
import { DataTable } from "./DataTable";
import { Sentence } from "./Sentence";
import { Severity } from "./Severity";
import { Trouble } from "./states";

beforeAll(async () => {
  await i18n
    .use(initReactI18next)
    .init({ lng: "en", resources: { en: { common } }, defaultNS: "common", interpolation: { escapeValue: false } });
  i18n.services.formatter?.add("num", String);
});
afterEach(cleanup);

test("Escape closes the uppermost dialog even where nothing has the focus", () => {
  // which jsdom does not have
  vi.stubGlobal("CSS", { escape: String });
  const closed: string[] = [];
  const two = (isUpper: boolean) => (
    <>
      <Dialog title="lower" isOpen onClose={() => closed.push("lower")}>
        text
      </Dialog>
      <Dialog title="upper" isOpen={isUpper} onClose={() => closed.push("upper")}>
        text
      </Dialog>
    </>
  );
  const { rerender } = render(two(true));
  const escape = () => {
    (document.activeElement as HTMLElement | null)?.blur();
    expect(document.activeElement).toBe(document.body);
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  };
  escape();
  expect(closed).toEqual(["upper"]);
  rerender(two(false));
  escape();
  expect(closed).toEqual(["upper", "lower"]);
});

test("a sentence keeps what is set apart and dates whole, and shows markup as text", () => {
  const text =
    "بين \u20682018-02-20\u2069 و\u20682018-05-31\u2069: \u2068<b>a long name</b>\u2069, 2019-01-02, 12018-05-31";
  const { container } = render(<Sentence text={text} />);
  expect(container.textContent).toBe(text.replace(/[\u2068\u2069]/g, ""));
  const apart = [...container.querySelectorAll("bdi")].map((each) => [each.textContent, each.className]);
  expect(apart).toEqual([
    ["2018-02-20", "nowrap"],
    ["2018-05-31", "nowrap"],
    ["<b>a long name</b>", ""],
    ["2019-01-02", "nowrap"],
  ]);
  expect(container.querySelector("b")).toBeNull();
});

test("a label that looks like HTML is text", () => {
  const { container } = render(
    <MemoryRouter>
      <AddressChip address="2Mx98FrUbgzPkZsANJExa4uy6NLBBDvr4mu" label="<img src=x onerror=alert(1)>" />
    </MemoryRouter>,
  );
  expect(container.querySelector("img")).toBeNull();
  expect(screen.getByText("<img src=x onerror=alert(1)>")).toBeTruthy();
});

test("an identifier and an amount read from left to right whatever is around them", () => {
  const { container } = render(
    <MemoryRouter>
      <div dir="rtl">
        <AddressChip address="2Mx98FrUbgzPkZsANJExa4uy6NLBBDvr4mu" />
        <Money units="54488121" />
      </div>
    </MemoryRouter>,
  );
  expect([...container.querySelectorAll("bdi")].map((one) => one.dir)).toEqual(["ltr", "ltr"]);
});

test("the severity is a word, and an unknown level is unknown and never none", () => {
  render(<Severity level="severe" />);
  expect(screen.getByText("severe")).toBeTruthy();
  cleanup();
  render(<Severity level="something new" />);
  expect(screen.getByText("unknown")).toBeTruthy();
});

test("a table sorts exact amounts as numbers, says so, and shows the rest on demand", async () => {
  const rows = [{ n: 9n }, { n: 10n }, { n: 2n }, { n: 9007199254740993n }, { n: 9007199254740992n }];
  render(
    <DataTable
      caption="Amounts"
      rows={rows}
      first={4}
      rowKey={(row) => String(row.n)}
      columns={[{ id: "n", head: "N", cell: (row) => String(row.n), sort: (row) => row.n }]}
    />,
  );
  await userEvent.click(screen.getByRole("button", { name: "N" }));
  expect(screen.getByRole("columnheader").getAttribute("aria-sort")).toBe("descending");
  const cells = () =>
    within(screen.getByRole("table"))
      .getAllByRole("cell")
      .map((cell) => cell.textContent);
  expect(cells()).toEqual(["9007199254740993", "9007199254740992", "10", "9"]);
  await userEvent.click(screen.getByRole("button", { name: "Show 1 more" }));
  expect(cells()).toHaveLength(5);
});

test("trouble is told in words of the language, with what the service said", () => {
  render(
    <Trouble
      error={
        new Problem({
          code: "not_found",
          title: "The store does not hold it.",
          status: 404,
          detail: "no such block",
          request_id: "r-1",
        })
      }
    />,
  );
  const alert = screen.getByRole("alert");
  expect(alert.textContent).toContain(common.problem.not_found);
  expect(alert.textContent).toContain("no such block");
  expect(alert.textContent).toContain("r-1");
});
