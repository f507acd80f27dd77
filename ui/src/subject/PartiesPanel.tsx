// Counterparties: who paid it and whom it paid, put together by entity. Chosen rows go to the graph together.
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useRead } from "../api/query";
import type { Counterparties, Party } from "../api/contract";
import {
  AddressChip,
  Category,
  DataTable,
  Dollars,
  Empty,
  Field,
  Icon,
  Money,
  Num,
  Panel,
  Read,
  Severity,
  Share,
  Tick,
  When,
  Why,
  type Evidence,
} from "../parts";
import { amount, coinOf, share, unitsOf } from "../format/numbers";
import { isolate, ltr } from "../format/bidi";
import { levelRank } from "../parts/Severity";
import { useSettings } from "../prefs";
import { OfChoice } from "./OfChoice";
import { Sums, sumsText } from "./amounts";
import type { Asked } from "./Subject";

type SideOf = "both" | "received" | "sent";
const PAGE = 200;

export function PartiesPanel({ asked }: { asked: Asked }) {
  const { t } = useTranslation("subject");
  const [side, setSide] = useState<SideOf>("both");
  const [limit, setLimit] = useState(PAGE);
  const parties = useRead<Counterparties>("/v1/counterparties/{subject}", {
    path: { subject: asked.address },
    query: { chain: asked.chain, of: asked.of, side, limit },
    keep: true,
  });
  return (
    <Panel
      id="parties"
      title={t("part.parties")}
      note={t("parties.note")}
      actions={
        <>
          <OfChoice asked={asked} />
          <div className="tabs" role="group" aria-label={t("parties.side")}>
            {(["both", "received", "sent"] as const).map((one) => (
              <button
                key={one}
                type="button"
                className="toggle"
                aria-pressed={side === one}
                onClick={() => setSide(one)}
              >
                {t(`parties.${one}`)}
              </button>
            ))}
          </div>
        </>
      }
    >
      <Read of={parties} missing={<Empty>{t("parties.none")}</Empty>}>
        {(data) => (
          <Table
            data={data}
            path={parties.path}
            asked={asked}
            more={data.truncated && limit < 1000 ? () => setLimit(Math.min(1000, limit + PAGE)) : null}
          />
        )}
      </Read>
    </Panel>
  );
}

const keyOf = (party: Party) => `${party.side} ${party.entity} ${party.address}`;

function Table({
  data,
  path,
  asked,
  more,
}: {
  data: Counterparties;
  path: string;
  asked: Asked;
  more: (() => void) | null;
}) {
  const { t } = useTranslation("subject");
  const set = useSettings();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [isNamed, setNamed] = useState(false);
  const [least, setLeast] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string | number>>(new Set());
  const coin = coinOf(asked.chain);
  const rows = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    const floor = unitsFrom(least, coin.decimals);
    const floorUsd = unitsFrom(least, 2);
    const isEnough = (p: Party) =>
      p.amounts && p.amount_units === null
        ? floorUsd === null || BigInt(Math.round(Number(p.usd ?? 0) * 100)) >= floorUsd
        : floor === null || (unitsOf(p.amount_units) ?? 0n) >= floor;
    return data.parties.filter(
      (p) =>
        (!isNamed || p.label) &&
        isEnough(p) &&
        (!wanted || [p.label, p.category, p.entity, p.address].some((one) => one?.toLowerCase().includes(wanted))),
    );
  }, [data, text, isNamed, least, coin.decimals]);
  // On a chain of accounts a party has a sum for each asset; what compares them is dollars.
  const isByAsset =
    [data.received, data.sent].some((one) => one.amounts !== undefined) && data.received.amount_units === null;
  const mixed = (["received", "sent"] as const).filter((one) => (unitsOf(data[one].coinjoin_units) ?? 0n) > 0n);
  const hasSelf = [data.received, data.sent].some((one) => (unitsOf(one.to_self_units) ?? 0n) > 0n);
  const evidence = (p: Party): Evidence => ({
    statement: t(`parties.finding_${p.side}`, {
      address: asked.address,
      party: p.label ? isolate(p.label) : ltr(p.address),
      amount: p.amounts?.length
        ? sumsText(p.amounts, set)
        : ltr(`${amount(p.amount_units ?? 0, coin.decimals, set)} ${coin.symbol}`),
      share: ltr(share(p.share ?? 0, set)),
      count: p.txs,
    }),
    chain: asked.chain,
    text: t(isByAsset ? "parties.why_assets" : "parties.why"),
    txids: p.sample_txids,
    truncated: p.txs > p.sample_txids.length,
    snapshot: data.snapshot,
    path,
    answer: { subject: data.subject, of: data.of, party: p, snapshot: data.snapshot },
  });
  return (
    <div className="stack">
      <div className="filters no-print">
        <Field label={t("parties.filter")} value={text} onChange={(e) => setText(e.target.value)} />
        <Field
          label={t("parties.least", { symbol: isByAsset ? "USD" : coin.symbol })}
          inputMode="decimal"
          ltr
          value={least}
          onChange={(e) => setLeast(e.target.value)}
        />
        <Tick label={t("parties.named")} checked={isNamed} onChange={(e) => setNamed(e.target.checked)} />
        <button
          type="button"
          className="button"
          disabled={chosen.size === 0}
          onClick={() => {
            const addresses = [...new Set(data.parties.filter((p) => chosen.has(keyOf(p))).map((p) => p.address))];
            const query = new URLSearchParams([
              ["chain", asked.chain],
              ["add", asked.address],
              ...addresses.slice(0, 50).map((one) => ["add", one] as [string, string]),
            ]);
            void navigate(`/graph?${query.toString()}`);
          }}
        >
          <Icon name="graph" />
          {t("parties.graph", { count: chosen.size })}
        </button>
      </div>
      <DataTable
        caption={t("part.parties")}
        first={12}
        rows={rows}
        rowKey={keyOf}
        initial={{ id: isByAsset ? "usd" : "units", down: true }}
        selected={chosen}
        onSelect={setChosen}
        selectLabel={(p) => t("parties.select", { party: p.label ?? p.address })}
        empty={<Empty>{data.parties.length > 0 ? t("parties.filtered") : t("parties.none")}</Empty>}
        columns={[
          {
            id: "party",
            head: t("parties.party"),
            isName: true,
            cell: (p) => <AddressChip address={p.address} chain={asked.chain} label={p.label} />,
            sort: (p) => p.label ?? p.address,
          },
          {
            id: "side",
            head: t("parties.way"),
            cell: (p) => <span className="nowrap">{t(`parties.${p.side}`)}</span>,
            sort: (p) => p.side,
          },
          {
            id: "category",
            head: t("common:category_head"),
            cell: (p) => <Category category={p.category} />,
            sort: (p) => p.category,
          },
          {
            id: "severity",
            head: t("common:severity_head"),
            cell: (p) => (p.severity ? <Severity level={p.severity} /> : null),
            sort: (p) => levelRank(p.severity),
          },
          {
            id: "units",
            head: t("common:amount"),
            align: "end",
            cell: (p) =>
              isByAsset ? <Sums of={p.amounts ?? []} /> : <Money units={p.amount_units} chain={asked.chain} />,
            ...(isByAsset ? {} : { sort: (p: Party) => unitsOf(p.amount_units) }),
          },
          {
            id: "usd",
            head: t("common:usd"),
            align: "end",
            cell: (p) => <Dollars usd={p.usd} plain />,
            sort: (p) => p.usd,
          },
          {
            id: "share",
            head: t("common:share"),
            align: "end",
            cell: (p) => <Share part={p.share} />,
            sort: (p) => Number(p.share),
          },
          { id: "txs", head: t("activity.txs"), align: "end", cell: (p) => <Num n={p.txs} />, sort: (p) => p.txs },
          {
            id: "first",
            head: t("figure.first"),
            align: "end",
            cell: (p) => <When at={p.first_time} day />,
            sort: (p) => p.first_time,
          },
          {
            id: "last",
            head: t("figure.last"),
            align: "end",
            cell: (p) => <When at={p.last_time} day />,
            sort: (p) => p.last_time,
          },
          {
            id: "why",
            head: t("common:why"),
            isOnScreen: true,
            cell: (p) => <Why of={() => evidence(p)} label={p.label ?? p.address} />,
          },
        ]}
      />
      {isByAsset ? (
        <p className="small muted">
          {t("parties.by_asset")}{" "}
          {(data.examined?.unverified ?? 0) > 0
            ? t("parties.unverified", { count: data.examined?.unverified ?? 0 })
            : null}
        </p>
      ) : null}
      {mixed.length > 0 ? (
        <p className="notice">
          {t("parties.coinjoin")}{" "}
          {mixed.map((one) => (
            <span key={one}>
              {t(`activity.${one}`)} <Money units={data[one].coinjoin_units} chain={asked.chain} />{" "}
            </span>
          ))}
        </p>
      ) : null}
      <p className="small muted">
        {t("parties.count", { count: rows.length })} {hasSelf ? t("parties.to_self") : null}{" "}
        {data.truncated ? t("parties.truncated") : null}{" "}
        {data.examined?.bound
          ? t("parties.bound", {
              bound: t(`common:bound.${data.examined.bound}`, { defaultValue: data.examined.bound }),
            })
          : null}
      </p>
      {more ? (
        <button type="button" className="button reasons-more no-print" onClick={more}>
          {t("common:more")}
        </button>
      ) : null}
    </div>
  );
}

/** `0.5` of a coin in its smallest unit; `null` for what is no amount. Arabic digits and separators are read too. */
export function unitsFrom(text: string, decimals: number): bigint | null {
  const latin = text
    .trim()
    .replace(/[٠-٩]/g, (c) => String(c.charCodeAt(0) - 0x660))
    .replace(/٫/g, ".")
    .replace(/[,٬]/g, "");
  const match = /^(\d*)(?:\.(\d*))?$/.exec(latin);
  if (!latin || !match) return null;
  return BigInt((match[1] || "0") + (match[2] ?? "").slice(0, decimals).padEnd(decimals, "0"));
}
