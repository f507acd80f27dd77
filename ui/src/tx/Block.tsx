// A block: when it was mined, and its transactions.
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useGet } from "../api/query";
import {
  blockPath,
  DataTable,
  Dollars,
  Empty,
  Hash,
  Icon,
  Money,
  Num,
  Page,
  Panel,
  PinToCase,
  Read,
  TxChip,
  When,
  Why,
} from "../parts";
import "./tx.css";

export default function Block() {
  const { t } = useTranslation("tx");
  const { chain = "bitcoin", block = "" } = useParams();
  const found = useGet("/v1/block/{block}", { path: { block }, query: { chain } });
  return (
    <Page
      title={t("block_window", { block: block.slice(0, 14) })}
      actions={<PinToCase subject={{ kind: "block", chain, value: block }} />}
    >
      <Read of={found} missing={<Empty>{t("block_missing")}</Empty>}>
        {(data) =>
          "height" in data ? (
            <>
              <Panel
                title={t("facts")}
                actions={
                  <>
                    <Link
                      className="button"
                      to={blockPath(chain, Math.max(0, data.height - 1))}
                      aria-disabled={data.height === 0}
                    >
                      {t("block_before")}
                    </Link>
                    <Link className="button" to={blockPath(chain, data.height + 1)}>
                      {t("block_after")}
                      <Icon name="next" />
                    </Link>
                    <Why
                      label={t("facts")}
                      of={{
                        statement: t("block_statement", { height: data.height, hash: data.hash }),
                        chain,
                        snapshot: data.snapshot,
                        path: found.path,
                        answer: { ...data, txs: data.txs.slice(0, 200) },
                      }}
                    />
                  </>
                }
              >
                <dl className="figures figures-first">
                  <div>
                    <dt>{t("height")}</dt>
                    <dd>
                      <Num n={data.height} />
                    </dd>
                  </div>
                  <div>
                    <dt>{t("common:time")}</dt>
                    <dd>
                      <When at={data.time} seconds />
                    </dd>
                  </div>
                  <div>
                    <dt>{t("txs")}</dt>
                    <dd>
                      <Num n={data.tx_count} />
                    </dd>
                  </div>
                  <div>
                    <dt>{t("out")}</dt>
                    <dd>
                      <Money units={data.output_sat} chain={chain} />{" "}
                      <span className="muted small">
                        {data.output_usd === null || data.output_usd === undefined ? null : (
                          <Dollars usd={data.output_usd} />
                        )}
                      </span>
                    </dd>
                  </div>
                  <div>
                    <dt>{t("hash")}</dt>
                    <dd>
                      <Hash value={data.hash} full />
                    </dd>
                  </div>
                </dl>
              </Panel>
              <Panel title={t("txs")}>
                <DataTable
                  dense
                  first={50}
                  caption={t("txs")}
                  rows={data.txs}
                  rowKey={(txid) => txid}
                  columns={[
                    {
                      id: "tx",
                      head: t("common:tx"),
                      isName: true,
                      cell: (txid) => <TxChip txid={txid} chain={chain} />,
                    },
                  ]}
                />
              </Panel>
            </>
          ) : (
            <Panel title={t("facts")}>
              <dl className="figures figures-first">
                <div>
                  <dt>{t("height")}</dt>
                  <dd>
                    <Num n={data.number} />
                  </dd>
                </div>
                <div>
                  <dt>{t("common:time")}</dt>
                  <dd>
                    <When at={data.time} seconds />
                  </dd>
                </div>
                <div>
                  <dt>{t("hash")}</dt>
                  <dd>{data.hash ? <Hash value={data.hash} full /> : null}</dd>
                </div>
              </dl>
            </Panel>
          )
        }
      </Read>
    </Page>
  );
}
