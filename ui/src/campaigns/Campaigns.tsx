// Campaigns as a picture over time, and as a table that says the same.
import { useQueries } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call, pathOf } from "../api/client";
import { useGet } from "../api/query";
import { useSaid, type Bilingual } from "../i18n/said";
import { AddressChip, Dollars, Num, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Page, Panel } from "../parts/Page";
import { Empty, Read } from "../parts/states";
import { Why } from "../parts/Why";
import { Sentence } from "../parts/Sentence";
import { CampaignMap } from "./CampaignMap";
import { spanOf } from "./layout";
import { laneOf, timesOf, type Campaign, type Line } from "./read";
import "../theme/pages.css";
import "./campaigns.css";

/** Lanes of the picture: each is a question of its own to the service. */
const LANES_MOST = 16;

export default function Campaigns() {
  const { t } = useTranslation("campaigns");
  const campaigns = useGet("/v1/campaigns", { query: { limit: 500 } });
  return (
    <Page title={t("title")}>
      <p className="muted">{t("about")}</p>
      <Read of={campaigns}>
        {(data) =>
          data.campaigns.length === 0 ? (
            <Empty action={<Link to="/imports">{t("toImports")}</Link>}>
              {t("none")} {t("noneHint")}
            </Empty>
          ) : (
            <Loaded
              lines={data.campaigns}
              total={data.total}
              quoting={data.quoting}
              notes={data.notes}
              snapshot={data.snapshot}
              path={campaigns.path}
            />
          )
        }
      </Read>
    </Page>
  );
}

function Loaded({
  lines,
  total,
  quoting,
  notes,
  snapshot,
  path,
}: {
  lines: Line[];
  total: number;
  quoting: number;
  notes: Bilingual[];
  snapshot: string;
  path: string;
}) {
  const { t } = useTranslation("campaigns");
  const say = useSaid();
  const shown = lines.slice(0, LANES_MOST);
  const details = useQueries({
    queries: shown.map((line) => {
      const each = pathOf("/v1/campaigns/{id}", { id: line.id });
      return {
        queryKey: [each],
        queryFn: ({ signal }: { signal: AbortSignal }) => call<Campaign>("GET", each, { signal }),
      };
    }),
  });
  const both = shown.map((line, at) => ({ line, campaign: details[at]?.data }));
  const span = spanOf(timesOf(both));
  const received = (line: Line) => both.find((each) => each.line.id === line.id)?.campaign?.received ?? null;
  return (
    <>
      <Panel title={t("map.title")} note={t("map.about")}>
        {span ? (
          <CampaignMap lanes={both.map(({ line, campaign }) => laneOf(line, campaign))} span={span} total={total} />
        ) : null}
      </Panel>
      <Panel title={t("table")}>
        <DataTable
          caption={t("tableCaption")}
          rows={lines}
          rowKey={(row) => row.id}
          columns={[
            {
              id: "id",
              head: t("column.campaign"),
              isName: true,
              cell: (row) => (
                <span className="cell-line">
                  <Link to={`/campaigns/${row.id}`}>
                    <bdi dir="ltr" className="mono">
                      {row.id}
                    </bdi>
                  </Link>
                  <Why
                    label={row.id}
                    of={{
                      statement: t("page.statement", {
                        id: row.id,
                        units: row.units,
                        addresses: row.addresses_total,
                        day: row.first.slice(0, 10),
                      }),
                      text: t("about"),
                      snapshot,
                      path,
                      answer: row,
                    }}
                  />
                </span>
              ),
            },
            {
              id: "first",
              head: t("column.first"),
              cell: (row) => (
                <>
                  <When at={row.first} day /> <span className="small muted">{t(`dated.${row.first_dated}`)}</span>
                </>
              ),
              sort: (row) => row.first,
            },
            {
              id: "units",
              head: t("column.units"),
              align: "end",
              cell: (row) => <Num n={row.units} />,
              sort: (row) => row.units,
            },
            {
              id: "soliciting",
              head: t("column.soliciting"),
              align: "end",
              cell: (row) => <Num n={row.soliciting} />,
              sort: (row) => row.soliciting,
            },
            {
              id: "addresses",
              head: t("column.addresses"),
              sort: (row) => row.addresses_total,
              cell: (row) => (
                <>
                  {row.addresses.slice(0, 2).map((address) => (
                    <AddressChip key={address} address={address} copy={false} />
                  ))}
                  {row.addresses_total > 2 ? (
                    <span className="small muted"> {t("and", { n: row.addresses_total - 2 })}</span>
                  ) : null}
                </>
              ),
            },
            {
              id: "received",
              head: t("column.received"),
              align: "end",
              sort: (row) => received(row)?.usd ?? null,
              cell: (row) => {
                const sum = received(row);
                return sum ? (
                  <Dollars usd={sum.usd} />
                ) : (
                  <Link to={`/campaigns/${row.id}`}>{t("column.received")}</Link>
                );
              },
            },
            {
              id: "languages",
              head: t("column.languages"),
              cell: (row) =>
                row.languages.map(([language]) => t(`language.${language}`, { defaultValue: language })).join(" · "),
            },
            {
              id: "places",
              head: t("column.places"),
              cell: (row) => <bdi className="cell-wide small">{row.places.slice(0, 3).join(" · ")}</bdi>,
            },
          ]}
        />
        <p className="small muted">{t("quoting", { n: quoting })}</p>
        {notes.map((note) => (
          <p key={note.en} className="small muted">
            <Sentence text={say(note)} />
          </p>
        ))}
      </Panel>
    </>
  );
}
