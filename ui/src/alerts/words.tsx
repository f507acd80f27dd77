// What an alert says, in a line: who moved how much, and which condition of a watch that met. Shared by the queue and the page of an alert.
import { useTranslation } from "react-i18next";
import { AddressChip, Dollars, Money } from "../parts/bits";
import { usePatternNames } from "../patterns/names";
import type { Evidence } from "../parts/Why";
import { readEvidence, type Alert } from "./triage";

/** The subject of an alert: an address leads to its page, anything else is shown as it is. */
export function Subject({ alert, copy = true }: { alert: Alert; copy?: boolean }) {
  return /^[\w]{14,128}$/.test(alert.subject) ? (
    <AddressChip address={alert.subject} chain={alert.chain} copy={copy} />
  ) : (
    <bdi className="mono">{alert.subject}</bdi>
  );
}

/** A function from an alert to the condition of its watch, in words. */
export function useCondition(): (alert: Alert) => string {
  const { t } = useTranslation("alerts");
  const pattern = usePatternNames();
  return (alert) => {
    switch (alert.kind) {
      case "category":
        return t("what.byCategory", { value: t(`category.${alert.value}`, { defaultValue: alert.value }) });
      case "address":
        return t("what.byAddress");
      case "entity":
        return t("what.byEntity", { value: alert.value });
      case "campaign":
        return t("what.byCampaign", { value: alert.value });
      case "amount":
        return t("what.byAmount");
      case "pattern":
        return t("what.pattern", { pattern: pattern(alert.pattern ?? alert.value) });
    }
  };
}

/** The condition of the watch, in words. */
export function Condition({ alert }: { alert: Alert }) {
  return <>{useCondition()(alert)}</>;
}

/** An alert as a statement that can be pinned, with the answer it stands on. */
export function useStatement(): (alert: Alert) => Evidence {
  const { t } = useTranslation("alerts");
  const condition = useCondition();
  return (alert) => ({
    statement: t("page.statement", {
      id: alert.id,
      severity: t(`severity.${alert.severity}`, { defaultValue: alert.severity }),
      stage: t(`stage.${alert.stage}`),
      subject: alert.subject,
      what: condition(alert),
    }),
    chain: alert.chain,
    text: t(alert.kind === "pattern" ? "page.sentence" : `stageLong.${alert.stage}`),
    txids: alert.txid ? [alert.txid] : readEvidence(alert.evidence).txids.slice(0, 50),
    truncated: readEvidence(alert.evidence).txids.length > 50,
    snapshot: alert.snapshot,
    path: `/v1/alerts/${alert.id}`,
    answer: alert,
  });
}

/** What was met: subject, direction and condition. */
export function What({ alert }: { alert: Alert }) {
  const { t } = useTranslation("alerts");
  return (
    <span className="alert-what">
      <span className="row">
        <Subject alert={alert} copy={false} />
        {alert.kind === "pattern" ? null : <span>{t(`what.${alert.direction}`)}</span>}
      </span>
      <span className="small muted">
        <Condition alert={alert} /> · <bdi>{alert.watchlist}</bdi>
      </span>
    </span>
  );
}

/** The amount of an alert on its chain, and what it was worth then. */
export function Sum({ alert }: { alert: Alert }) {
  if (alert.units === null) return null;
  return (
    <span className="alert-sum">
      <Money units={alert.units} chain={alert.chain} />
      {alert.usd_cents === null ? null : (
        <span className="small muted">
          <Dollars usd={centsText(alert.usd_cents)} />
        </span>
      )}
    </span>
  );
}

/** Whole cents as the text of dollars, without any float between. */
export function centsText(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${cents < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
