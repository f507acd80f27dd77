// An address of a chain of accounts: what it holds, asset by asset, what issuers did to it, and its transfers. Assets
// whose contract the registry does not know are told by their contract: anything can call itself a dollar.
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { AddressChip, DataTable, Dollars, Empty, Hash, Money, Nothing, Num, Panel, TxChip, When, Why } from "../parts";

type Account = Schemas["AccountAddressView"];
type Asset = Schemas["AssetView"];

export function AccountSubject({ account, path }: { account: Account; path: string }) {
  const { t } = useTranslation("subject");
  const units = (value: string | null | undefined, asset: Asset) =>
    value === null || value === undefined ? (
      <Nothing />
    ) : (
      <Money units={value} chain={account.chain} decimals={asset.decimals ?? 0} symbol={asset.symbol ?? ""} />
    );
  return (
    <>
      <Panel
        title={t("account.holdings")}
        note={t("account.holdings_note")}
        actions={
          <Why
            label={t("account.holdings")}
            of={{
              statement: t("figure.statement", { address: account.address }),
              chain: account.chain,
              snapshot: account.snapshot,
              path,
              answer: account,
            }}
          />
        }
      >
        {account.is_frozen ? <p className="notice">{t("account.frozen")}</p> : null}
        <DataTable
          caption={t("account.holdings")}
          rows={account.holdings}
          rowKey={(h) => h.received.asset.id}
          empty={<Empty>{t("account.none")}</Empty>}
          columns={[
            {
              id: "asset",
              head: t("account.asset"),
              isName: true,
              cell: (h) => <AssetName asset={h.received.asset} />,
            },
            {
              id: "in",
              head: t("figure.received"),
              align: "end",
              cell: (h) => units(h.received.units, h.received.asset),
            },
            { id: "out", head: t("figure.sent"), align: "end", cell: (h) => units(h.sent.units, h.sent.asset) },
            {
              id: "balance",
              head: t("figure.balance"),
              align: "end",
              cell: (h) => units(h.balance_units, h.received.asset),
            },
            {
              id: "n",
              head: t("account.transfers"),
              align: "end",
              cell: (h) => <Num n={h.transfers} />,
              sort: (h) => h.transfers,
            },
          ]}
        />
      </Panel>
      <Panel title={t("account.transfers")}>
        <DataTable
          dense
          caption={t("account.transfers")}
          rows={account.transfers}
          rowKey={(_, i) => i}
          empty={<Empty>{t("account.none")}</Empty>}
          columns={[
            {
              id: "tx",
              head: t("common:tx"),
              isName: true,
              cell: (x) => (x.tx ? <TxChip txid={x.tx} chain={account.chain} copy={false} /> : <Nothing />),
            },
            { id: "time", head: t("common:time"), cell: (x) => <When at={x.time} />, sort: (x) => x.time },
            {
              id: "from",
              head: t("common:from"),
              cell: (x) => (x.from ? <AddressChip address={x.from} chain={account.chain} copy={false} /> : <Nothing />),
            },
            {
              id: "to",
              head: t("common:to"),
              cell: (x) => (x.to ? <AddressChip address={x.to} chain={account.chain} copy={false} /> : <Nothing />),
            },
            { id: "asset", head: t("account.asset"), cell: (x) => <AssetName asset={x.asset} /> },
            { id: "units", head: t("common:amount"), align: "end", cell: (x) => units(x.units, x.asset) },
            {
              id: "usd",
              head: t("common:usd"),
              align: "end",
              cell: (x) => <Dollars usd={x.usd} plain />,
              sort: (x) => x.usd ?? null,
            },
          ]}
        />
      </Panel>
    </>
  );
}

function AssetName({ asset }: { asset: Asset }) {
  const { t } = useTranslation("subject");
  if (asset.symbol) return <bdi>{asset.symbol}</bdi>;
  return (
    <>
      <Hash value={asset.id} copy={false} /> <span className="muted small">{t("account.unverified")}</span>
    </>
  );
}
