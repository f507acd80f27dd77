// One alert: which condition was met, where the transaction is, what people made of it, and the evidence.
import { useTranslation } from "react-i18next";
import { blockPath, Dollars, Hash, Money, TxChip, When } from "../parts/bits";
import { Severity } from "../parts/Severity";
import { Link } from "react-router";
import { EvidenceView, PricedOn } from "./EvidenceView";
import type { Alert } from "./triage";
import { PinToCase } from "../parts/PinToCase";
import { Why } from "../parts/Why";
import { centsText, Condition, Subject, useStatement } from "./words";

export function AlertDetail({ alert, isShort = false }: { alert: Alert; isShort?: boolean }) {
  const { t } = useTranslation("alerts");
  const statement = useStatement();
  return (
    <div className="stack">
      {alert.pending ? (
        <p className="alert-pending-box" role="note">
          {t("page.pendingText", {
            by: alert.pending.by,
            state: t(`state.${alert.pending.state}`),
            reason: alert.pending.reason,
          })}
        </p>
      ) : null}
      <p>
        <Severity level={alert.severity} big={!isShort} />{" "}
        <span className={`stage stage-${alert.stage}`}>{t(`stage.${alert.stage}`)}</span>{" "}
        <span className="muted">{t(`state.${alert.state}`)}</span>
        <Why of={() => statement(alert)} />
      </p>
      <p className="small">{t(alert.kind === "pattern" ? "page.sentence" : `stageLong.${alert.stage}`)}</p>
      <dl className="facts">
        <dt>{t("page.watched")}</dt>
        <dd>
          <Condition alert={alert} /> (<bdi>{alert.watchlist}</bdi>)
        </dd>
        <dt>{t("page.subject")}</dt>
        <dd>
          <Subject alert={alert} />
        </dd>
        {alert.txid ? (
          <>
            <dt>{t("page.transaction")}</dt>
            <dd>
              <TxChip txid={alert.txid} chain={alert.chain} />
            </dd>
          </>
        ) : null}
        {alert.block_height !== null ? (
          <>
            <dt>{t("page.block")}</dt>
            <dd>
              <Link to={blockPath(alert.chain, alert.block_height)}>
                <bdi dir="ltr">{alert.block_height}</bdi>
              </Link>
            </dd>
          </>
        ) : null}
        {alert.units !== null ? (
          <>
            <dt>{t("page.amount")}</dt>
            <dd>
              <Money units={alert.units} chain={alert.chain} />
            </dd>
            <dt>{t("page.usd")}</dt>
            <dd>
              {alert.usd_cents === null ? t("page.noPrice") : <Dollars usd={centsText(alert.usd_cents)} />}{" "}
              <PricedOn alert={alert} />
            </dd>
          </>
        ) : null}
        <dt>{t("page.assignee")}</dt>
        <dd>{alert.assignee ? <bdi>{alert.assignee}</bdi> : t("nobody")}</dd>
        {alert.reason ? (
          <>
            <dt>{t("page.reason")}</dt>
            <dd>
              <bdi>{alert.reason}</bdi>
            </dd>
          </>
        ) : null}
        <dt>{t("page.raised")}</dt>
        <dd>
          <When at={alert.raised_at} />
        </dd>
        {isShort ? null : (
          <>
            <dt>{t("page.changed")}</dt>
            <dd>
              <When at={alert.changed_at} />
            </dd>
            <dt>{t("page.version")}</dt>
            <dd>
              <bdi dir="ltr">{alert.version}</bdi>
            </dd>
            <dt>{t("page.snapshot")}</dt>
            <dd>
              <Hash value={alert.snapshot} />
            </dd>
          </>
        )}
      </dl>
      {isShort ? null : (
        <div className="row">
          <PinToCase finding={statement(alert)} />
          <PinToCase subject={{ kind: "address", chain: alert.chain, value: alert.subject }} />
        </div>
      )}
      <h3>{t("evidence.title")}</h3>
      <EvidenceView alert={alert} />
    </div>
  );
}
