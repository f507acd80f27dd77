// An account of Ethereum, its relatives or Tron: what it holds, asset by asset, what issuers did to it, for whom a
// service may hold it, and what the store covers. What lies outside of that is unknown, not none.
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import {
  AddressChip,
  DataTable,
  Dollars,
  Empty,
  Hash,
  Nothing,
  Num,
  Panel,
  TxChip,
  When,
  Why,
  type Evidence,
} from "../parts";
import { AssetMoney, AssetName, unitsIn } from "./amounts";

type Account = Schemas["AccountAddressView"];

export function AccountSubject({ account, path }: { account: Account; path: string }) {
  const { t } = useTranslation(["accounts", "subject"]);
  const why: Evidence = {
    statement: t("subject:figure.statement", { address: account.address }),
    chain: account.chain,
    text: t("why"),
    txids: account.issuer_acts.map((act) => act.tx),
    snapshot: account.snapshot,
    path,
    answer: account,
  };
  const facts: [string, ReactNode][] = [
    [t("in_usd"), <Dollars key="i" usd={account.received_usd} />],
    [t("out_usd"), <Dollars key="o" usd={account.sent_usd} />],
    [t("transfers"), <Num key="t" n={account.transfer_count} />],
    [t("subject:figure.first"), <When key="f" at={account.first_time} day />],
    [t("subject:figure.last"), <When key="l" at={account.last_time} day />],
  ];
  if (account.entity_size !== null) {
    facts.push([
      t("subject:figure.entity"),
      <span key="e">
        {t("accounts", { count: account.entity_size })}
        {account.entity && account.entity !== account.address ? (
          <>
            {" · "}
            <AddressChip address={account.entity} chain={account.chain} copy={false} />
          </>
        ) : null}
      </span>,
    ]);
  }
  return (
    <Panel
      id="holdings"
      title={t("holdings")}
      note={t("holdings_note")}
      actions={<Why label={t("holdings")} of={why} />}
    >
      <div className="stack">
        {account.is_frozen ? (
          <p className="notice">
            <strong>{t("frozen")}</strong>
          </p>
        ) : null}
        {account.is_contract ? (
          <p className="notice">
            {account.token ? (
              <>
                {t("is_token")} <AssetName asset={account.token} />
              </>
            ) : (
              t("is_contract")
            )}
          </p>
        ) : null}
        {account.deposit_at ? <Deposit of={account.deposit_at} chain={account.chain} /> : null}
        <dl className="figures">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <DataTable
          caption={t("holdings")}
          first={12}
          rows={account.holdings}
          rowKey={(h) => h.received.asset.id}
          empty={<Empty>{t("none")}</Empty>}
          columns={[
            {
              id: "asset",
              head: t("asset"),
              isName: true,
              cell: (h) => <AssetName asset={h.received.asset} />,
              sort: (h) => h.received.asset.symbol ?? h.received.asset.id,
            },
            {
              id: "in",
              head: t("subject:figure.received"),
              align: "end",
              cell: (h) => <AssetMoney units={h.received.units} asset={h.received.asset} />,
            },
            {
              id: "in_usd",
              head: t("common:usd"),
              align: "end",
              cell: (h) => <Worth of={h.received} />,
              sort: (h) => h.received.usd ?? null,
            },
            {
              id: "out",
              head: t("subject:figure.sent"),
              align: "end",
              cell: (h) => <AssetMoney units={h.sent.units} asset={h.sent.asset} />,
            },
            {
              id: "out_usd",
              head: t("common:usd"),
              align: "end",
              cell: (h) => <Worth of={h.sent} />,
              sort: (h) => h.sent.usd ?? null,
            },
            {
              id: "balance",
              head: t("subject:figure.balance"),
              align: "end",
              cell: (h) =>
                h.balance_units === null ? (
                  <span className="muted small">{t("balance_unknown")}</span>
                ) : (
                  <AssetMoney units={h.balance_units} asset={h.received.asset} />
                ),
            },
            {
              id: "n",
              head: t("transfers"),
              align: "end",
              cell: (h) => <Num n={h.transfers} />,
              sort: (h) => h.transfers,
            },
          ]}
        />
        {account.holdings_more > 0 ? (
          <p className="small muted">{t("more_assets", { count: account.holdings_more })}</p>
        ) : null}
        {account.holdings.some((h) => h.balance_units === null) ? (
          <p className="small muted">{t("balance_unknown_note")}</p>
        ) : null}
        {account.sums_truncated ? <p className="notice">{t("sums_truncated")}</p> : null}
        <Acts account={account} />
        <SeenAlso account={account} />
        <Covered covered={account.covered} />
      </div>
    </Panel>
  );
}

/** Dollars, and that they are the face value where no price was imported. */
function Worth({ of }: { of: Schemas["AmountView"] }) {
  const { t } = useTranslation("accounts");
  if (unitsIn(of) === 0n) return <Nothing />;
  return (
    <span className="nowrap">
      <Dollars usd={of.usd} plain /> {of.usd_at_par ? <abbr title={t("par_note")}>{t("par")}</abbr> : null}
    </span>
  );
}

function Deposit({ of, chain }: { of: Schemas["DepositView"]; chain: string }) {
  const { t } = useTranslation("accounts");
  return (
    <div className="notice">
      <p>
        {t(of.is_contract ? "deposit_contract" : "deposit", {
          count: of.forwards,
          percent: Math.floor(of.forwarded_permille / 10),
        })}{" "}
        <AddressChip address={of.collector} chain={chain} label={of.labels[0]} />
      </p>
      <p className="small">
        {t("deposit_since")} <TxChip txid={of.since} chain={chain} />
      </p>
    </div>
  );
}

/** What issuers of tokens did to the account. */
function Acts({ account }: { account: Account }) {
  const { t } = useTranslation("accounts");
  return (
    <section className="stack">
      <h3>{t("acts")}</h3>
      <DataTable
        dense
        caption={t("acts")}
        rows={account.issuer_acts}
        rowKey={(act, i) => `${act.tx} ${i}`}
        empty={<Empty>{t("acts_none")}</Empty>}
        columns={[
          {
            id: "act",
            head: t("act_head"),
            isName: true,
            cell: (act) => t(`act.${act.act}`, { defaultValue: act.act }),
          },
          { id: "token", head: t("asset"), cell: (act) => <AssetName asset={act.token} /> },
          {
            id: "units",
            head: t("act_units"),
            align: "end",
            cell: (act) => <AssetMoney units={act.units} asset={act.token} />,
          },
          { id: "time", head: t("common:time"), cell: (act) => <When at={act.time} />, sort: (act) => act.time },
          {
            id: "tx",
            head: t("common:tx"),
            cell: (act) => <TxChip txid={act.tx} chain={account.chain} />,
          },
        ]}
      />
    </section>
  );
}

/** The same key or the same bytes on other chains; nothing is put together by it. */
function SeenAlso({ account }: { account: Account }) {
  const { t } = useTranslation("accounts");
  if (account.seen_also_on.length === 0) return null;
  return (
    <section className="stack">
      <h3>{t("also_on")}</h3>
      <ul className="stack">
        {account.seen_also_on.map((seen) => (
          <li key={`${seen.chain} ${seen.address}`} className="row">
            <span>{t(`common:chain.${seen.chain}`, { defaultValue: seen.chain })}</span>
            {seen.is_in_store ? (
              <AddressChip address={seen.address} chain={seen.chain} label={seen.labels[0]} />
            ) : (
              <>
                <Hash value={seen.address} /> <bdi>{seen.labels.join(" · ")}</bdi>
              </>
            )}
            <span className="muted small">{t(seen.is_one_key ? "one_key" : "not_one_key")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The blocks that the store holds, and what it does not know of them. */
export function Covered({ covered }: { covered: Schemas["CoveredView"] }) {
  const { t } = useTranslation("accounts");
  const gaps = new Set(covered.blocks.flatMap((one) => one.unknown));
  return (
    <details className="small">
      <summary>
        {t("covers", { count: covered.blocks.length + covered.more, block: covered.tip_number ?? 0 })}{" "}
        {gaps.size > 0
          ? t("covers_not", {
              what: [...gaps].map((gap) => t(`gap.${gap}`, { defaultValue: gap })).join(t("and")),
            })
          : null}
      </summary>
      <ul>
        {covered.blocks.map((one) => (
          <li key={`${one.from}`}>
            <Num n={one.from} />–<Num n={one.to} />
            {one.unknown.length > 0
              ? ` · ${t("covers_not", { what: one.unknown.map((gap) => t(`gap.${gap}`, { defaultValue: gap })).join(t("and")) })}`
              : null}
            {one.tokens_only.length > 0 ? (
              <>
                {" · "}
                {t("tokens_only")} <bdi dir="ltr">{one.tokens_only.join(", ")}</bdi>
              </>
            ) : null}
            {one.accounts_only.length > 0 ? ` · ${t("accounts_only", { count: one.accounts_only.length })}` : null}
            {one.without_coin ? ` · ${t("without_coin")}` : null}
          </li>
        ))}
      </ul>
      <p className="muted">{t("covers_note")}</p>
    </details>
  );
}
