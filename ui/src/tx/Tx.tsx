// A transaction: what went in and what came out, with the names that are known for the addresses, and whether its shape
// is that of a CoinJoin — then nobody can say whose money went where.
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useGet } from "../api/query";
import type { Schemas } from "../api/client";
import {
  AddressChip,
  blockPath,
  DataTable,
  Dollars,
  Empty,
  Hash,
  Icon,
  Money,
  Nothing,
  Num,
  Page,
  Panel,
  PinToCase,
  Read,
  TxChip,
  When,
  Why,
  Sentence,
} from "../parts";
import { useNames } from "./names";
import { AccountTx } from "./AccountTx";
import "./tx.css";

type TxView = Schemas["TxView"];

export default function Tx() {
  const { t } = useTranslation("tx");
  const { chain = "bitcoin", txid = "" } = useParams();
  const tx = useGet("/v1/tx/{txid}", { path: { txid }, query: { chain } });
  return (
    <Page
      title={t("window", { txid: txid.slice(0, 12) })}
      lead={
        <span className="tx-name">
          {t("title")}
          <Hash value={txid} full />
        </span>
      }
      actions={
        <>
          <Link className="button" to={`/graph?chain=${encodeURIComponent(chain)}&add=${encodeURIComponent(txid)}`}>
            <Icon name="graph" />
            {t("graph")}
          </Link>
          <PinToCase subject={{ kind: "transaction", chain, value: txid }} />
        </>
      }
    >
      <Read of={tx} missing={<Empty>{t("missing")}</Empty>}>
        {(data) =>
          "inputs" in data ? (
            <Body tx={data} chain={chain} path={tx.path} />
          ) : "transfers" in data ? (
            <AccountTx tx={data} path={tx.path} />
          ) : null
        }
      </Read>
    </Page>
  );
}

function Body({ tx, chain, path }: { tx: TxView; chain: string; path: string }) {
  const { t } = useTranslation("tx");
  const names = useNames(chain, [...tx.inputs.map((one) => one.address), ...tx.outputs.map((one) => one.address)]);
  return (
    <>
      <Panel
        title={t("facts")}
        actions={
          <Why
            label={t("facts")}
            of={() => ({
              statement: t("statement", { txid: tx.txid, inputs: tx.inputs.length, outputs: tx.outputs.length }),
              chain,
              text: t("why"),
              txids: [tx.txid],
              snapshot: tx.snapshot,
              path,
              answer: tx,
            })}
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
              <Link to={blockPath(chain, tx.height)}>
                <Num n={tx.height} />
              </Link>
            </dd>
          </div>
          <div>
            <dt>{t("in")}</dt>
            <dd>{tx.coinbase ? t("coinbase") : <Money units={tx.input_sat} chain={chain} />}</dd>
          </div>
          <div>
            <dt>{t("out")}</dt>
            <dd>
              <Money units={tx.output_sat} chain={chain} />{" "}
              <span className="muted small">
                {tx.output_usd === null || tx.output_usd === undefined ? null : <Dollars usd={tx.output_usd} />}
              </span>
            </dd>
          </div>
          <div>
            <dt>{t("fee")}</dt>
            <dd>
              <Money units={tx.fee_sat} chain={chain} />
            </dd>
          </div>
          <div>
            <dt>{t("weight")}</dt>
            <dd>
              <Num n={tx.weight} />
            </dd>
          </div>
        </dl>
        {tx.labels.length > 0 ? (
          <p>
            {t("labels")} <bdi>{tx.labels.join(", ")}</bdi>
          </p>
        ) : null}
      </Panel>
      {tx.coinjoin ? <CoinJoin txid={tx.txid} chain={chain} /> : null}
      <div className="tx-sides">
        <Panel title={t("inputs", { count: tx.inputs.length })}>
          <DataTable
            dense
            first={25}
            caption={t("inputs", { count: tx.inputs.length })}
            rows={tx.inputs}
            rowKey={(one) => `${one.prev_txid}:${one.prev_vout}`}
            empty={<Empty>{t("coinbase_note")}</Empty>}
            columns={[
              {
                id: "address",
                head: t("common:from"),
                isName: true,
                cell: (one) =>
                  one.address ? (
                    <AddressChip address={one.address} chain={chain} label={names.get(one.address)} />
                  ) : (
                    <Nothing />
                  ),
              },
              {
                id: "tx",
                head: t("made_by"),
                cell: (one) => <TxChip txid={one.prev_txid} chain={chain} copy={false} />,
              },
              {
                id: "units",
                head: t("common:amount"),
                align: "end",
                cell: (one) => <Money units={one.value_sat} chain={chain} />,
                sort: (one) => one.value_sat,
              },
            ]}
          />
        </Panel>
        <Panel title={t("outputs", { count: tx.outputs.length })}>
          <DataTable
            dense
            first={25}
            caption={t("outputs", { count: tx.outputs.length })}
            rows={tx.outputs}
            rowKey={(one) => one.vout}
            columns={[
              {
                id: "address",
                head: t("common:to"),
                isName: true,
                cell: (one) =>
                  one.address ? (
                    <AddressChip address={one.address} chain={chain} label={names.get(one.address)} />
                  ) : one.data_text ? (
                    <span className="small">
                      {t("data")} <bdi dir="auto">{one.data_text}</bdi>
                    </span>
                  ) : (
                    <code dir="ltr">{one.script_type}</code>
                  ),
              },
              {
                id: "spent",
                head: t("spent_by"),
                cell: (one) =>
                  one.spent_by ? (
                    <TxChip txid={one.spent_by} chain={chain} copy={false} />
                  ) : (
                    <span className="muted small">{t("unspent")}</span>
                  ),
              },
              {
                id: "units",
                head: t("common:amount"),
                align: "end",
                cell: (one) => <Money units={one.value_sat} chain={chain} />,
                sort: (one) => one.value_sat,
              },
            ]}
          />
        </Panel>
      </div>
    </>
  );
}

function CoinJoin({ txid, chain }: { txid: string; chain: string }) {
  const { t, i18n } = useTranslation("tx");
  const found = useGet("/v1/coinjoin/{txid}", { path: { txid }, query: { chain } });
  return (
    <Panel title={t("coinjoin.title")}>
      <Read of={found}>
        {(data) => (
          <div className="stack">
            <p>
              {t("coinjoin.lead", { kind: data.kind })} {data.ties_nobody ? t("coinjoin.nobody") : null}
            </p>
            <ul className="bullets">
              {(i18n.language === "ar" ? data.reasons_ar : data.reasons).map((reason, i) => (
                <li key={i}>
                  <bdi dir="auto">
                    <Sentence text={reason} />
                  </bdi>
                </li>
              ))}
            </ul>
            {data.rate ? (
              <p className="small muted">
                {t("coinjoin.rate", {
                  found: data.rate.found,
                  of: data.rate.of,
                  wrong: data.rate.wrong,
                  wrong_of: data.rate.wrong_of,
                })}
              </p>
            ) : null}
            <p>
              <Why
                label={t("coinjoin.title")}
                of={{
                  statement: t("coinjoin.statement", { txid, kind: data.kind }),
                  chain,
                  txids: [txid],
                  path: found.path,
                  snapshot: "snapshot" in data ? String(data.snapshot) : null,
                  answer: data,
                }}
              />
            </p>
          </div>
        )}
      </Read>
    </Panel>
  );
}
