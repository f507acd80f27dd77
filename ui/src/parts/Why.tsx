// "Why?": the button beside a figure or statement that opens what it rests on. Labels with their source, the
// transactions, the rule, the snapshot, and the question itself, so that anybody can ask it again. What is shown can be
// pinned to a case as a finding.
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AddressChip, Hash, Money, Share, TxChip, When } from "./bits";
import { DataTable } from "./DataTable";
import { Dialog } from "./Dialog";
import { Icon } from "./Icon";
import { PinToCase } from "./PinToCase";
import { Basis } from "./Severity";
import { Sentence } from "./Sentence";
import type { Units } from "../format/numbers";

/** A label that a statement rests on. */
export interface LabelProof {
  label: string;
  subject?: string | null;
  basis?: string | null;
  source?: string | null;
  confidence?: number | null;
  pack?: string | null;
  line?: number | null;
  disputed?: string | null;
}

/** One movement of money that a statement rests on. */
export interface Step {
  txid: string;
  time?: string | null;
  from?: string | null;
  to?: string | null;
  units?: Units | null;
  /** Of an asset that is not the chain's coin: its decimal places and symbol. */
  decimals?: number;
  symbol?: string;
}

export interface Evidence {
  /** The statement in one sentence, in the language of the page: it becomes the finding's text. */
  statement: string;
  chain?: string | undefined;
  /** How it comes about, in words. */
  text?: ReactNode;
  labels?: LabelProof[];
  /** Ways that money took: each a list of movements. */
  paths?: { units?: Units | null; steps: Step[] }[];
  /** Transactions without more. */
  txids?: string[];
  /** Whether there is more evidence than is given. */
  truncated?: boolean;
  /** A measured error rate, in words. */
  rate?: ReactNode;
  snapshot?: string | null | undefined;
  /** The API path with its query that gave the answer. */
  path: string;
  /** The answer, or the part of it that is to be pinned. */
  answer?: unknown;
}

/** The button. The evidence is made when it is opened, so that a table of many rows stays light. */
export function Why({ of, label }: { of: Evidence | (() => Evidence); label?: string }) {
  const { t } = useTranslation();
  const [evidence, setEvidence] = useState<Evidence | null>(null);
  return (
    <>
      <button
        type="button"
        className="icon-button why no-print"
        aria-label={label ? t("why_of", { what: label }) : t("why")}
        title={t("why")}
        onClick={() => setEvidence(typeof of === "function" ? of() : of)}
      >
        <Icon name="why" />
      </button>
      {evidence ? (
        <Dialog
          side
          isOpen
          onClose={() => setEvidence(null)}
          title={t("why_title")}
          foot={<PinToCase finding={evidence} />}
        >
          <EvidenceView evidence={evidence} />
        </Dialog>
      ) : null}
    </>
  );
}

/** The evidence itself, for pages that show it without a dialog. */
export function EvidenceView({ evidence }: { evidence: Evidence }) {
  const { t } = useTranslation();
  const { chain = "bitcoin", labels = [], paths = [], txids = [] } = evidence;
  return (
    <div className="stack evidence">
      <p className="evidence-statement">
        <bdi>
          <Sentence text={evidence.statement} />
        </bdi>
      </p>
      {evidence.text ? <div>{evidence.text}</div> : null}
      {labels.length > 0 ? (
        <section className="stack">
          <h3>{t("evidence.labels")}</h3>
          <ul className="stack">
            {labels.map((proof, i) => (
              <li key={i} className="proof">
                <LabelFacts proof={proof} chain={chain} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {paths.length > 0 ? (
        <section className="stack">
          <h3>{t("evidence.paths")}</h3>
          {paths.map((path, i) => (
            <DataTable
              key={i}
              dense
              caption={t("evidence.path_n", { n: i + 1 })}
              rows={path.steps}
              rowKey={(step, at) => `${step.txid}-${at}`}
              columns={[
                {
                  id: "tx",
                  head: t("tx"),
                  cell: (s) => (s.txid ? <TxChip txid={s.txid} chain={chain} copy={false} /> : null),
                },
                { id: "time", head: t("time"), cell: (s) => <When at={s.time} day /> },
                {
                  id: "from",
                  head: t("from"),
                  cell: (s) => (s.from ? <AddressChip address={s.from} chain={chain} copy={false} /> : null),
                },
                {
                  id: "to",
                  head: t("to"),
                  cell: (s) => (s.to ? <AddressChip address={s.to} chain={chain} copy={false} /> : null),
                },
                {
                  id: "units",
                  head: t("amount"),
                  align: "end",
                  cell: (s) => (
                    <Money
                      units={s.units}
                      chain={chain}
                      {...(s.decimals === undefined ? {} : { decimals: s.decimals, symbol: s.symbol ?? "" })}
                    />
                  ),
                },
              ]}
            />
          ))}
        </section>
      ) : null}
      {txids.length > 0 ? (
        <section className="stack">
          <h3>{t("evidence.txids")}</h3>
          <ul>
            {txids.map((txid) => (
              <li key={txid}>
                <TxChip txid={txid} chain={chain} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {evidence.truncated ? <p className="muted">{t("evidence.truncated")}</p> : null}
      {evidence.rate ? (
        <section>
          <h3>{t("evidence.rate")}</h3>
          {evidence.rate}
        </section>
      ) : null}
      <section className="stack">
        <h3>{t("evidence.again")}</h3>
        <p className="small muted">{t("evidence.again_note")}</p>
        <dl className="facts">
          <dt>{t("evidence.path")}</dt>
          <dd>
            <Hash value={evidence.path} full />
          </dd>
          {evidence.snapshot ? (
            <>
              <dt>{t("snapshot")}</dt>
              <dd>
                <Hash value={evidence.snapshot} />
              </dd>
            </>
          ) : null}
        </dl>
      </section>
    </div>
  );
}

function LabelFacts({ proof, chain }: { proof: LabelProof; chain: string }) {
  const { t } = useTranslation();
  return (
    <dl className="facts">
      <dt>{t("label")}</dt>
      <dd>
        <bdi>{proof.label}</bdi>
      </dd>
      {proof.subject ? (
        <>
          <dt>{t("on")}</dt>
          <dd>
            <AddressChip address={proof.subject} chain={chain} />
          </dd>
        </>
      ) : null}
      <dt>{t("stands_on")}</dt>
      <dd>
        <Basis basis={proof.basis} />
        {proof.basis ? (
          <span className="muted small"> {t(`basis_note.${proof.basis}`, { defaultValue: "" })}</span>
        ) : null}
      </dd>
      <dt>{t("source")}</dt>
      <dd>
        <bdi>{proof.source ?? t("not_given")}</bdi>
      </dd>
      {proof.confidence !== null && proof.confidence !== undefined ? (
        <>
          <dt>{t("confidence")}</dt>
          <dd>
            <Share part={proof.confidence / 100} />
          </dd>
        </>
      ) : null}
      {proof.pack ? (
        <>
          <dt>{t("file_line")}</dt>
          <dd>
            <bdi dir="ltr" className="mono">
              {proof.pack}:{proof.line ?? "?"}
            </bdi>
          </dd>
        </>
      ) : null}
      {proof.disputed ? (
        <>
          <dt>{t("disputed")}</dt>
          <dd>
            <bdi>{proof.disputed}</bdi>
          </dd>
        </>
      ) : null}
    </dl>
  );
}
