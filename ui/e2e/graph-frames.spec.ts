// How long a frame takes on large graphs while one pans, zooms, drags a node and moves the time slider. It prints figures and fails
// on nothing but a board that does not draw: the browser here draws in software, on whatever machine it runs.
import { expect, test, type Page } from "@playwright/test";
import { open } from "./desk";

/** An invented graph: a tree of payments with cross links, about two edges for each node. */
function invented(count: number): string {
  const columns = Math.ceil(Math.sqrt(count));
  const nodes = Array.from({ length: count }, (_, i) => ({
    id: `a:bitcoin:node${i}`,
    kind: "address",
    chain: "bitcoin",
    value: `node${i}`,
    label: i % 9 === 0 ? `Invented Exchange ${i}` : null,
    category: i % 9 === 0 ? "exchange" : null,
    severity: null,
    entity: null,
    x: Math.floor(i / columns) * 380,
    y: (i % columns) * 92,
    pinned: false,
    colour: null,
    note: "",
    parent: null,
    open: false,
  }));
  const edges = nodes.slice(1).flatMap((node, i) => {
    const at = i + 1;
    return [Math.floor(i / 2), Math.floor(i * 0.77)]
      .filter((from, k, all) => from !== at && all.indexOf(from) === k)
      .map((from) => {
        const ends = { from: `a:bitcoin:node${from}`, to: node.id };
        const first = 1_500_000_000 + ((at * 7919) % 1_000) * 60_000;
        return {
          ...ends,
          id: ["direct", "", "", "", "native", ends.from, ends.to].join("|"),
          how: "direct",
          policy: null,
          target: null,
          direction: null,
          asset: "native",
          units: String(1_000 + at * 91_331),
          usd_cents: null,
          txs: 1,
          first_s: first,
          last_s: first + 400_000,
          txids: [],
          parts: [],
          snapshot: null,
          asked: "/v1/none",
          colour: null,
          note: "",
        };
      });
  });
  const document = {
    format: "athar-graph",
    version: 1,
    name: `${count} nodes`,
    chain: "bitcoin",
    nodes,
    edges,
    assets: {},
    filters: {
      units_min: null,
      units_max: null,
      assets: [],
      categories: [],
      degree_min: 0,
      degree_max: null,
      without: [],
    },
    window: { from_s: null, to_s: null },
    view: { x: 0, y: 0, zoom: 1 },
    next: 1,
  };
  return JSON.stringify({ base: null, document });
}

/** Runs something and gives the times between frames meanwhile, in milliseconds. */
async function frames(page: Page, work: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    const state = { times: [] as number[], last: performance.now(), isOn: true };
    (window as unknown as { frames: typeof state }).frames = state;
    const tick = (now: number) => {
      state.times.push(now - state.last);
      state.last = now;
      if (state.isOn) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await work();
  return page.evaluate(() => {
    const state = (window as unknown as { frames: { times: number[]; isOn: boolean } }).frames;
    state.isOn = false;
    return state.times.slice(2);
  });
}

function told(name: string, times: number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
  return `${name.padEnd(28)} frames ${String(times.length).padStart(4)}  median ${at(0.5).padStart(6)} ms  p95 ${at(0.95).padStart(6)} ms  worst ${at(1).padStart(6)} ms`;
}

for (const count of [500, 1_500]) {
  test(`a graph of ${count} nodes is drawn while it moves`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.addInitScript(([draft]) => localStorage.setItem("athar.graph.draft", draft ?? ""), [invented(count)]);
    await open(page, "/graph");
    const board = page.getByRole("application");
    await expect(board).toBeVisible();
    await expect(page.locator(".graph-far")).toBeAttached({ timeout: 30_000 });
    await page.waitForTimeout(1_500);
    const box = await board.boundingBox();
    if (box === null) throw new Error("no board");
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const lines: string[] = [];
    const pan = async () => {
      await page.mouse.move(box.x + 8, box.y + 8);
      await page.mouse.down();
      for (let i = 0; i < 90; i += 1)
        await page.mouse.move(box.x + 8 + Math.sin(i / 9) * 160 + 160, box.y + 8 + (i % 45) * 3);
      await page.mouse.up();
    };
    const zoom = async (by: number, times: number) => {
      const card = await nearest();
      await page.mouse.move(card.x, card.y);
      for (let i = 0; i < times; i += 1) await page.mouse.wheel(0, by);
    };
    /** The middle of the node nearest to the middle of the board, whether it is a card or painted. */
    const nearest = () =>
      page.evaluate(
        ({ x, y, count }) => {
          const view = new DOMMatrix(
            getComputedStyle(document.querySelector(".react-flow__viewport") ?? document.body).transform,
          );
          const flow = document.querySelector(".react-flow")?.getBoundingClientRect() ?? { left: 0, top: 0 };
          const columns = Math.ceil(Math.sqrt(count));
          let best = { x: 0, y: 0, far: Number.POSITIVE_INFINITY };
          for (let i = 0; i < count; i += 1) {
            const at = {
              x: (Math.floor(i / columns) * 380 + 100) * view.a + view.e + flow.left,
              y: ((i % columns) * 92 + 32) * view.a + view.f + flow.top,
            };
            const far = Math.hypot(at.x - x, at.y - y);
            if (far < best.far) best = { ...at, far };
          }
          return best;
        },
        { ...middle, count },
      );
    const drag = async () => {
      const card = await nearest();
      await page.mouse.move(card.x, card.y);
      await page.mouse.down();
      for (let i = 0; i < 60; i += 1) await page.mouse.move(card.x + i * 2, card.y + Math.sin(i / 5) * 30);
      await page.mouse.up();
    };
    const slide = async () => {
      const from = page.getByRole("slider").first();
      await from.focus();
      for (let i = 0; i < 40; i += 1) await page.keyboard.press(i % 8 === 0 ? "PageUp" : "ArrowRight");
      for (let i = 0; i < 20; i += 1) await page.keyboard.press("PageDown");
    };
    const shown = async () =>
      `${await page.locator(".graph-card").count()} cards, ${await page.locator(".graph-line").count()} lines in the page`;
    lines.push(`${count} nodes, the whole graph in sight: ${await shown()}`);
    lines.push(told("  pan, whole graph", await frames(page, pan)));
    lines.push(told("  drag a node, whole graph", await frames(page, drag)));
    lines.push(told("  time slider, whole graph", await frames(page, slide)));
    lines.push(
      told(
        "  zoom in and out",
        await frames(page, async () => {
          await zoom(-120, 25);
          await zoom(120, 25);
        }),
      ),
    );
    await board.focus();
    await page.keyboard.press("f");
    await zoom(-200, 12);
    lines.push(`  near: ${await shown()}`);
    lines.push(told("  pan, near", await frames(page, pan)));
    lines.push(told("  drag a node, near", await frames(page, drag)));
    lines.push(told("  time slider, near", await frames(page, slide)));
    const chosen = await frames(page, async () => {
      for (let i = 0; i < 12; i += 1) {
        const card = await nearest();
        await page.mouse.click(card.x, card.y);
        await page.keyboard.press("ArrowDown");
      }
    });
    lines.push(told("  choose nodes", chosen));
    console.log(`\n${lines.join("\n")}\n  headless Chromium, software rendering`);
    expect(await page.locator(".graph-card").count()).toBeGreaterThan(0);
  });
}

test("a painted node is pointed at, dragged, boxed and taken back as a card is", async ({ page }) => {
  await page.addInitScript(([draft]) => localStorage.setItem("athar.graph.draft", draft ?? ""), [invented(300)]);
  await open(page, "/graph");
  await expect(page.locator(".graph-far")).toBeAttached();
  const board = page.getByRole("application");
  await page.getByRole("button", { name: "Whole graph" }).click();
  const place = (id: number) =>
    page.evaluate((i) => {
      const view = new DOMMatrix(
        getComputedStyle(document.querySelector(".react-flow__viewport") ?? document.body).transform,
      );
      const flow = document.querySelector(".react-flow")?.getBoundingClientRect() ?? { left: 0, top: 0 };
      return {
        x: (Math.floor(i / 18) * 380 + 100) * view.a + view.e + flow.left,
        y: ((i % 18) * 92 + 32) * view.d + view.f + flow.top,
      };
    }, id);
  await expect.poll(async () => (await place(299)).x).toBeLessThan(1_280);
  expect(await page.locator(".graph-card").count()).toBe(0);
  const at = await place(100);
  const card = page.locator('[data-node="a:bitcoin:node100"]');
  await page.mouse.move(at.x, at.y);
  await expect(card).toBeVisible();
  await page.mouse.down();
  await page.mouse.move(at.x + 30, at.y + 20, { steps: 4 });
  await page.mouse.up();
  await expect(card).toHaveClass(/is-chosen/);
  const box = await card.boundingBox();
  expect(Math.abs((box?.x ?? 0) + (box?.width ?? 0) / 2 - at.x - 30)).toBeLessThan(12);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(async () => Math.round((await card.boundingBox())?.x ?? 0)).toBeLessThan(at.x);
  // A box over painted nodes chooses them all.
  const from = await place(0);
  const to = await place(299);
  await page.keyboard.down("Shift");
  await page.mouse.move(from.x - 12, from.y - 12);
  await page.mouse.down();
  await page.mouse.move(to.x + 12, from.y + 200, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await expect.poll(() => page.locator(".graph-card.is-chosen").count()).toBeGreaterThan(20);
  await board.focus();
  await page.keyboard.press("Escape");
  await expect(page.locator(".graph-card.is-chosen")).toHaveCount(0);
});
