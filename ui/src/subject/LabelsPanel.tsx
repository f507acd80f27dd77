// The labels on the subject, each with who said it, on what basis, since when, and whether it is disputed.
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { useGet, type Answer } from "../api/query";
import { useCan } from "../api/session";
import { AddressChip, Basis, Category, DataTable, Empty, Nothing, Panel, Read, Share, When, Why } from "../parts";
import type { Asked } from "./Subject";

export function LabelsPanel({ asked }: { asked: Asked }) {
  const { t } = useTranslation("subject");
  const canWrite = useCan("write");
  const isEntity = asked.of === "entity";
  // Of the address every label, those retracted or in quarantine too, as they are marked; of an entity those in use.
  const own = useGet("/v1/labels", { query: { subject: asked.address, of: "all", limit: 200 }, enabled: !isEntity });
  const entity = useGet("/v1/entity/{address}", {
    path: { address: asked.address },
    query: { chain: asked.chain, limit: 1 },
    enabled: isEntity,
  });
  const labels = isEntity ? entity : own;
  return (
    <Panel
      id="labels"
      title={t("part.labels")}
      actions={
        canWrite ? (
          <Link
            className="button"
            to={`/labels?subject=${encodeURIComponent(asked.address)}&chain=${encodeURIComponent(asked.chain)}`}
          >
            {t("labels.decide")}
          </Link>
        ) : null
      }
    >
      <Read<Labelled> of={labels} missing={<Empty>{t("labels.none")}</Empty>}>
        {(data) => (
          <DataTable
            caption={t("part.labels")}
            rows={labelsOf(data)}
            rowKey={(label) => label.id}
            empty={<Empty>{t("labels.none")}</Empty>}
            columns={[
              {
                id: "label",
                head: t("common:label"),
                isName: true,
                cell: (l) => <bdi className="chip-label">{l.label}</bdi>,
                sort: (l) => l.label,
              },
              {
                id: "subject",
                head: t("common:on"),
                cell: (l) =>
                  l.subject === asked.address ? (
                    t("labels.this")
                  ) : (
                    <AddressChip address={l.subject} chain={l.chain ?? asked.chain} copy={false} />
                  ),
              },
              {
                id: "category",
                head: t("common:category_head"),
                cell: (l) => <Category category={l.category} />,
                sort: (l) => l.category,
              },
              {
                id: "basis",
                head: t("common:stands_on"),
                cell: (l) => (
                  <>
                    <Basis basis={l.basis} />
                    {l.alleged ? <span className="mark">{t("labels.alleged")}</span> : null}
                    {l.disputed ? (
                      <span className="mark" title={l.disputed}>
                        {t("common:disputed")}
                      </span>
                    ) : null}
                    {l.quarantine ? (
                      <span className="mark" title={t(`common:defect.${l.quarantine}`, { defaultValue: l.quarantine })}>
                        {t("labels.quarantine")}
                      </span>
                    ) : null}
                    {l.retracted ? <span className="mark">{t("labels.retracted")}</span> : null}
                  </>
                ),
              },
              { id: "source", head: t("common:source"), cell: (l) => (l.source ? <bdi>{l.source}</bdi> : <Nothing />) },
              {
                id: "confidence",
                head: t("common:confidence"),
                align: "end",
                cell: (l) =>
                  l.confidence === null || l.confidence === undefined ? (
                    <Nothing />
                  ) : (
                    <Share part={l.confidence / 100} />
                  ),
                sort: (l) => l.confidence ?? null,
              },
              {
                id: "from",
                head: t("labels.valid"),
                cell: (l) => <When at={l.valid_from} day />,
                sort: (l) => l.valid_from ?? null,
              },
              {
                id: "why",
                head: t("common:why"),
                isOnScreen: true,
                cell: (l) => (
                  <Why
                    label={l.label}
                    of={() => ({
                      statement: t("labels.statement", {
                        address: l.subject,
                        label: l.label,
                        source: l.source ?? t("common:not_given"),
                      }),
                      chain: asked.chain,
                      labels: [
                        {
                          label: l.label,
                          subject: l.subject,
                          basis: l.basis,
                          source: l.source ?? null,
                          confidence: l.confidence ?? null,
                          pack: l.pack,
                          line: l.line,
                          disputed: l.disputed ?? null,
                        },
                      ],
                      snapshot: data.snapshot,
                      path: labels.path,
                      answer: { label: l, snapshot: data.snapshot },
                    })}
                  />
                ),
              },
            ]}
          />
        )}
      </Read>
    </Panel>
  );
}

type Labelled = Answer<"/v1/labels"> | Answer<"/v1/entity/{address}">;

/** The labels of either answer; an account's entity gives names alone, which its own page shows. */
function labelsOf(answer: Labelled): Schemas["LabelView"][] {
  if (!("labels" in answer)) return [];
  return (answer.labels as (string | Schemas["LabelView"])[]).filter(
    (label): label is Schemas["LabelView"] => typeof label !== "string",
  );
}
