// The exposure picture on a chain of accounts: what the subject is, whom it dealt with directly, what lies behind those,
// each in amounts of its assets. The share is that of the asset of which it is most, so no price decides it.
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { useGet } from "../api/query";
import { isolate, ltr } from "../format/bidi";
import { share } from "../format/numbers";
import {
  AddressChip,
  Basis,
  Category,
  Dollars,
  Empty,
  levelRank,
  Nothing,
  Num,
  Panel,
  Read,
  Severity,
  Share,
  type Evidence,
} from "../parts";
import { useSettings } from "../prefs";
import { Sums, sumsText } from "./amounts";
import { ExposureRow, Relations } from "./ExposureRow";
import { categoryOf } from "./statement";
import type { Asked } from "./Subject";

type Exposure = Schemas["AccountExposureView"];
type Side = Schemas["AccountExposureSideView"];
type Row = Schemas["AccountCategoryView"];

export function AccountExposure({ asked }: { asked: Asked }) {
  const { t } = useTranslation(["accounts", "subject"]);
  const exposure = useGet("/v1/exposure/{target}", { path: { target: asked.address }, query: { chain: asked.chain } });
  return (
    <Panel id="exposure" title={t("subject:part.exposure")} note={t("subject:exposure.note")}>
      <Read of={exposure}>
        {(data) =>
          "accounts" in data ? (
            <Picture exposure={data} path={exposure.path} asked={asked} />
          ) : (
            <Empty>{t("no_account")}</Empty>
          )
        }
      </Read>
    </Panel>
  );
}

function Picture({ exposure, path, asked }: { exposure: Exposure; path: string; asked: Asked }) {
  const { t } = useTranslation(["accounts", "subject"]);
  const short = exposure.received.short_places + exposure.sent.short_places;
  return (
    <div className="stack">
      <section>
        <h3>{t("subject:exposure.ownership")}</h3>
        {exposure.ownership.length === 0 ? (
          <p className="muted">{t("subject:exposure.ownership_none")}</p>
        ) : (
          <ul className="stack">
            {exposure.ownership.map((own, i) => (
              <li key={i} className="row">
                <Severity level={own.level} />
                <bdi className="chip-label">{own.label}</bdi>
                <Category category={own.category} />
                <Basis basis={own.basis} />
                {own.relation === "account_at" ? <span className="mark">{t("account_at")}</span> : null}
              </li>
            ))}
          </ul>
        )}
      </section>
      <div className="exposure-sides">
        <SideView side={exposure.received} exposure={exposure} path={path} asked={asked} />
        <SideView side={exposure.sent} exposure={exposure} path={path} asked={asked} />
      </div>
      <p className="small muted">
        {t("subject:exposure.absent", { count: exposure.hops_max })} {short > 0 ? t("short", { count: short }) : null}
      </p>
    </div>
  );
}

function SideView({ side, exposure, path, asked }: { side: Side; exposure: Exposure; path: string; asked: Asked }) {
  const { t } = useTranslation(["accounts", "subject"]);
  return (
    <section className="stack">
      <h3 className="side-head">
        {t(`subject:exposure.${side.direction}`)} <Sums of={side.total} />
      </h3>
      <Relations
        rows={side.categories}
        order={(a, b) =>
          levelRank(b.level) - levelRank(a.level) || Number(main(b)?.usd ?? 0) - Number(main(a)?.usd ?? 0)
        }
      >
        {(row) => <RowView key={row.category} row={row} side={side} exposure={exposure} path={path} asked={asked} />}
      </Relations>
      {side.bounds.length > 0 ? (
        <p className="small muted">{t("bounds", { bounds: side.bounds.join(t("and")) })}</p>
      ) : null}
    </section>
  );
}

/** Rules that add amounts up; poison only says what was reached. */
const summed = (row: Row) => row.by_policy.filter((one) => one.policy !== "poison");
const main = (row: Row) => summed(row)[0] ?? row.by_policy[0];

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
  const { t } = useTranslation(["accounts", "subject"]);
  const set = useSettings();
  const one = main(row);
  const evidence = (): Evidence => ({
    statement: t(`subject:exposure.finding_${side.direction}_${row.relation}`, {
      address: asked.address,
      category: isolate(categoryOf(row.category, t)),
      amount: sumsText(one?.amounts ?? [], set),
      share: ltr(share(one?.share ?? 0, set)),
      policy: t(`subject:policy.${one?.policy ?? "fifo"}`),
    }),
    chain: asked.chain,
    text: <Policies row={row} />,
    paths: row.entities.map((entity) => ({
      steps: entity.evidence.map((move) => ({
        txid: move.tx ?? "",
        time: move.time,
        from: move.from,
        to: move.to,
        units: move.units,
        decimals: move.asset.decimals ?? 0,
        symbol: move.asset.symbol ?? move.asset.id,
      })),
    })),
    truncated: true,
    snapshot: exposure.snapshot,
    path,
    answer: {
      target: exposure.target,
      direction: side.direction,
      total: side.total,
      category: row,
      covered: exposure.covered,
      snapshot: exposure.snapshot,
    },
  });
  return (
    <ExposureRow
      row={row}
      direction={side.direction}
      part={one?.share}
      shares={summed(row).map((sum) => Number(sum.share ?? 0))}
      sum={<Sums of={one?.amounts ?? []} />}
      evidence={evidence}
    >
      {row.entities.map((entity) => (
        <li key={entity.account} className="row">
          <AddressChip address={entity.account} chain={asked.chain} label={entity.label} copy={false} />
          <Basis basis={entity.basis} />
          <Sums of={entity.amounts} />
          <Dollars usd={entity.usd} />
          <span className="muted small">{t("subject:hops", { count: entity.hops_min })}</span>
        </li>
      ))}
      {row.entities_truncated ? <li className="muted small">{t("subject:parties.truncated")}</li> : null}
    </ExposureRow>
  );
}

/** What each rule of taint says: the range is part of the truth. */
function Policies({ row }: { row: Row }) {
  const { t } = useTranslation(["accounts", "subject"]);
  return (
    <table className="table table-dense">
      <caption>{t("subject:exposure.policies")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("subject:flow.policy")}</th>
          <th scope="col" className="end">
            {t("common:amount")}
          </th>
          <th scope="col" className="end">
            {t("common:share")}
          </th>
          <th scope="col" className="end">
            {t("transfers")}
          </th>
        </tr>
      </thead>
      <tbody>
        {row.by_policy.map((one) => (
          <tr key={one.policy}>
            <th scope="row">{t(`subject:policy.${one.policy}`, { defaultValue: one.policy })}</th>
            <td className="end">
              {one.amounts.length === 0 ? t("subject:exposure.reached") : <Sums of={one.amounts} first={10} />}
            </td>
            <td className="end">{one.share === null ? <Nothing /> : <Share part={one.share} />}</td>
            <td className="end">
              <Num n={one.transfers} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
