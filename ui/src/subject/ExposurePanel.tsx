// The exposure picture: what the subject is, whom it dealt with directly, and what lies behind those, for what it
// received and what it sent. The three relations stay apart, in words, in place and in the hatching of the bars.
import { useTranslation } from "react-i18next";
import { useGet } from "../api/query";
import type { Schemas } from "../api/client";
import { Basis, Category, Empty, Money, Num, Panel, Read, Severity, Share, type Evidence } from "../parts";
import { isolate, ltr } from "../format/bidi";
import { amount, coinOf, share } from "../format/numbers";
import { levelRank } from "../parts/Severity";
import { useSettings } from "../prefs";
import { ExposureRow, Relations } from "./ExposureRow";
import { categoryOf } from "./statement";
import type { Asked } from "./Subject";

type Exposure = Schemas["ExposureView"];
type Side = Schemas["ExposureSideView"];
type Row = Side["categories"][number];

export function ExposurePanel({ asked }: { asked: Asked }) {
  const { t } = useTranslation("subject");
  const exposure = useGet("/v1/exposure/{target}", { path: { target: asked.address }, query: { chain: asked.chain } });
  return (
    <Panel id="exposure" title={t("part.exposure")} note={t("exposure.note")}>
      <Read of={exposure}>
        {(data) =>
          "ownership" in data && "addresses" in data ? (
            <Picture exposure={data as Exposure} path={exposure.path} asked={asked} />
          ) : (
            <Empty>{t("flow.accounts")}</Empty>
          )
        }
      </Read>
    </Panel>
  );
}

function Picture({ exposure, path, asked }: { exposure: Exposure; path: string; asked: Asked }) {
  const { t } = useTranslation("subject");
  return (
    <div className="stack">
      <section>
        <h3>{t("exposure.ownership")}</h3>
        {exposure.ownership.length === 0 ? (
          <p className="muted">{t("exposure.ownership_none")}</p>
        ) : (
          <ul className="stack">
            {exposure.ownership.map((own, i) => (
              <li key={i} className="row">
                <Severity level={own.level} />
                <bdi className="chip-label">{own.label}</bdi>
                <Category category={own.category} />
                <Basis basis={own.basis} />
              </li>
            ))}
          </ul>
        )}
      </section>
      <div className="exposure-sides">
        <SideView side={exposure.received} exposure={exposure} path={path} asked={asked} />
        <SideView side={exposure.sent} exposure={exposure} path={path} asked={asked} />
      </div>
      <p className="small muted">{t("exposure.absent", { count: exposure.hops_max })}</p>
    </div>
  );
}

function SideView({ side, exposure, path, asked }: { side: Side; exposure: Exposure; path: string; asked: Asked }) {
  const { t } = useTranslation("subject");
  return (
    <section className="stack">
      <h3>
        {t(`exposure.${side.direction}`)} <Money units={side.total_sat} chain={asked.chain} />
      </h3>
      <Relations
        rows={side.categories}
        order={(a, b) => levelRank(b.level) - levelRank(a.level) || Number(amountOf(b)) - Number(amountOf(a))}
      >
        {(row) => <RowView key={row.category} row={row} side={side} exposure={exposure} path={path} asked={asked} />}
      </Relations>
    </section>
  );
}

const summed = (row: Row) => row.by_policy.filter((one) => one.amount_sat !== null && one.amount_sat !== undefined);
const first = (row: Row) => summed(row)[0];
const amountOf = (row: Row) => first(row)?.amount_sat ?? 0;

function RowView({
  row,
  side,
  exposure,
  path,
  asked,
}: {
  row: Row;
  side: Side;
  exposure: Exposure;
  path: string;
  asked: Asked;
}) {
  const { t } = useTranslation("subject");
  const set = useSettings();
  const main = first(row);
  const coin = coinOf(asked.chain);
  const evidence = (): Evidence => ({
    statement: t(`exposure.finding_${side.direction}_${row.relation}`, {
      address: asked.address,
      category: isolate(categoryOf(row.category, t)),
      amount: ltr(`${amount(main?.amount_sat ?? 0, coin.decimals, set)} ${coin.symbol}`),
      share: ltr(share(main?.share ?? 0, set)),
      policy: t(`policy.${main?.policy ?? "fifo"}`),
    }),
    chain: asked.chain,
    text: <Policies row={row} chain={asked.chain} />,
    paths: row.entities.flatMap((entity) =>
      entity.evidence.map((steps) => ({
        steps: steps.map((s) => ({ txid: s.txid, time: s.time, from: s.from, to: s.to, units: s.amount_sat })),
      })),
    ),
    truncated: true,
    snapshot: exposure.snapshot,
    path,
    answer: {
      target: exposure.target,
      direction: side.direction,
      total_sat: side.total_sat,
      category: row,
      clustering: exposure.clustering,
      snapshot: exposure.snapshot,
    },
  });
  return (
    <ExposureRow
      row={row}
      direction={side.direction}
      part={main?.share}
      shares={summed(row).map((one) => Number(one.share ?? 0))}
      sum={<Money units={main?.amount_sat} chain={asked.chain} />}
      evidence={evidence}
    >
      {row.entities.map((entity) => (
        <li key={entity.entity} className="row">
          <bdi className="chip-label">{entity.label}</bdi>
          <Basis basis={entity.basis} />
          <Money units={entity.linked_sat} chain={asked.chain} />
          <span className="muted small">{t("hops", { count: entity.hops_min })}</span>
        </li>
      ))}
    </ExposureRow>
  );
}

/** What each policy of taint says: the range is part of the truth. */
function Policies({ row, chain }: { row: Row; chain: string }) {
  const { t } = useTranslation("subject");
  return (
    <table className="table table-dense">
      <caption>{t("exposure.policies")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("flow.policy")}</th>
          <th scope="col" className="end">
            {t("common:amount")}
          </th>
          <th scope="col" className="end">
            {t("common:share")}
          </th>
          <th scope="col" className="end">
            {t("exposure.outputs")}
          </th>
        </tr>
      </thead>
      <tbody>
        {row.by_policy.map((one) => (
          <tr key={one.policy}>
            <th scope="row">{t(`policy.${one.policy}`, { defaultValue: one.policy })}</th>
            <td className="end">
              {one.amount_sat === null || one.amount_sat === undefined ? (
                t("exposure.reached")
              ) : (
                <Money units={one.amount_sat} chain={chain} />
              )}
            </td>
            <td className="end">
              <Share part={one.share} />
            </td>
            <td className="end">
              <Num n={one.outputs} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
