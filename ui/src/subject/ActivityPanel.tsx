// Activity over time: what came in above the line, what went out below it, by month or day; the table beside says the
// same. Drawn as SVG in units of the chain, so that the largest bar and not the price decides its height.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRead } from "../api/query";
import type { Activity, Amount, Period } from "../api/contract";
import { DataTable, Dollars, Empty, Money, Num, Panel, Read, Why } from "../parts";
import { amount, coinOf, digits, unitsOf } from "../format/numbers";
import { useSettings } from "../prefs";
import { OfChoice } from "./OfChoice";
import type { Asked } from "./Subject";

const WIDTH = 960;
const HEIGHT = 200;
const FOOT = 22;

/** `isAccount`: a chain of accounts, whose assets do not add up: dollars of each day are drawn instead. */
export function ActivityPanel({ asked, isAccount = false }: { asked: Asked; isAccount?: boolean }) {
  const { t } = useTranslation("subject");
  const [by, setBy] = useState<"month" | "day">("month");
  const [isTable, setTable] = useState(false);
  const activity = useRead<Activity>("/v1/activity/{subject}", {
    path: { subject: asked.address },
    query: { chain: asked.chain, of: asked.of, by },
    keep: true,
  });
  return (
    <Panel
      id="activity"
      title={t("part.activity")}
      actions={
        <>
          <OfChoice asked={asked} />
          <div className="tabs" role="group" aria-label={t("activity.by")}>
            {(["month", "day"] as const).map((one) => (
              <button key={one} type="button" className="toggle" aria-pressed={by === one} onClick={() => setBy(one)}>
                {t(`activity.${one}`)}
              </button>
            ))}
          </div>
          <button type="button" className="toggle" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
            {t("activity.table")}
          </button>
          {activity.data ? (
            <Why
              label={t("part.activity")}
              of={{
                statement: t("activity.statement", { address: asked.address }),
                chain: asked.chain,
                text: t(isAccount ? "activity.why_usd" : "activity.why"),
                snapshot: activity.data.snapshot,
                path: activity.path,
                answer: activity.data,
              }}
            />
          ) : null}
        </>
      }
    >
      <Read of={activity} missing={<Empty>{t("activity.none")}</Empty>}>
        {(data) =>
          data.periods.length === 0 ? (
            <Empty>{t("activity.none")}</Empty>
          ) : (
            <div className="stack">
              {isTable || (isAccount && isUnpriced(data)) ? (
                <Table activity={data} chain={asked.chain} isAccount={isAccount} />
              ) : (
                <Chart
                  periods={filled(isAccount ? inCents(data) : data)}
                  by={data.by}
                  coin={isAccount ? { decimals: 2, symbol: "USD" } : coinOf(asked.chain)}
                />
              )}
              {isAccount ? (
                <p className="small muted">{t(isUnpriced(data) ? "activity.unpriced" : "activity.usd_note")}</p>
              ) : null}
              {data.truncated ? <p className="small muted">{t("activity.truncated")}</p> : null}
            </div>
          )
        }
      </Read>
    </Panel>
  );
}

/** Every period from the first to the last, so that silence is seen as silence; at most 400, then only those with money. */
export function filled({ periods, by }: Pick<Activity, "periods" | "by">): Period[] {
  const known = new Map(periods.map((period) => [period.start.slice(0, by === "month" ? 7 : 10), period]));
  const keys = [...known.keys()].sort();
  const last = keys.at(-1);
  const all: Period[] = [];
  if (!last) return all;
  const at = new Date(`${(keys[0] ?? "").padEnd(10, "-01").slice(0, 10)}T00:00:00Z`);
  while (all.length <= 400) {
    const day = at.toISOString().slice(0, 10);
    const key = by === "month" ? day.slice(0, 7) : day;
    if (key > last) return all;
    all.push(known.get(key) ?? { start: day, received_units: 0, received_usd: 0, sent_units: 0, sent_usd: 0, txs: 0 });
    if (by === "month") at.setUTCMonth(at.getUTCMonth() + 1);
    else at.setUTCDate(at.getUTCDate() + 1);
  }
  return periods;
}

/** The same with whole cents for units, so that dollars are drawn as amounts are. What has no price is nothing there. */
export function inCents(activity: Pick<Activity, "periods" | "by">): Pick<Activity, "periods" | "by"> {
  const cents = (usd: number | null) => Math.round(Number(usd ?? 0) * 100);
  return {
    by: activity.by,
    periods: activity.periods.map((p) => ({
      ...p,
      received_units: cents(p.received_usd),
      sent_units: cents(p.sent_usd),
    })),
  };
}

/** Whether no period has a price: bars of dollars would be an empty picture, which looks like silence. */
export function isUnpriced({ periods }: Pick<Activity, "periods">): boolean {
  return periods.every((period) => !Number(period.received_usd ?? 0) && !Number(period.sent_usd ?? 0));
}

function Chart({
  periods,
  by,
  coin,
}: {
  periods: Period[];
  by: Activity["by"];
  coin: { decimals: number; symbol: string };
}) {
  const { t } = useTranslation("subject");
  const set = useSettings();
  const units = (n: Amount | null) => unitsOf(n) ?? 0n;
  const top = periods.reduce(
    (most, p) => [units(p.received_units), units(p.sent_units), most].reduce((a, b) => (a > b ? a : b)),
    1n,
  );
  const half = (HEIGHT - FOOT) / 2;
  const tall = (n: Amount | null) => Number((units(n) * 10_000n) / top) / 10_000;
  const step = WIDTH / periods.length;
  const wide = Math.max(1, Math.min(28, step * 0.7));
  const every = Math.max(1, Math.ceil(periods.length / 10));
  const name = (p: Period) => digits(by === "month" ? p.start.slice(0, 7) : p.start.slice(0, 10), set);
  const text = (n: Amount | null) => `${amount(n ?? 0, coin.decimals, set)} ${coin.symbol}`;
  return (
    <figure>
      <div className="legend small" aria-hidden="true">
        <span>
          <span className="swatch swatch-received" /> {t("activity.received")}
        </span>
        <span>
          <span className="swatch swatch-sent" /> {t("activity.sent")}
        </span>
        <span className="muted">
          {t("activity.top")} <bdi dir="ltr">{text(top.toString())}</bdi>
        </span>
      </div>
      <svg
        className="activity"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={t("activity.picture", {
          count: periods.length,
          first: name(periods[0] as Period),
          last: name(periods.at(-1) as Period),
        })}
      >
        {periods.map((p, i) => {
          const x = i * step + (step - wide) / 2;
          const up = tall(p.received_units) * (half - 4);
          const down = tall(p.sent_units) * (half - 4);
          return (
            <g key={p.start}>
              <title>{`${name(p)}: ${t("activity.received")} ${text(p.received_units)}, ${t("activity.sent")} ${text(p.sent_units)}`}</title>
              <rect x={i * step} y={0} width={step} height={HEIGHT - FOOT} className="activity-hit" />
              {up > 0 ? (
                <rect x={x} y={half - Math.max(1, up)} width={wide} height={Math.max(1, up)} className="bar-received" />
              ) : null}
              {down > 0 ? <rect x={x} y={half} width={wide} height={Math.max(1, down)} className="bar-sent" /> : null}
              {i % every === 0 ? (
                <text x={i * step + step / 2} y={HEIGHT - 6} className="axis">
                  {name(p)}
                </text>
              ) : null}
            </g>
          );
        })}
        <line x1={0} x2={WIDTH} y1={half} y2={half} className="axis-line" />
      </svg>
    </figure>
  );
}

function Table({ activity, chain, isAccount }: { activity: Activity; chain: string; isAccount: boolean }) {
  const { t } = useTranslation("subject");
  const set = useSettings();
  return (
    <DataTable
      dense
      caption={t("part.activity")}
      rows={activity.periods}
      rowKey={(p) => p.start}
      columns={[
        {
          id: "start",
          head: t("activity.period"),
          isName: true,
          cell: (p) => (
            <bdi dir="ltr" className="num">
              {digits(activity.by === "month" ? p.start.slice(0, 7) : p.start, set)}
            </bdi>
          ),
          sort: (p) => p.start,
        },
        ...(isAccount
          ? []
          : [
              {
                id: "in",
                head: t("activity.received"),
                align: "end" as const,
                cell: (p: Period) => <Money units={p.received_units} chain={chain} />,
                sort: (p: Period) => unitsOf(p.received_units),
              },
            ]),
        {
          id: "in_usd",
          head: isAccount ? t("activity.received_usd") : t("common:usd"),
          align: "end",
          cell: (p) => <Dollars usd={p.received_usd} plain />,
          sort: (p) => p.received_usd,
        },
        ...(isAccount
          ? []
          : [
              {
                id: "out",
                head: t("activity.sent"),
                align: "end" as const,
                cell: (p: Period) => <Money units={p.sent_units} chain={chain} />,
                sort: (p: Period) => unitsOf(p.sent_units),
              },
            ]),
        {
          id: "out_usd",
          head: isAccount ? t("activity.sent_usd") : t("common:usd"),
          align: "end",
          cell: (p) => <Dollars usd={p.sent_usd} plain />,
          sort: (p) => p.sent_usd,
        },
        { id: "txs", head: t("activity.txs"), align: "end", cell: (p) => <Num n={p.txs} />, sort: (p) => p.txs },
      ]}
    />
  );
}
