// A transaction of a chain of accounts: who called whom, and the transfers that came of it.
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { AddressChip, DataTable, Dollars, Empty, Hash, Money, Nothing, Num, Panel, When, Why } from "../parts";

export function AccountTx({ tx, path }: { tx: Schemas["AccountTxView"]; path: string }) {
  const { t } = useTranslation("tx");
  const chain = tx.chain;
  return (
    <>
      <Panel
        title={t("facts")}
        actions={
          <Why
            label={t("facts")}
            of={{
              statement: t("account_statement", { txid: tx.tx }),
              chain,
              txids: [tx.tx],
              snapshot: tx.snapshot,
              path,
              answer: tx,
            }}
          />
        }
      >
        <dl className="figures figures-first">
          <div>
            <dt>{t("common:time")}</dt>
            <dd>
              <When at={tx.time} seconds />
            </dd>
          </div>
          <div>
            <dt>{t("block")}</dt>
            <dd>
              <Num n={tx.number} />
            </dd>
          </div>
          <div>
            <dt>{t("common:from")}</dt>
            <dd>{tx.from ? <AddressChip address={tx.from} chain={chain} /> : <Nothing />}</dd>
          </div>
          <div>
            <dt>{t("common:to")}</dt>
            <dd>{tx.to ? <AddressChip address={tx.to} chain={chain} /> : <Nothing />}</dd>
          </div>
        </dl>
      </Panel>
      <Panel title={t("transfers")}>
        <DataTable
          dense
          caption={t("transfers")}
          rows={tx.transfers}
          rowKey={(_, i) => i}
          empty={<Empty>{t("no_transfers")}</Empty>}
          columns={[
            {
              id: "from",
              head: t("common:from"),
              isName: true,
              cell: (x) => (x.from ? <AddressChip address={x.from} chain={chain} copy={false} /> : <Nothing />),
            },
            {
              id: "to",
              head: t("common:to"),
              cell: (x) => (x.to ? <AddressChip address={x.to} chain={chain} copy={false} /> : <Nothing />),
            },
            {
              id: "asset",
              head: t("asset"),
              cell: (x) => (x.asset.symbol ? <bdi>{x.asset.symbol}</bdi> : <Hash value={x.asset.id} copy={false} />),
            },
            {
              id: "units",
              head: t("common:amount"),
              align: "end",
              cell: (x) => (
                <Money units={x.units} chain={chain} decimals={x.asset.decimals ?? 0} symbol={x.asset.symbol ?? ""} />
              ),
            },
            { id: "usd", head: t("common:usd"), align: "end", cell: (x) => <Dollars usd={x.usd} plain /> },
          ]}
        />
      </Panel>
    </>
  );
}
