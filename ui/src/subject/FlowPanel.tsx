// "Where did the money go?" and "where did it come from?": the automatic trace to services, with the way to each. This
// is the question that the whole program is for, so it needs no setting to be answered.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useGet } from "../api/query";
import {
  AddressChip,
  Category,
  DataTable,
  Dollars,
  Empty,
  Icon,
  Money,
  Num,
  Panel,
  Read,
  Share,
  subjectPath,
  TxChip,
  When,
  Why,
  type Evidence,
} from "../parts";
import { amount, coinOf, share, shareOf } from "../format/numbers";
import { isolate, ltr } from "../format/bidi";
import { useSettings } from "../prefs";
import { balance, ends, wayTo, type End, type Trace } from "./flow";
import type { Asked } from "./Subject";

const POLICIES = ["fifo", "lifo", "tiho", "haircut"] as const;
const HOPS = [3, 6, 12, 20] as const;
/** Ways shown as evidence for one end. */
const WAYS_MAX = 5;

export function FlowPanel({ asked }: { asked: Asked }) {
  const { t } = useTranslation("subject");
  const [isBack, setBack] = useState(false);
  const [policy, setPolicy] = useState<string>("fifo");
  const [hops, setHops] = useState(20);
  const trace = useGet("/v1/trace/{target}", {
    path: { target: asked.address },
    query: { chain: asked.chain, backward: isBack || undefined, hops, edges: 20000, policy },
    keep: true,
  });
  return (
    <Panel
      id="flow"
      title={isBack ? t("flow.title_back") : t("flow.title")}
      actions={
        <>
          <div className="tabs" role="group" aria-label={t("flow.way")}>
            <button type="button" className="toggle" aria-pressed={!isBack} onClick={() => setBack(false)}>
              {t("flow.forward")}
            </button>
            <button type="button" className="toggle" aria-pressed={isBack} onClick={() => setBack(true)}>
              {t("flow.backward")}
            </button>
          </div>
          <label className="inline-field">
            {t("flow.hops")}
            <select className="input" value={hops} onChange={(e) => setHops(Number(e.target.value))}>
              {HOPS.map((n) => (
                <option key={n} value={n}>
                  {t("hops", { count: n })}
                </option>
              ))}
            </select>
          </label>
          <label className="inline-field">
            {t("flow.policy")}
            <select className="input" value={policy} onChange={(e) => setPolicy(e.target.value)}>
              {POLICIES.map((one) => (
                <option key={one} value={one}>
                  {t(`policy.${one}`)}
                </option>
              ))}
            </select>
          </label>
        </>
      }
    >
      <Read of={trace}>
        {(data) =>
          "source_sat" in data ? (
            <Flow trace={data} path={trace.path} asked={asked} isOld={trace.isPlaceholderData} />
          ) : (
            <Empty>{t("flow.accounts")}</Empty>
          )
        }
      </Read>
    </Panel>
  );
}

function Flow({ trace, path, asked, isOld }: { trace: Trace; path: string; asked: Asked; isOld: boolean }) {
  const { t } = useTranslation("subject");
  const set = useSettings();
  const coin = coinOf(asked.chain);
  const isBack = trace.direction === "backward";
  const { source, parts } = balance(trace);
  const rows = ends([...trace.stopped, ...trace.minted]);
  const held = ends(trace.held);
  const services = rows.filter((row) => row.reason === "service" && row.label);
  const money = (units: bigint) => ltr(`${amount(units, coin.decimals, set)} ${coin.symbol}`);
  if (source === 0n) return <Empty>{isBack ? t("flow.nothing_back") : t("flow.nothing")}</Empty>;
  const lead = t(
    services.length > 0 ? (isBack ? "flow.lead_back" : "flow.lead") : isBack ? "flow.lead_back_none" : "flow.lead_none",
    {
      source: money(source),
      stopped: money(services.reduce((sum, row) => sum + row.units, 0n)),
      share: ltr(
        share(
          shareOf(
            services.reduce((sum, row) => sum + row.units, 0n),
            source,
          ),
          set,
        ),
      ),
      count: services.length,
    },
  );
  const evidence = (end: End): Evidence => ({
    statement: t(isBack ? "flow.finding_back" : "flow.finding", {
      source: money(source),
      address: asked.address,
      amount: money(end.units),
      share: ltr(share(shareOf(end.units, source), set)),
      label: isolate(endName(end, t)),
      policy: t(`policy.${trace.policy}`),
      count: end.places.length,
    }),
    chain: asked.chain,
    text: <EndProof end={end} trace={trace} chain={asked.chain} />,
    paths: end.places.slice(0, WAYS_MAX).flatMap((place) => {
      const steps = wayTo(trace, place);
      return steps ? [{ units: place.amount_sat, steps }] : [];
    }),
    truncated: end.places.length > WAYS_MAX || trace.edges_truncated,
    snapshot: trace.snapshot,
    path,
    answer: {
      target: trace.target,
      direction: trace.direction,
      policy: trace.policy,
      hops_max: trace.hops_max,
      source_sat: trace.source_sat,
      places: end.places,
      clustering: trace.clustering,
      snapshot: trace.snapshot,
    },
  });
  const rest = (["held", "returned", "bounded", "fee"] as const).filter((name) => parts[name] > 0n);
  return (
    <div className={isOld ? "stack is-old" : "stack"} aria-busy={isOld}>
      <p className="flow-lead">{lead}</p>
      {rows.length > 0 ? (
        <DataTable
          caption={isBack ? t("flow.table_back") : t("flow.table")}
          rows={rows}
          first={12}
          rowKey={(row) => row.key}
          columns={[
            {
              id: "end",
              head: isBack ? t("flow.from") : t("flow.to"),
              isName: true,
              sort: (row) => endName(row, t),
              cell: (row) =>
                row.address && row.label ? (
                  <Link to={subjectPath(asked.chain, row.address)} className="chip-label flow-name">
                    <bdi>{row.label}</bdi>
                  </Link>
                ) : (
                  <bdi>{endName(row, t)}</bdi>
                ),
            },
            {
              id: "category",
              head: t("common:category_head"),
              cell: (row) => <Category category={row.category} />,
              sort: (row) => row.category,
            },
            {
              id: "bar",
              head: t("common:share"),
              cell: (row) => (
                <span className="share-cell">
                  <span className="share-bar" aria-hidden="true">
                    <span style={{ inlineSize: `${Number((row.units * 1000n) / source) / 10}%` }} />
                  </span>
                  <Share part={shareOf(row.units, source)} />
                </span>
              ),
              sort: (row) => row.units,
            },
            {
              id: "units",
              head: t("common:amount"),
              align: "end",
              cell: (row) => <Money units={row.units} chain={asked.chain} />,
              sort: (row) => row.units,
            },
            {
              id: "usd",
              head: t("common:usd"),
              align: "end",
              cell: (row) => <Dollars usd={row.usd} plain />,
              sort: (row) => row.usd,
            },
            {
              id: "count",
              head: t("flow.payments"),
              align: "end",
              cell: (row) => <Num n={row.places.length} />,
              sort: (row) => row.places.length,
            },
            {
              id: "last",
              head: t("flow.last"),
              align: "end",
              cell: (row) => <When at={row.last} day />,
              sort: (row) => row.last,
            },
            {
              id: "why",
              head: t("common:why"),
              isOnScreen: true,
              cell: (row) => <Why of={() => evidence(row)} label={endName(row, t)} />,
            },
          ]}
        />
      ) : null}
      <dl className="figures">
        <div>
          <dt>{t("flow.source")}</dt>
          <dd>
            <Money units={source} chain={asked.chain} />
          </dd>
        </div>
        {rest.map((name) => (
          <div key={name}>
            <dt>{t(`flow.part.${name}`)}</dt>
            <dd>
              <Money units={parts[name]} chain={asked.chain} />
            </dd>
          </div>
        ))}
        <div>
          <dt>{t("flow.txs")}</dt>
          <dd>
            <Num n={trace.tx_count} />
          </dd>
        </div>
      </dl>
      {held.length > 0 ? (
        <details>
          <summary>{t("flow.held", { count: trace.held_outputs })}</summary>
          <DataTable
            dense
            caption={t("flow.held", { count: trace.held_outputs })}
            rows={trace.held}
            rowKey={(place) => `${place.txid}:${place.vout}`}
            columns={[
              {
                id: "tx",
                head: t("common:tx"),
                isName: true,
                cell: (p) => <TxChip txid={p.txid} chain={asked.chain} />,
              },
              {
                id: "at",
                head: t("common:address"),
                cell: (p) => (p.address ? <AddressChip address={p.address} chain={asked.chain} /> : null),
              },
              { id: "time", head: t("common:time"), cell: (p) => <When at={p.time} day />, sort: (p) => p.time },
              {
                id: "units",
                head: t("common:amount"),
                align: "end",
                cell: (p) => <Money units={p.amount_sat} chain={asked.chain} />,
                sort: (p) => p.amount_sat,
              },
            ]}
          />
        </details>
      ) : null}
      <p className="small muted">
        {t(isBack ? "flow.note_back" : "flow.note")}{" "}
        {trace.places_truncated || trace.sources_truncated ? t("flow.truncated") : null}
      </p>
      <p className="no-print">
        <Link
          className="button"
          to={`/graph?chain=${encodeURIComponent(asked.chain)}&add=${encodeURIComponent(asked.address)}&trace=${isBack ? "backward" : "forward"}`}
        >
          <Icon name="graph" />
          {t("flow.graph")}
        </Link>
      </p>
    </div>
  );
}

function endName(end: End, t: (key: string, more?: Record<string, unknown>) => string): string {
  return (
    end.label ??
    (end.reason === "service" ? (end.address ?? "") : t(`common:reason.${end.reason}`, { defaultValue: end.reason }))
  );
}

/** The deposits themselves: what a service would be asked about. */
function EndProof({ end, trace, chain }: { end: End; trace: Trace; chain: string }) {
  const { t } = useTranslation("subject");
  return (
    <div className="stack">
      <p className="small muted">
        {trace.direction === "backward" ? t("flow.deposits_note_back") : t("flow.deposits_note")}
      </p>
      <DataTable
        dense
        showCaption
        caption={trace.direction === "backward" ? t("flow.withdrawals") : t("flow.deposits")}
        rows={end.places}
        first={15}
        rowKey={(place) => `${place.txid}:${place.vout}`}
        columns={[
          { id: "tx", head: t("common:tx"), isName: true, cell: (p) => <TxChip txid={p.txid} chain={chain} /> },
          {
            id: "address",
            head: t("common:address"),
            cell: (p) => (p.address ? <AddressChip address={p.address} chain={chain} /> : null),
          },
          { id: "time", head: t("common:time"), cell: (p) => <When at={p.time} />, sort: (p) => p.time },
          { id: "hops", head: t("flow.hop_head"), align: "end", cell: (p) => <Num n={p.hops} />, sort: (p) => p.hops },
          {
            id: "units",
            head: t("common:amount"),
            align: "end",
            cell: (p) => <Money units={p.amount_sat} chain={chain} />,
            sort: (p) => p.amount_sat,
          },
        ]}
      />
    </div>
  );
}
