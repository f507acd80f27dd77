// The transfers of an account in chain order, a page at a time.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useGet } from "../api/query";
import { AddressChip, DataTable, Dollars, Empty, Nothing, Num, Panel, Read, TxChip, When } from "../parts";
import { AssetMoney, AssetName } from "./amounts";
import type { Asked } from "./Subject";

const PAGE = 50;

export function AccountTransfers({ asked }: { asked: Asked }) {
  const { t } = useTranslation(["accounts", "subject"]);
  const [offset, setOffset] = useState(0);
  const view = useGet("/v1/address/{address}", {
    path: { address: asked.address },
    query: { chain: asked.chain, limit: PAGE, offset: offset || undefined },
    keep: true,
  });
  const chain = asked.chain;
  return (
    <Panel id="transfers" title={t("transfers")} note={t("transfers_note")}>
      <Read of={view} missing={<Empty>{t("none")}</Empty>}>
        {(data) =>
          "holdings" in data ? (
            <div className="stack">
              <DataTable
                dense
                caption={t("transfers")}
                rows={data.transfers}
                rowKey={(_, i) => i}
                empty={<Empty>{t("none")}</Empty>}
                columns={[
                  {
                    id: "tx",
                    head: t("common:tx"),
                    isName: true,
                    cell: (x) => (x.tx ? <TxChip txid={x.tx} chain={chain} copy={false} /> : <Nothing />),
                  },
                  { id: "time", head: t("common:time"), cell: (x) => <When at={x.time} />, sort: (x) => x.time },
                  {
                    id: "kind",
                    head: t("kind_head"),
                    cell: (x) => t(`kind.${x.kind}`, { defaultValue: x.kind }),
                    sort: (x) => x.kind,
                  },
                  {
                    id: "from",
                    head: t("common:from"),
                    cell: (x) => <End address={x.from} asked={asked} own={data.address} />,
                  },
                  {
                    id: "to",
                    head: t("common:to"),
                    cell: (x) => <End address={x.to} asked={asked} own={data.address} />,
                  },
                  { id: "asset", head: t("asset"), cell: (x) => <AssetName asset={x.asset} /> },
                  {
                    id: "units",
                    head: t("common:amount"),
                    align: "end",
                    cell: (x) => <AssetMoney units={x.units} asset={x.asset} plain />,
                  },
                  {
                    id: "usd",
                    head: t("common:usd"),
                    align: "end",
                    cell: (x) => <Dollars usd={x.usd} plain />,
                    sort: (x) => x.usd ?? null,
                  },
                ]}
              />
              {data.transfer_count > PAGE ? (
                <div className="row no-print">
                  <button
                    type="button"
                    className="button"
                    disabled={offset === 0}
                    onClick={() => setOffset(Math.max(0, offset - PAGE))}
                  >
                    {t("subject:before")}
                  </button>
                  <span className="small muted">
                    {t("page_of", {
                      from: offset + 1,
                      to: offset + data.transfers.length,
                      count: data.transfer_count,
                    })}
                  </span>
                  <button
                    type="button"
                    className="button"
                    disabled={!data.transfers_truncated}
                    onClick={() => setOffset(offset + PAGE)}
                  >
                    {t("subject:after")}
                  </button>
                </div>
              ) : (
                <p className="small muted">
                  <Num n={data.transfer_count} />
                </p>
              )}
            </div>
          ) : (
            <Empty>{t("no_account")}</Empty>
          )
        }
      </Read>
    </Panel>
  );
}

/** One end of a transfer: the account itself as a word, nobody where the chain has none there. */
function End({ address, asked, own }: { address: string | null | undefined; asked: Asked; own: string }) {
  const { t } = useTranslation("accounts");
  if (!address) return <Nothing />;
  if (address === own) return <span className="muted">{t("itself")}</span>;
  return <AddressChip address={address} chain={asked.chain} copy={false} />;
}
