// Labels as a table, each with its source, file and line, its state, and what can be decided about it.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "../api/session";
import { AddressChip, Hash, TxChip, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Dialog } from "../parts/Dialog";
import { Basis, Category } from "../parts/Severity";
import { Why } from "../parts/Why";
import { DecisionDialog, type Action } from "./DecisionDialog";
import { decisionsOf, stateOf, type Label } from "./read";

export function Subject({ label }: { label: Label }) {
  if (label.kind === "address" && label.chain) return <AddressChip address={label.subject} chain={label.chain} />;
  if (label.kind === "transaction" && label.chain) return <TxChip txid={label.subject} chain={label.chain} />;
  return <Hash value={label.subject} />;
}

export function LabelsTable({
  caption,
  labels,
  snapshot,
  path,
  told,
}: {
  caption: string;
  labels: Label[];
  snapshot: string;
  path: string;
  told: (message: string) => void;
}) {
  const { t } = useTranslation("labels");
  const mayWrite = useCan("write");
  const [shown, setShown] = useState<Label | null>(null);
  const [deciding, setDeciding] = useState<{ action: Action; label: Label } | null>(null);
  return (
    <>
      <DataTable
        caption={caption}
        rows={labels}
        rowKey={(row) => `${row.id}-${row.known_from ?? ""}-${row.pack}-${row.line}`}
        columns={[
          {
            id: "subject",
            head: t("column.subject"),
            isName: true,
            cell: (row) => <Subject label={row} />,
            sort: (row) => row.subject,
          },
          {
            id: "label",
            head: t("column.label"),
            sort: (row) => row.label,
            cell: (row) => (
              <>
                <bdi>{row.label}</bdi>
                {row.alleged ? <span className="small muted"> {t("alleged")}</span> : null}
              </>
            ),
          },
          {
            id: "category",
            head: t("column.category"),
            cell: (row) => <Category category={row.category} />,
            sort: (row) => row.category,
          },
          {
            id: "basis",
            head: t("column.basis"),
            cell: (row) => <Basis basis={row.basis} />,
            sort: (row) => row.basis,
          },
          {
            id: "source",
            head: t("column.source"),
            sort: (row) => row.source,
            cell: (row) => (
              <span className="cell-wide small">
                <bdi>{row.source ?? t("noSource")}</bdi>
                <br />
                <span className="muted">{t("place", { file: row.pack, line: row.line })}</span>
              </span>
            ),
          },
          {
            id: "state",
            head: t("column.state"),
            sort: (row) => stateOf(row),
            cell: (row) => (
              <>
                <span className={`label-state label-${stateOf(row)}`}>{t(`state.${stateOf(row)}`)}</span>
                {row.chain ? <span className="small muted"> {row.chain}</span> : null}
              </>
            ),
          },
          {
            id: "more",
            head: <span className="hidden-visually">{t("detail.show")}</span>,
            cell: (row) => (
              <span className="cell-line">
                <Why
                  label={row.label}
                  of={() => ({
                    statement: t("statement", {
                      source: row.source ?? t("noSource"),
                      subject: row.subject,
                      label: row.label,
                      category: t(`category.${row.category}`, { defaultValue: row.category }),
                      basis: t(`basis.${row.basis}`, { defaultValue: row.basis }),
                      file: row.pack,
                      line: row.line,
                    }),
                    chain: row.chain ?? "bitcoin",
                    labels: [
                      {
                        label: row.label,
                        basis: row.basis,
                        source: row.source,
                        confidence: row.confidence,
                        pack: row.pack,
                        line: row.line,
                        disputed: row.disputed,
                      },
                    ],
                    snapshot,
                    path,
                    answer: row,
                  })}
                />
                <button
                  type="button"
                  className="button"
                  onClick={() => setShown(row)}
                  aria-label={`${t("detail.show")}: ${row.label}`}
                >
                  {t("detail.show")}
                </button>
              </span>
            ),
          },
        ]}
      />
      {shown ? (
        <Dialog
          side
          isOpen
          onClose={() => setShown(null)}
          title={t("detail.title", { subject: shown.subject })}
          foot={
            mayWrite ? (
              <>
                {decisionsOf(shown).map((action) => (
                  <button
                    key={action}
                    type="button"
                    className="button"
                    onClick={() => {
                      setDeciding({ action, label: shown });
                      setShown(null);
                    }}
                  >
                    {t(`decide.${action}`)}
                  </button>
                ))}
              </>
            ) : null
          }
        >
          <Facts label={shown} />
        </Dialog>
      ) : null}
      {deciding ? (
        <DecisionDialog action={deciding.action} label={deciding.label} onClose={() => setDeciding(null)} told={told} />
      ) : null}
    </>
  );
}

function Facts({ label }: { label: Label }) {
  const { t } = useTranslation("labels");
  const rows: [string, React.ReactNode][] = [
    [t("column.subject"), <Hash key="s" value={label.subject} full />],
    [t("column.label"), <bdi key="l">{label.label}</bdi>],
    [t("column.category"), <Category key="c" category={label.category} />],
    [
      t("column.basis"),
      <span key="b">
        <Basis basis={label.basis} /> {label.alleged ? t("alleged") : null}
      </span>,
    ],
    [t("column.source"), <bdi key="so">{label.source ?? t("noSource")}</bdi>],
    [t("column.place"), <span key="p">{t("place", { file: label.pack, line: label.line })}</span>],
    [t("column.state"), t(`state.${stateOf(label)}`)],
    [t("detail.actor"), label.actor],
    [t("detail.country"), label.country],
    [t("detail.confidence"), label.confidence],
    [
      t("detail.valid"),
      label.valid_from || label.valid_to ? (
        <span key="v">
          {label.valid_from ? (
            <>
              {t("detail.from")} <When at={label.valid_from} day />
            </>
          ) : null}{" "}
          {label.valid_to ? (
            <>
              {t("detail.to")} <When at={label.valid_to} day />
            </>
          ) : null}
        </span>
      ) : null,
    ],
    [t("detail.knownFrom"), label.known_from ? <When key="kf" at={label.known_from} day /> : null],
    [t("detail.knownTo"), label.known_to ? <When key="kt" at={label.known_to} day /> : null],
    [t("detail.disputed"), label.disputed],
    [t("detail.retracted"), label.retracted],
    [t("detail.corrected"), label.corrected.length > 0 ? label.corrected.join(" · ") : null],
    [
      t("detail.quarantine"),
      label.quarantine ? t(`common:defect.${label.quarantine}`, { defaultValue: label.quarantine }) : null,
    ],
    [t("detail.license"), label.license],
    [t("detail.context"), label.context],
    [t("detail.note"), label.note],
    [t("detail.id"), <Hash key="i" value={label.id} />],
  ];
  return (
    <dl className="facts">
      {rows
        .filter(([, value]) => value !== null && value !== "")
        .map(([name, value]) => (
          <FactRow key={name} name={name}>
            {value}
          </FactRow>
        ))}
    </dl>
  );
}

function FactRow({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{typeof children === "string" ? <bdi className="wraps">{children}</bdi> : children}</dd>
    </>
  );
}
