// The page of one campaign: what came in and when the first of it did, its addresses, where and when it was published, why it is one campaign,
// and apart from all that what only reports it.
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useGet } from "../api/query";
import { dayOf, digits, dollars, moment } from "../format/numbers";
import { useSaid } from "../i18n/said";
import { AddressChip, Dollars, Money, Num, TxChip, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Page, Panel } from "../parts/Page";
import { PinToCase } from "../parts/PinToCase";
import { Read } from "../parts/states";
import { Why } from "../parts/Why";
import { Sentence } from "../parts/Sentence";
import { useSettings } from "../prefs";
import { MonthChart } from "./MonthChart";
import { Published } from "./Published";
import { monthsOf, type Campaign as View, type Sum } from "./read";
import "../theme/pages.css";
import "./campaigns.css";

export default function Campaign() {
  const { t } = useTranslation("campaigns");
  const say = useSaid();
  const { id = "" } = useParams();
  const campaign = useGet("/v1/campaigns/{id}", { path: { id } });
  return (
    <Page
      title={t("page.title", { id })}
      actions={
        <>
          <Link className="button" to="/campaigns">
            {t("page.all")}
          </Link>
          <PinToCase subject={{ kind: "campaign", chain: null, value: id }} />
        </>
      }
    >
      <p className="muted">{t("page.sentence")}</p>
      <Read of={campaign}>
        {(data) => (
          <>
            {data.former_ids.length > 0 ? (
              <p className="small muted">
                {t("page.former")}: <bdi dir="ltr">{data.former_ids.join(", ")}</bdi>
              </p>
            ) : null}
            <CameIn campaign={data} path={campaign.path} />
            <Months campaign={data} />
            <Addresses campaign={data} path={campaign.path} />
            <Published campaign={data} path={campaign.path} />
            {data.chains_missing.length > 0 ? (
              <p className="warn">{t("chainsMissing", { value: data.chains_missing.join(", ") })}</p>
            ) : null}
            {data.notes.length > 0 ? (
              <Panel title={t("notes")}>
                {data.notes.map((note) => (
                  <p key={note.en}>
                    <Sentence text={say(note)} />
                  </p>
                ))}
              </Panel>
            ) : null}
          </>
        )}
      </Read>
    </Page>
  );
}

function Figure({
  title,
  sum,
  since,
  sinceTitle,
  note,
  why,
}: {
  title: string;
  sum: Sum;
  since: number | null;
  sinceTitle: string;
  note?: string;
  why: React.ReactNode;
}) {
  const { t } = useTranslation("campaigns");
  return (
    <div className="figure">
      <span className="muted small">{title}</span>
      <span className="figure-value">
        <Dollars usd={sum.usd} /> {why}
      </span>
      <span className="small">{t("sum.payments", { n: sum.count })}</span>
      <span className="small">
        {sinceTitle}: <Dollars usd={since} />
      </span>
      {sum.is_partly_unpriced ? <span className="small">{t("sum.unpriced")}</span> : null}
      {sum.truncated ? <span className="small">{t("sum.truncated")}</span> : null}
      {note ? <span className="small muted">{note}</span> : null}
    </div>
  );
}

function CameIn({ campaign, path }: { campaign: View; path: string }) {
  const { t } = useTranslation("campaigns");
  const set = useSettings();
  const first = campaign.first_donation;
  const txids = campaign.chain_addresses.flatMap((each) => {
    const receipt = each.on_chain?.received.first_since_publication;
    return receipt ? [receipt.txid] : [];
  });
  return (
    <Panel title={t("sum.title")}>
      <div className="three">
        <Figure
          title={t("sum.addresses")}
          sum={campaign.received}
          since={campaign.received.since_publication_usd}
          sinceTitle={t("sum.addressesSince")}
          why={
            <Why
              label={t("sum.addresses")}
              of={() => ({
                statement: t("page.receivedStatement", {
                  id: campaign.id,
                  usd: campaign.received.usd === null ? "?" : dollars(campaign.received.usd, set),
                  n: campaign.received.count,
                }),
                text: t("page.sentence"),
                txids,
                truncated: true,
                snapshot: campaign.snapshot,
                path,
                answer: { id: campaign.id, received: campaign.received, chain_addresses: campaign.chain_addresses },
              })}
            />
          }
        />
        <Figure
          title={t("sum.entities")}
          sum={campaign.received_with_entities}
          since={campaign.received_with_entities.since_publication_usd}
          sinceTitle={t("sum.entitiesSince")}
          note={t("sum.entitiesWhy")}
          why={
            <Why
              label={t("sum.entities")}
              of={() => ({
                statement: `${t("sum.entities")}: USD ${campaign.received_with_entities.usd === null ? "?" : dollars(campaign.received_with_entities.usd, set)}`,
                text: t("sum.entitiesWhy"),
                snapshot: campaign.snapshot,
                path,
                answer: { id: campaign.id, received_with_entities: campaign.received_with_entities },
              })}
            />
          }
        />
        <div className="figure">
          <span className="muted small">{t("donation.title")}</span>
          {first ? (
            <>
              <span className="figure-value">
                <When at={first.receipt.time} />{" "}
                <Why
                  label={t("donation.title")}
                  of={() => ({
                    statement: t("page.firstStatement", {
                      address: first.address,
                      published: dayOf(first.published, set),
                      time: dayOf(first.receipt.time, set),
                    }),
                    chain: first.chain,
                    text: t("page.sentence"),
                    txids: [first.receipt.txid],
                    snapshot: campaign.snapshot,
                    path,
                    answer: first,
                  })}
                />
              </span>
              <span className="small">
                {t("donation.text", { published: dayOf(first.published, set), time: moment(first.receipt.time, set) })}
              </span>
              <span className="small muted">{t(`dated.${first.published_dated}`)}</span>
              <span>
                <Money
                  units={first.receipt.amount.units}
                  chain={first.chain}
                  {...(first.receipt.amount.asset.decimals === null
                    ? {}
                    : { decimals: first.receipt.amount.asset.decimals })}
                />{" "}
                (<Dollars usd={first.receipt.amount.usd} />)
              </span>
              <TxChip txid={first.receipt.txid} chain={first.chain} />
              <span className="small muted">
                {first.receipts_before > 0
                  ? t("donation.before", { n: first.receipts_before })
                  : t("donation.beforeNone")}
              </span>
            </>
          ) : (
            <span>{t("donation.none")}</span>
          )}
        </div>
      </div>
    </Panel>
  );
}

function Months({ campaign }: { campaign: View }) {
  const { t } = useTranslation("campaigns");
  const set = useSettings();
  const months = monthsOf(campaign.received);
  const withEntities = monthsOf(campaign.received_with_entities);
  const names = [...new Set([...months, ...withEntities].map((month) => month.month))].sort();
  const rows = names.map((name) => ({
    name,
    own: months.find((month) => month.month === name),
    entity: withEntities.find((month) => month.month === name),
  }));
  if (rows.length === 0) return null;
  return (
    <Panel title={t("months.title")}>
      <MonthChart months={months} withEntities={withEntities} />
      <DataTable
        caption={t("months.caption")}
        dense
        rows={rows}
        rowKey={(row) => row.name}
        columns={[
          {
            id: "month",
            head: t("column.month"),
            isName: true,
            cell: (row) => <bdi dir="ltr">{digits(row.name, set)}</bdi>,
            sort: (row) => row.name,
          },
          {
            id: "n",
            head: t("column.count"),
            align: "end",
            cell: (row) => <Num n={row.own?.count ?? 0} />,
            sort: (row) => row.own?.count ?? 0,
          },
          {
            id: "usd",
            head: t("months.addresses"),
            align: "end",
            cell: (row) => (row.own ? <Dollars usd={row.own.usd} /> : <Num n={0} />),
            sort: (row) => row.own?.usd ?? null,
          },
          { id: "ne", head: t("column.count"), align: "end", cell: (row) => <Num n={row.entity?.count ?? 0} /> },
          {
            id: "usde",
            head: t("months.entities"),
            align: "end",
            cell: (row) => (row.entity ? <Dollars usd={row.entity.usd} /> : <Num n={0} />),
            sort: (row) => row.entity?.usd ?? null,
          },
        ]}
      />
    </Panel>
  );
}

function Addresses({ campaign, path }: { campaign: View; path: string }) {
  const { t } = useTranslation("campaigns");
  const set = useSettings();
  return (
    <Panel title={t("addresses.title")}>
      <DataTable
        caption={t("addresses.caption")}
        rows={campaign.chain_addresses}
        rowKey={(row) => `${row.chain}:${row.address}`}
        columns={[
          {
            id: "address",
            head: t("addresses.address"),
            isName: true,
            cell: (row) => (
              <span className="row">
                <AddressChip address={row.address} chain={row.chain} />
                <Why
                  label={row.address}
                  of={() => ({
                    statement: t("page.addressStatement", {
                      address: row.address,
                      id: campaign.id,
                      published: dayOf(row.published, set),
                    }),
                    chain: row.chain,
                    text: t("page.sentence"),
                    txids: row.on_chain?.received.first_since_publication
                      ? [row.on_chain.received.first_since_publication.txid]
                      : [],
                    snapshot: campaign.snapshot,
                    path,
                    answer: row,
                  })}
                />
              </span>
            ),
          },
          {
            id: "published",
            head: t("addresses.published"),
            sort: (row) => row.published,
            cell: (row) => (
              <>
                <When at={row.published} day /> <span className="small muted">{t(`dated.${row.published_dated}`)}</span>
                {row.zone_known ? null : <span className="small muted"> {t("zoneUnknown")}</span>}
              </>
            ),
          },
          {
            id: "received",
            head: t("addresses.received"),
            align: "end",
            sort: (row) => row.on_chain?.received.total.usd ?? null,
            cell: (row) =>
              row.on_chain ? (
                <span className="figure">
                  {row.on_chain.received.total.amounts.map((amount) => (
                    <Money
                      key={amount.asset.id}
                      units={amount.units}
                      chain={row.chain}
                      {...(amount.asset.decimals === null ? {} : { decimals: amount.asset.decimals })}
                      {...(amount.asset.symbol === null ? {} : { symbol: amount.asset.symbol })}
                    />
                  ))}
                  <span className="small muted">
                    <Dollars usd={row.on_chain.received.total.usd} />
                  </span>
                </span>
              ) : (
                <span className="small muted">{t("addresses.unknown")}</span>
              ),
          },
          {
            id: "before",
            head: t("addresses.before"),
            align: "end",
            cell: (row) =>
              row.on_chain?.received.before_publication ? (
                <Dollars usd={row.on_chain.received.before_publication.usd} />
              ) : null,
          },
          {
            id: "since",
            head: t("addresses.since"),
            align: "end",
            cell: (row) =>
              row.on_chain?.received.since_publication ? (
                <Dollars usd={row.on_chain.received.since_publication.usd} />
              ) : null,
          },
          {
            id: "entity",
            head: t("addresses.entity"),
            cell: (row) => {
              if (!row.on_chain) return null;
              if (row.on_chain.custody) return <span className="small">{t("addresses.custody")}</span>;
              if (row.on_chain.entity_left_out) return <span className="small">{t("addresses.leftOut")}</span>;
              return row.on_chain.entity_size !== null ? t("addresses.size", { n: row.on_chain.entity_size }) : null;
            },
          },
          {
            id: "labels",
            head: t("addresses.labels"),
            cell: (row) => <bdi dir="auto">{row.on_chain?.labels.join("; ")}</bdi>,
          },
        ]}
      />
    </Panel>
  );
}
