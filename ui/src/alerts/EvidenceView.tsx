// The evidence of an alert: what was met, through what, and what corroborates it. It is kept as it was written, so only what can be read is
// shown, and what was cut is told.
import { useTranslation } from "react-i18next";
import { useSaid } from "../i18n/said";
import { AddressChip, Hash, Money, TxChip, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Sentence } from "../parts/Sentence";
import { readEvidence, type Alert } from "./triage";

const SHOWN = 12;

export function EvidenceView({ alert }: { alert: Alert }) {
  const { t } = useTranslation("alerts");
  const say = useSaid();
  const evidence = readEvidence(alert.evidence);
  const statement = evidence.text ? say(evidence.text) : null;
  const isEmpty =
    !statement && evidence.sides.length === 0 && evidence.txids.length === 0 && evidence.addresses.length === 0;
  return (
    <div className="stack">
      {isEmpty ? <p className="muted">{t("evidence.none")}</p> : null}
      {statement ? (
        <p className="alert-statement" dir="auto">
          <Sentence text={statement} />
        </p>
      ) : null}
      {evidence.sides.length > 0 ? (
        <DataTable
          caption={t("evidence.sides")}
          showCaption
          dense
          rows={evidence.sides}
          rowKey={(side, at) => side.output ?? `${side.address ?? ""}${at}`}
          columns={[
            {
              id: "side",
              head: t("evidence.side"),
              cell: (side) => t(`evidence.sideName.${side.side}`, { defaultValue: side.side }),
            },
            {
              id: "address",
              head: t("evidence.address"),
              isName: true,
              cell: (side) =>
                side.address ? <AddressChip address={side.address} chain={alert.chain} label={side.named} /> : null,
            },
            {
              id: "amount",
              head: t("evidence.amount"),
              align: "end",
              cell: (side) => <Money units={side.units} chain={alert.chain} />,
            },
            {
              id: "via",
              head: t("evidence.via"),
              cell: (side) => (side.via ? t(`evidence.viaName.${side.via}`, { defaultValue: side.via }) : null),
            },
            {
              id: "output",
              head: t("evidence.output"),
              cell: (side) => (side.output ? <Hash value={side.output} copy={false} /> : null),
            },
          ]}
        />
      ) : null}
      {evidence.sidesTotal > evidence.sides.length ? (
        <p className="small muted">
          {t("evidence.sidesMore", { total: evidence.sidesTotal, shown: evidence.sides.length })}
        </p>
      ) : null}
      <dl className="facts">
        {evidence.receivedUnits !== null ? (
          <>
            <dt>{t("evidence.received")}</dt>
            <dd>
              <Money units={evidence.receivedUnits} chain={alert.chain} />
            </dd>
          </>
        ) : null}
        {evidence.sentUnits !== null ? (
          <>
            <dt>{t("evidence.sent")}</dt>
            <dd>
              <Money units={evidence.sentUnits} chain={alert.chain} />
            </dd>
          </>
        ) : null}
        {evidence.ruleVersion ? (
          <>
            <dt>{t("evidence.rule")}</dt>
            <dd>
              <bdi className="mono">{evidence.ruleVersion}</bdi>
            </dd>
          </>
        ) : null}
      </dl>
      {evidence.unknownInputs > 0 ? <p>{t("evidence.unknownInputs", { n: evidence.unknownInputs })}</p> : null}
      {evidence.usdUndecided ? <p>{t("evidence.usdUndecided")}</p> : null}
      {evidence.corroboration.length > 0 ? (
        <div>
          <h3>{t("evidence.corroboration")}</h3>
          <ul className="plain-list">
            {evidence.corroboration.map((each, at) => (
              <li key={at}>
                <strong>{t(`anchor.${each.anchor}`, { defaultValue: each.anchor })}</strong>{" "}
                <bdi className="wraps">
                  <Sentence text={say(each.what)} />
                </bdi>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <Chips
        title={t("evidence.txids")}
        of={evidence.txids}
        chip={(txid) => <TxChip txid={txid} chain={alert.chain} copy={false} />}
      />
      <Chips
        title={t("evidence.addresses")}
        of={evidence.addresses}
        chip={(address) => <AddressChip address={address} chain={alert.chain} copy={false} />}
      />
    </div>
  );
}

/** Some of many identifiers, the rest behind a disclosure. */
function Chips({ title, of, chip }: { title: string; of: string[]; chip: (value: string) => React.ReactNode }) {
  const { t } = useTranslation("alerts");
  if (of.length === 0) return null;
  const list = (values: string[]) => (
    <ul className="chip-list">
      {values.map((value) => (
        <li key={value}>{chip(value)}</li>
      ))}
    </ul>
  );
  return (
    <div>
      <h3>{title}</h3>
      {list(of.slice(0, SHOWN))}
      {of.length > SHOWN ? (
        <details>
          <summary>{t("evidence.allOf", { n: of.length })}</summary>
          {list(of.slice(SHOWN))}
        </details>
      ) : null}
    </div>
  );
}

/** When the price of an alert is of. */
export function PricedOn({ alert }: { alert: Alert }) {
  const { pricedOn } = readEvidence(alert.evidence);
  return pricedOn ? <When at={pricedOn} day /> : null;
}
