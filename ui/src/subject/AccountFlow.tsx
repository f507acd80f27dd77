// "Where did the money go?" on a chain of accounts: asset by asset, since an exchange on the way turns one into another
// and no sum may hide that. Where the money stopped comes first, then what became of the rest of each asset.
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { isolate, ltr } from "../format/bidi";
import { share, shareOf } from "../format/numbers";
import {
  AddressChip,
  DataTable,
  Dollars,
  Empty,
  Icon,
  Nothing,
  Num,
  Panel,
  Read,
  Share,
  TxChip,
  When,
  Why,
  type Evidence,
} from "../parts";
import { useGet } from "../api/query";
import { useSettings } from "../prefs";
import { AssetMoney, AssetName, Sums, sumsText, sumText, unitsIn } from "./amounts";
import { partsOf, wayTo, wholeOf, type AccountTrace, type Place, type Totals } from "./account-flow";
import type { Asked } from "./Subject";

const POLICIES = ["fifo", "lifo", "haircut", "poison"] as const;
const HOPS = [3, 6, 12, 20] as const;

export function AccountFlow({ asked, holdings }: { asked: Asked; holdings: readonly Schemas["HoldingView"][] }) {
  const { t } = useTranslation(["accounts", "subject"]);
  const [isBack, setBack] = useState(false);
  const [policy, setPolicy] = useState<string>("fifo");
  const [hops, setHops] = useState(6);
  const [asset, setAsset] = useState("");
  const trace = useGet("/v1/trace/{target}", {
    path: { target: asked.address },
    query: {
      chain: asked.chain,
      backward: isBack || undefined,
      hops,
      edges: 20000,
      policy,
      asset: asset || undefined,
    },
    keep: true,
  });
  const assets = useMemo(() => holdings.map((one) => one.received.asset).slice(0, 100), [holdings]);
  return (
    <Panel
      id="flow"
      title={t(isBack ? "subject:flow.title_back" : "subject:flow.title")}
      actions={
        <>
          <div className="tabs" role="group" aria-label={t("subject:flow.way")}>
            <button type="button" className="toggle" aria-pressed={!isBack} onClick={() => setBack(false)}>
              {t("subject:flow.forward")}
            </button>
            <button type="button" className="toggle" aria-pressed={isBack} onClick={() => setBack(true)}>
              {t("subject:flow.backward")}
            </button>
          </div>
          <label className="inline-field">
            {t("asset")}
            <select className="input" value={asset} onChange={(e) => setAsset(e.target.value)}>
              <option value="">{t("all_assets")}</option>
              {assets.map((one) => (
                <option key={one.id} value={one.id === "native" ? "coin" : one.id}>
                  {one.symbol ?? one.id}
                </option>
              ))}
            </select>
          </label>
          <label className="inline-field">
            {t("subject:flow.hops")}
            <select className="input" value={hops} onChange={(e) => setHops(Number(e.target.value))}>
              {HOPS.map((n) => (
                <option key={n} value={n}>
                  {t("subject:hops", { count: n })}
                </option>
              ))}
            </select>
          </label>
          <label className="inline-field">
            {t("subject:flow.policy")}
            <select className="input" value={policy} onChange={(e) => setPolicy(e.target.value)}>
              {POLICIES.map((one) => (
                <option key={one} value={one}>
                  {t(`subject:policy.${one}`)}
                </option>
              ))}
            </select>
          </label>
        </>
      }
    >
      <Read of={trace}>
        {(data) =>
          "begins_with" in data ? (
            <Flow trace={data} path={trace.path} asked={asked} isOld={trace.isPlaceholderData} />
          ) : (
            <Empty>{t("no_account")}</Empty>
          )
        }
      </Read>
    </Panel>
  );
}

function Flow({ trace, path, asked, isOld }: { trace: AccountTrace; path: string; asked: Asked; isOld: boolean }) {
  const { t } = useTranslation(["accounts", "subject"]);
  const set = useSettings();
  const isBack = trace.direction === "backward";
  if (trace.assets.length === 0) return <Empty>{t(isBack ? "nothing_back" : "nothing")}</Empty>;
  const totals = new Map(trace.assets.map((one) => [one.source.asset.id, one]));
  const labelled = trace.stopped.filter((place) => place.labels.length > 0);
  const partOf = (place: Place) => {
    const whole = totals.get(place.amount.asset.id);
    return whole && trace.is_summed ? shareOf(unitsIn(place.amount), wholeOf(whole)) : null;
  };
  const evidence = (place: Place): Evidence => {
    const way = wayTo(trace, place);
    return {
      statement: t(isBack ? "finding_back" : "finding", {
        address: asked.address,
        source: sumsText(
          trace.assets.map((one) => one.source).filter((sum) => unitsIn(sum) > 0n),
          set,
        ),
        amount: sumText(place.amount, set),
        label: isolate(endName(place)),
        policy: t(`subject:policy.${trace.policy}`),
        count: place.hops,
      }),
      chain: asked.chain,
      text: <Passage place={place} />,
      paths: way ? [{ steps: way }] : [],
      txids: place.tx && !way ? [place.tx] : [],
      truncated: !way || trace.edges.length < trace.edge_count,
      snapshot: trace.snapshot,
      path,
      answer: {
        target: trace.target,
        direction: trace.direction,
        policy: trace.policy,
        hops_max: trace.hops_max,
        place,
        totals: totals.get(place.amount.asset.id) ?? null,
        covered: trace.covered,
        snapshot: trace.snapshot,
      },
    };
  };
  return (
    <div className={isOld ? "stack is-old" : "stack"} aria-busy={isOld}>
      <p className="flow-lead">
        {labelled.length === 0 || !trace.is_summed
          ? t(isBack ? "lead_back_none" : "lead_none", {
              source: sumsText(
                trace.assets.map((one) => one.source).filter((sum) => unitsIn(sum) > 0n),
                set,
              ),
            })
          : trace.assets
              .map((one) => ({ one, units: sumOf(labelled, one.source.asset.id) }))
              .filter(({ units }) => units > 0n)
              .map(({ one, units }) =>
                t(isBack ? "lead_back" : "lead", {
                  source: sumText({ units: wholeOf(one).toString(), asset: one.source.asset }, set),
                  stopped: sumText({ units: units.toString(), asset: one.source.asset }, set),
                  share: ltr(share(shareOf(units, wholeOf(one)), set)),
                }),
              )
              .join(" ")}
      </p>
      {trace.stopped.length > 0 ? (
        <Places places={trace.stopped} chain={asked.chain} isBack={isBack} partOf={partOf} evidence={evidence} />
      ) : null}
      {trace.is_summed ? <Parts trace={trace} /> : <p className="small muted">{t("poison")}</p>}
      {trace.conversions.length > 0 ? <Conversions trace={trace} chain={asked.chain} /> : null}
      {trace.held.some((place) => place.hops > 0) ? (
        <details>
          <summary>{t("held_list", { count: trace.held.length })}</summary>
          <Places places={trace.held} chain={asked.chain} isBack={isBack} partOf={partOf} evidence={evidence} isHeld />
        </details>
      ) : null}
      <p className="small muted">
        {t(isBack ? "note_back" : "note")} {trace.short_places > 0 ? t("short", { count: trace.short_places }) : null}{" "}
        {trace.bounds.length > 0
          ? t("bounds", {
              bounds: trace.bounds.map((bound) => t(`bound.${bound}`, { defaultValue: bound })).join(t("and")),
            })
          : null}{" "}
        {trace.places_more > 0 ? t("places_more", { count: trace.places_more }) : null}
      </p>
      <p className="no-print">
        <Link
          className="button"
          to={`/graph?chain=${encodeURIComponent(asked.chain)}&add=${encodeURIComponent(asked.address)}&trace=${isBack ? "backward" : "forward"}`}
        >
          <Icon name="graph" />
          {t("subject:flow.graph")}
        </Link>
      </p>
    </div>
  );
}

const sumOf = (places: readonly Place[], asset: string): bigint =>
  places.reduce((sum, place) => (place.amount.asset.id === asset ? sum + unitsIn(place.amount) : sum), 0n);

const endName = (place: Place): string => place.labels[0] ?? place.account;

function Places({
  places,
  chain,
  isBack,
  partOf,
  evidence,
  isHeld = false,
}: {
  places: readonly Place[];
  chain: string;
  isBack: boolean;
  partOf: (place: Place) => string | null;
  evidence: (place: Place) => Evidence;
  isHeld?: boolean;
}) {
  const { t } = useTranslation(["accounts", "subject"]);
  return (
    <DataTable
      caption={isHeld ? t("held_title") : t(isBack ? "subject:flow.table_back" : "subject:flow.table")}
      rows={places}
      first={12}
      rowKey={(place) => `${place.account} ${place.amount.asset.id} ${place.stop ?? ""}`}
      columns={[
        {
          id: "end",
          head: t(isBack ? "subject:flow.from" : isHeld ? "common:address" : "subject:flow.to"),
          isName: true,
          sort: (place) => place.labels[0] ?? place.account,
          cell: (place) => <AddressChip address={place.account} chain={chain} label={place.labels[0]} />,
        },
        {
          id: "stop",
          head: t("stop_head"),
          cell: (place) => (place.stop ? t(`stop.${place.stop}`, { defaultValue: place.stop }) : t("part.held")),
          sort: (place) => place.stop ?? "",
        },
        {
          id: "share",
          head: t("common:share"),
          cell: (place) => {
            const part = partOf(place);
            return part === null ? (
              <Nothing />
            ) : (
              <span className="share-cell">
                <span className="share-bar" aria-hidden="true">
                  <span style={{ inlineSize: `${Number(part) * 100}%` }} />
                </span>
                <Share part={part} />
              </span>
            );
          },
          sort: (place) => Number(partOf(place) ?? 0),
        },
        {
          id: "units",
          head: t("common:amount"),
          align: "end",
          cell: (place) => <AssetMoney units={place.amount.units} asset={place.amount.asset} />,
          sort: (place) => unitsIn(place.amount),
        },
        {
          id: "usd",
          head: t("common:usd"),
          align: "end",
          cell: (place) => <Dollars usd={place.amount.usd} plain />,
          sort: (place) => place.amount.usd ?? null,
        },
        {
          id: "hops",
          head: t("subject:flow.hop_head"),
          align: "end",
          cell: (place) => <Num n={place.hops} />,
          sort: (place) => place.hops,
        },
        {
          id: "last",
          head: t("subject:flow.last"),
          cell: (place) => (
            <span className="nowrap">
              <When at={place.time} /> {place.tx ? <TxChip txid={place.tx} chain={chain} copy={false} /> : null}
            </span>
          ),
          sort: (place) => place.time,
        },
        {
          id: "why",
          head: t("common:why"),
          isOnScreen: true,
          cell: (place) => <Why of={() => evidence(place)} label={endName(place)} />,
        },
      ]}
    />
  );
}

/** What became of the money of each asset: the parts add up to what was followed and what exchanges brought. */
function Parts({ trace }: { trace: AccountTrace }) {
  const { t } = useTranslation("accounts");
  return (
    <div className="stack">
      {trace.assets.map((one) => (
        <AssetParts key={one.source.asset.id} of={one} isBack={trace.direction === "backward"} />
      ))}
      <p className="small muted">{t("parts_note")}</p>
    </div>
  );
}

function AssetParts({ of, isBack }: { of: Totals; isBack: boolean }) {
  const { t } = useTranslation("accounts");
  return (
    <section>
      <h3>
        <AssetName asset={of.source.asset} />
      </h3>
      <dl className="figures">
        <div>
          <dt>{t("source")}</dt>
          <dd>
            <AssetMoney units={of.source.units} asset={of.source.asset} />
          </dd>
        </div>
        {unitsIn(of.converted_in) > 0n ? (
          <div>
            <dt>{t("part.converted_in")}</dt>
            <dd>
              <AssetMoney units={of.converted_in.units} asset={of.source.asset} />
            </dd>
          </div>
        ) : null}
        {partsOf(of).map(({ name, sum }) => (
          <div key={name}>
            <dt>{t(isBack ? `part_back.${name}` : `part.${name}`)}</dt>
            <dd>
              <AssetMoney units={sum.units} asset={sum.asset} />
            </dd>
          </div>
        ))}
        {of.bounded.map((bound) => (
          <div key={bound.bound}>
            <dt>{t("at_bound", { bound: t(`bound.${bound.bound}`, { defaultValue: bound.bound }) })}</dt>
            <dd>
              <AssetMoney units={bound.amount.units} asset={bound.amount.asset} />
            </dd>
          </div>
        ))}
      </dl>
      {of.is_beyond_256_bits ? <p className="notice">{t("beyond")}</p> : null}
    </section>
  );
}

function Conversions({ trace, chain }: { trace: AccountTrace; chain: string }) {
  const { t } = useTranslation(["accounts", "subject"]);
  return (
    <details>
      <summary>{t("conversions", { count: trace.conversions.length + trace.conversions_more })}</summary>
      <p className="small muted">{t("conversions_note")}</p>
      <DataTable
        dense
        first={25}
        caption={t("conversions", { count: trace.conversions.length })}
        rows={trace.conversions}
        rowKey={(_, i) => i}
        columns={[
          { id: "tx", head: t("common:tx"), isName: true, cell: (c) => <TxChip txid={c.tx} chain={chain} /> },
          { id: "pool", head: t("pool"), cell: (c) => <AddressChip address={c.pool} chain={chain} copy={false} /> },
          {
            id: "in",
            head: t("went_in"),
            align: "end",
            cell: (c) => <AssetMoney units={c.into.units} asset={c.into.asset} />,
          },
          {
            id: "tin",
            head: t("of_it_followed"),
            align: "end",
            cell: (c) => <AssetMoney units={c.tainted_in} asset={c.into.asset} />,
          },
          {
            id: "out",
            head: t("came_out"),
            align: "end",
            cell: (c) => <AssetMoney units={c.out_of.units} asset={c.out_of.asset} />,
          },
          {
            id: "tout",
            head: t("of_it_followed"),
            align: "end",
            cell: (c) => <AssetMoney units={c.tainted_out} asset={c.out_of.asset} />,
          },
        ]}
      />
    </details>
  );
}

/** What a bridge said of where the money went on. */
function Passage({ place }: { place: Place }) {
  const { t } = useTranslation("accounts");
  const passage = place.passage;
  return (
    <div className="stack">
      <p>{t(place.stop ? `stop_note.${place.stop}` : "stop_note.held", { defaultValue: "" })}</p>
      {place.labels.length > 1 ? (
        <p>
          {t("labels")} <bdi>{place.labels.join(" · ")}</bdi>
        </p>
      ) : null}
      {passage ? (
        <dl className="facts">
          <dt>{t("bridge.protocol")}</dt>
          <dd>
            <bdi dir="ltr">{passage.protocol}</bdi>
          </dd>
          <dt>{t("bridge.chain")}</dt>
          <dd>
            <Num n={passage.far_chain} />
          </dd>
          <dt>{t("bridge.account")}</dt>
          <dd>
            {passage.far_account ? (
              <bdi dir="ltr" className="mono wraps">
                {passage.far_account}
              </bdi>
            ) : (
              <Nothing />
            )}
          </dd>
          <dt>{t("bridge.message")}</dt>
          <dd>
            {passage.message ? (
              <bdi dir="ltr" className="mono wraps">
                {passage.message}
              </bdi>
            ) : (
              <Nothing />
            )}
          </dd>
        </dl>
      ) : null}
      <Sums of={[place.amount]} />
    </div>
  );
}
