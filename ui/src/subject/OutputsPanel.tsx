// Every output that pays the address, as the chain has it: the raw ground under all figures of the page.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useGet } from "../api/query";
import { DataTable, Dollars, Empty, Money, Num, Panel, Read, TxChip, When } from "../parts";
import type { Asked } from "./Subject";

const PAGE = 25;

export function OutputsPanel({ asked }: { asked: Asked }) {
  const { t } = useTranslation("subject");
  const [offset, setOffset] = useState(0);
  const view = useGet("/v1/address/{address}", {
    path: { address: asked.address },
    query: { chain: asked.chain, limit: PAGE, offset: offset || undefined },
    keep: true,
  });
  return (
    <Panel id="outputs" title={t("part.outputs")} note={t("outputs.note")}>
      <Read of={view} missing={<Empty>{t("outputs.none")}</Empty>}>
        {(data) =>
          "outputs" in data ? (
            <div className="stack">
              <DataTable
                dense
                caption={t("part.outputs")}
                rows={data.outputs}
                rowKey={(o) => `${o.txid}:${o.vout}`}
                empty={<Empty>{t("outputs.none")}</Empty>}
                columns={[
                  {
                    id: "tx",
                    head: t("outputs.output"),
                    isName: true,
                    cell: (o) => <TxChip txid={o.txid} chain={asked.chain} />,
                  },
                  { id: "n", head: t("outputs.n"), align: "end", cell: (o) => <Num n={o.vout} /> },
                  {
                    id: "height",
                    head: t("outputs.height"),
                    align: "end",
                    cell: (o) => <Num n={o.height} />,
                    sort: (o) => o.height,
                  },
                  { id: "time", head: t("common:time"), cell: (o) => <When at={o.time} />, sort: (o) => o.time },
                  {
                    id: "units",
                    head: t("common:amount"),
                    align: "end",
                    cell: (o) => <Money units={o.value_sat} chain={asked.chain} />,
                    sort: (o) => o.value_sat,
                  },
                  {
                    id: "usd",
                    head: t("common:usd"),
                    align: "end",
                    cell: (o) => <Dollars usd={o.usd} plain />,
                    sort: (o) => o.usd ?? null,
                  },
                  {
                    id: "spent",
                    head: t("outputs.spent"),
                    cell: (o) =>
                      o.spent_by ? (
                        <TxChip txid={o.spent_by} chain={asked.chain} copy={false} />
                      ) : (
                        <span className="muted">{t("outputs.unspent")}</span>
                      ),
                  },
                ]}
              />
              {offset > 0 || data.outputs_truncated ? (
                <div className="row no-print">
                  <button
                    type="button"
                    className="button"
                    disabled={offset === 0}
                    onClick={() => setOffset(Math.max(0, offset - PAGE))}
                  >
                    {t("before")}
                  </button>
                  <button
                    type="button"
                    className="button"
                    disabled={!data.outputs_truncated}
                    onClick={() => setOffset(offset + PAGE)}
                  >
                    {t("after")}
                  </button>
                  <span className="muted small">
                    <Num n={offset + 1} />–<Num n={offset + data.outputs.length} /> / <Num n={data.output_count} />
                  </span>
                </div>
              ) : null}
            </div>
          ) : (
            <Empty>{t("outputs.none")}</Empty>
          )
        }
      </Read>
    </Panel>
  );
}
