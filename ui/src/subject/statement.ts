// The service's statements about a subject, as sentences and as evidence. A statement is what a label says of the
// subject itself, of whom it dealt with, or of what lies behind those: the three are never mixed.
import type { TFunction } from "i18next";
import type { Schemas } from "../api/client";
import { isolate, ltr } from "../format/bidi";
import { amount, coinOf, share } from "../format/numbers";
import { levelRank } from "../parts/Severity";
import type { Evidence, LabelProof } from "../parts/Why";
import { settings } from "../prefs";
import { sumsText } from "./amounts";

export type Statement = Schemas["Statement"];
export type Screen = Schemas["ScreenView"];
type Proof = Schemas["Evidence"];

/** Relations from the nearest to the farthest. */
const NEARNESS = ["ownership", "account_at", "account-at", "counterparty", "indirect"];

/** The weightiest first; of equal weight the nearest, then the largest. */
export function inOrder(statements: readonly Statement[]): Statement[] {
  return [...statements].sort(
    (a, b) =>
      levelRank(b.level) - levelRank(a.level) ||
      NEARNESS.indexOf(a.relation) - NEARNESS.indexOf(b.relation) ||
      (b.amount_sat ?? 0) - (a.amount_sat ?? 0),
  );
}

/** What a statement says, in one sentence without its figures. */
export function sentence(of: Statement, subject: string, t: TFunction): string {
  const words = { label: isolate(of.label), category: categoryOf(of.category, t) };
  if (of.relation === "ownership") {
    const own = of.evidence.some((proof) => proof.type === "label" && proof.subject === subject);
    return own ? t("subject:statement.ownership_self", words) : t("subject:statement.ownership_entity", words);
  }
  if (of.relation === "account_at" || of.relation === "account-at") return t("subject:statement.account_at", words);
  const way = of.direction === "sent" ? "sent" : "received";
  return of.relation === "counterparty"
    ? t(`subject:statement.counterparty_${way}`, words)
    : t(`subject:statement.indirect_${way}`, words);
}

export const categoryOf = (code: string, t: TFunction) => t(`common:category.${code}`, { defaultValue: code });

/** The same with its figures, as it is pinned to a case: it must be understood without the page. */
export function wholeSentence(of: Statement, screen: Screen, t: TFunction): string {
  const parts = [
    `${ltr(screen.input)}: ${sentence(of, screen.input, t)}`,
    t("subject:statement.level", { level: t(`common:level.${of.level}`) }),
  ];
  parts.push(t("subject:statement.basis", { basis: t(`common:basis.${of.basis}`, { defaultValue: of.basis }) }));
  const words = amountWords(of, screen);
  if (words) {
    parts.push(
      t(of.direction === "sent" ? "subject:statement.amount_sent" : "subject:statement.amount_received", {
        amount: words,
        share: ltr(share(of.share ?? 0, settings())),
        count: of.hops_min ?? 1,
      }),
    );
  }
  return parts.join(" ");
}

/** What moved, in words: of the chain's coin, or asset by asset on a chain of accounts. */
function amountWords(of: Statement, screen: Screen): string | null {
  if (of.amounts && of.amounts.length > 0) return sumsText(of.amounts, settings());
  if (of.amount_sat === null || of.amount_sat === undefined) return null;
  const coin = coinOf(screen.chain ?? "bitcoin");
  return ltr(`${amount(of.amount_sat, coin.decimals, settings())} ${coin.symbol}`);
}

/** What proves it. */
export function evidenceOf(of: Statement, screen: Screen, path: string, t: TFunction): Evidence {
  const proofs = of.evidence;
  return {
    statement: wholeSentence(of, screen, t),
    chain: screen.chain ?? undefined,
    text: t(`subject:relation_note.${of.relation.replace("-", "_")}`, { defaultValue: "" }),
    labels: proofs.filter(isLabel).map(labelProof),
    paths: proofs.filter(isPath).map((way) => ({
      units: way.amount_sat,
      steps: way.steps.map((step) => ({
        txid: step.txid,
        time: step.time,
        from: step.from,
        to: step.to,
        units: step.amount_sat,
      })),
    })),
    txids: proofs.flatMap((proof) =>
      proof.type === "merge" ? [proof.txid] : proof.type === "transfer" && proof.tx ? [proof.tx] : [],
    ),
    truncated: of.evidence_truncated,
    snapshot: screen.snapshot,
    path,
    answer: {
      input: screen.input,
      risk: screen.risk,
      statement: of,
      clustering: screen.clustering,
      snapshot: screen.snapshot,
    },
  };
}

const isLabel = (proof: Proof): proof is Extract<Proof, { type: "label" }> => proof.type === "label";
const isPath = (proof: Proof): proof is Extract<Proof, { type: "path" }> => proof.type === "path";

function labelProof(proof: Extract<Proof, { type: "label" }>): LabelProof {
  const { label, subject, basis, source, confidence, pack, line, disputed } = proof;
  return { label, subject, basis, source, confidence, pack, line, disputed };
}
