// Coupon sales joined with redemptions and with payments on the chain: by beneficiary, and the entities at which coupons of several ended.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useGet } from "../api/query";
import { digits } from "../format/numbers";
import { useSettings } from "../prefs";
import { AddressChip, Money, Num, TxChip, When } from "../parts/bits";
import { Copy } from "../parts/Copy";
import { DataTable } from "../parts/DataTable";
import { Dialog } from "../parts/Dialog";
import { Choice } from "../parts/Field";
import { Panel } from "../parts/Page";
import { Empty, Read } from "../parts/states";
import { Why } from "../parts/Why";
import { minorText, shortPseudonym, type Linked } from "./read";
import { ContextNote } from "./Records";

/** Beneficiaries that are shown first, those with the largest sums. */
const FIRST = 20;

type Beneficiary = Linked["beneficiaries"][number];

const keyOf = (row: Beneficiary) => ("account" in row.id ? row.id.account : row.id.address);

function Euro({ cents }: { cents: number | null }) {
  const set = useSettings();
  return cents === null ? null : (
    <bdi dir="ltr" className="num">
      {`${digits(minorText(String(cents), 2), set)} EUR`}
    </bdi>
  );
}

function Who({ row }: { row: Beneficiary }) {
  if ("address" in row.id) return <AddressChip address={row.id.address} />;
  return (
    <span className="cell-line">
      <bdi dir="ltr" className="mono" title={row.id.account}>
        {shortPseudonym(row.id.account)}
      </bdi>
      <Copy text={row.id.account} />
    </span>
  );
}

export function LinkedPanel() {
  const { t } = useTranslation("records");
  const set = useSettings();
  const [least, setLeast] = useState("2");
  const [shown, setShown] = useState<Beneficiary | null>(null);
  const [isAll, setAll] = useState(false);
  const linked = useGet("/v1/records/linked", { query: { redemptions_min: least }, keep: true });
  return (
    <Panel title={t("linked.title")} note={t("linked.about")}>
      <div className="filter-bar">
        <Choice
          label={t("linked.least")}
          value={least}
          onChange={(event) => setLeast(event.target.value)}
          options={["1", "2", "3", "5", "10"].map((each) => ({ value: each, text: digits(each, set) }))}
        />
      </div>
      <Read of={linked} missing={<Empty>{t("linked.none")}</Empty>}>
        {(data) => (
          <div className="stack">
            <p className="small muted" role="status">
              {t("linked.counts", { redemptions: data.redemptions, matched: data.matched })}{" "}
              {data.is_on_chain ? "" : t("linked.noChain")}
            </p>
            <DataTable
              caption={t("linked.beneficiaries")}
              showCaption
              rows={
                isAll
                  ? data.beneficiaries
                  : [...data.beneficiaries].sort((a, b) => b.euro_cents - a.euro_cents).slice(0, FIRST)
              }
              rowKey={keyOf}
              empty={<Empty>{t("linked.none")}</Empty>}
              initial={{ id: "euro", down: true }}
              columns={[
                {
                  id: "who",
                  head: t("linked.beneficiary"),
                  isName: true,
                  cell: (row) => (
                    <span className="figure">
                      <Who row={row} />
                      {row.context.length > 0 ? <strong className="small">{t("notes.context")}</strong> : null}
                    </span>
                  ),
                },
                {
                  id: "n",
                  head: t("linked.redemptions"),
                  align: "end",
                  cell: (row) => <Num n={row.redemptions.length} />,
                  sort: (row) => row.redemptions.length,
                },
                {
                  id: "euro",
                  head: t("linked.worth"),
                  align: "end",
                  cell: (row) => <Euro cents={row.euro_cents} />,
                  sort: (row) => row.euro_cents,
                },
                {
                  id: "paid",
                  head: t("linked.paid"),
                  align: "end",
                  cell: (row) => <Money units={row.paid_sat} />,
                  sort: (row) => row.paid_sat,
                },
                {
                  id: "outlets",
                  head: t("linked.outlets"),
                  align: "end",
                  cell: (row) => <Num n={row.outlets} />,
                  sort: (row) => row.outlets,
                },
                {
                  id: "buyers",
                  head: t("linked.buyers"),
                  align: "end",
                  cell: (row) => <Num n={row.buyers} />,
                  sort: (row) => row.buyers,
                },
                { id: "countries", head: t("linked.countries"), cell: (row) => <bdi>{row.countries.join(", ")}</bdi> },
                {
                  id: "more",
                  head: <span className="hidden-visually">{t("linked.show")}</span>,
                  cell: (row) => (
                    <span className="cell-line">
                      <Why
                        label={keyOf(row)}
                        of={() => ({
                          statement: t("linked.statement", {
                            who: keyOf(row),
                            n: row.redemptions.length,
                            outlets: row.outlets,
                            euro: minorText(String(row.euro_cents), 2),
                          }),
                          text: t("linked.about"),
                          txids: row.redemptions
                            .flatMap((each) => (each.payment ? [each.payment.txid] : []))
                            .slice(0, 50),
                          snapshot: data.snapshot,
                          path: linked.path,
                          answer: row,
                        })}
                      />
                      <button
                        type="button"
                        className="button"
                        aria-label={`${t("linked.show")}: ${keyOf(row)}`}
                        onClick={() => setShown(row)}
                      >
                        {t("linked.show")}
                      </button>
                    </span>
                  ),
                },
              ]}
            />
            {!isAll && data.beneficiaries.length > FIRST ? (
              <div className="row">
                <button type="button" className="button" onClick={() => setAll(true)}>
                  {t("linked.all", { n: data.beneficiaries.length })}
                </button>
              </div>
            ) : null}
            {data.collectors.length > 0 ? (
              <DataTable
                caption={t("linked.collectors")}
                showCaption
                rows={data.collectors}
                rowKey={(row) => row.entity}
                columns={[
                  {
                    id: "entity",
                    head: t("linked.entity"),
                    isName: true,
                    cell: (row) => (
                      <span className="figure">
                        <AddressChip address={row.entity} label={row.labels[0] ?? null} />
                        {row.context.length > 0 ? <strong className="small">{t("notes.context")}</strong> : null}
                      </span>
                    ),
                  },
                  {
                    id: "beneficiaries",
                    head: t("linked.beneficiaries"),
                    align: "end",
                    cell: (row) => <Num n={row.beneficiaries} />,
                    sort: (row) => row.beneficiaries,
                  },
                  {
                    id: "redemptions",
                    head: t("linked.redemptions"),
                    align: "end",
                    cell: (row) => <Num n={row.redemptions} />,
                    sort: (row) => row.redemptions,
                  },
                  {
                    id: "outlets",
                    head: t("linked.outlets"),
                    align: "end",
                    cell: (row) => <Num n={row.outlets} />,
                    sort: (row) => row.outlets,
                  },
                  {
                    id: "buyers",
                    head: t("linked.buyers"),
                    align: "end",
                    cell: (row) => <Num n={row.buyers} />,
                    sort: (row) => row.buyers,
                  },
                  {
                    id: "euro",
                    head: t("linked.worth"),
                    align: "end",
                    cell: (row) => <Euro cents={row.euro_cents} />,
                    sort: (row) => row.euro_cents,
                  },
                  {
                    id: "why",
                    head: <span className="hidden-visually">{t("why")}</span>,
                    cell: (row) => (
                      <Why
                        label={row.entity}
                        of={() => ({
                          statement: t("linked.collectorStatement", {
                            entity: row.entity,
                            beneficiaries: row.beneficiaries,
                            n: row.redemptions,
                          }),
                          text: t("linked.about"),
                          txids: row.txids.slice(0, 50),
                          truncated: row.txids.length > 50,
                          snapshot: data.snapshot,
                          path: linked.path,
                          answer: row,
                        })}
                      />
                    ),
                  },
                ]}
              />
            ) : null}
          </div>
        )}
      </Read>
      {shown ? (
        <Dialog
          side
          isOpen
          onClose={() => setShown(null)}
          title={t("linked.of", { who: shortPseudonym(keyOf(shown)) })}
        >
          <div className="stack">
            {shown.context.map((note) => (
              <ContextNote key={note.id} note={note} />
            ))}
            <DataTable
              caption={t("linked.redemptions")}
              dense
              rows={shown.redemptions}
              rowKey={(row) => row.record}
              columns={[
                {
                  id: "time",
                  head: t("column.time"),
                  isName: true,
                  cell: (row) => <When at={row.time} />,
                  sort: (row) => row.time,
                },
                { id: "worth", head: t("linked.worth"), align: "end", cell: (row) => <Euro cents={row.euro_cents} /> },
                {
                  id: "sold",
                  head: t("linked.sold"),
                  cell: (row) =>
                    row.sale ? (
                      <span>
                        <When at={row.sale.time} day /> <bdi>{row.sale.place}</bdi>
                      </span>
                    ) : (
                      <span className="muted">{t("linked.noSale")}</span>
                    ),
                },
                {
                  id: "address",
                  head: t("linked.address"),
                  cell: (row) =>
                    row.address ? (
                      <AddressChip address={row.address} chain={row.chain ?? "bitcoin"} copy={false} />
                    ) : null,
                },
                {
                  id: "payment",
                  head: t("linked.payment"),
                  cell: (row) =>
                    row.payment ? (
                      <span className="figure">
                        <TxChip txid={row.payment.txid} chain={row.chain ?? "bitcoin"} copy={false} />
                        <Money units={row.payment.value_sat} chain={row.chain ?? "bitcoin"} />
                      </span>
                    ) : (
                      <span className="muted">{t("linked.noPayment")}</span>
                    ),
                },
              ]}
            />
          </div>
        </Dialog>
      ) : null}
    </Panel>
  );
}
