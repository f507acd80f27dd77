// Where a campaign was published, what ties its parts, and what only reports it. What reports is kept apart: it ties nothing.
import { useTranslation } from "react-i18next";
import { useSaid } from "../i18n/said";
import { AddressChip, Num, Share, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Panel } from "../parts/Page";
import { Why } from "../parts/Why";
import { Sentence } from "../parts/Sentence";
import type { Campaign, UnitRef } from "./read";

function useUnit() {
  const { t } = useTranslation("campaigns");
  return (unit: UnitRef) =>
    unit.message ? t("unitMessage", { item: unit.item, message: unit.message }) : t("unit", { item: unit.item });
}

export function Published({ campaign, path }: { campaign: Campaign; path: string }) {
  const { t } = useTranslation("campaigns");
  const say = useSaid();
  const unit = useUnit();
  return (
    <>
      <Panel title={t("published.title")}>
        <DataTable
          caption={t("published.caption")}
          rows={campaign.timeline}
          rowKey={(row, at) => `${row.at.time}-${at}`}
          columns={[
            {
              id: "day",
              head: t("published.day"),
              sort: (row) => row.at.time,
              cell: (row) => (
                <>
                  <When at={row.at.day} day /> <span className="small muted">{t(`dated.${row.at.source}`)}</span>
                </>
              ),
            },
            {
              id: "place",
              head: t("published.place"),
              isName: true,
              sort: (row) => row.place.name,
              cell: (row) => (
                <>
                  <span className="small muted">{t(`place.${row.place.kind}`)}</span>{" "}
                  <bdi className="wraps">{row.place.name}</bdi> <span className="small muted">{unit(row.at.unit)}</span>
                </>
              ),
            },
            {
              id: "asks",
              head: t("published.asks"),
              cell: (row) => t(row.solicits ? "published.yes" : "published.no"),
            },
            {
              id: "score",
              head: t("published.score"),
              align: "end",
              cell: (row) => <Num n={row.score} />,
              sort: (row) => row.score,
            },
            {
              id: "new",
              head: t("published.new"),
              cell: (row) =>
                row.addresses_new.map((address) => <AddressChip key={address} address={address} copy={false} />),
            },
            {
              id: "again",
              head: t("published.again"),
              cell: (row) =>
                row.addresses_again.map((address) => <AddressChip key={address} address={address} copy={false} />),
            },
          ]}
        />
      </Panel>
      <Panel title={t("why.title")}>
        <DataTable
          caption={t("why.caption")}
          rows={campaign.ties}
          rowKey={(row, at) => `${row.kind}-${row.value}-${at}`}
          empty={<p className="muted">{t("why.none")}</p>}
          columns={[
            { id: "kind", head: t("why.kind"), cell: (row) => t(`kind.${row.kind}`), sort: (row) => row.kind },
            {
              id: "value",
              head: t("why.value"),
              isName: true,
              cell: (row) =>
                row.kind === "address" ? (
                  <AddressChip address={row.value} copy={false} />
                ) : (
                  <bdi className="wraps">{row.value}</bdi>
                ),
            },
            {
              id: "units",
              head: t("why.units"),
              align: "end",
              cell: (row) => <Num n={row.units_total} />,
              sort: (row) => row.units_total,
            },
            {
              id: "places",
              head: t("why.places"),
              align: "end",
              cell: (row) => <Num n={row.places_total} />,
              sort: (row) => row.places_total,
            },
            {
              id: "words",
              head: t("why.words"),
              cell: (row) => (
                <span className="row">
                  <span className="small">{row.units.map(unit).join(t("join"))}</span>
                  <Why
                    label={row.value}
                    of={{
                      statement: `${t(`kind.${row.kind}`)}: ${row.value} (${row.units.map(unit).join(t("join"))})`,
                      text: <Sentence text={say(row.words)} />,
                      snapshot: campaign.snapshot,
                      path,
                      answer: row,
                    }}
                  />
                </span>
              ),
            },
          ]}
        />
        {campaign.values.length > 0 ? (
          <DataTable
            caption={t("also.caption")}
            showCaption
            dense
            rows={campaign.values}
            rowKey={(row, at) => `${row.kind}-${row.value}-${at}`}
            columns={[
              { id: "kind", head: t("why.kind"), cell: (row) => t(`kind.${row.kind}`) },
              {
                id: "value",
                head: t("why.value"),
                isName: true,
                cell: (row) => <bdi className="wraps">{row.value}</bdi>,
              },
              { id: "first", head: t("texts.first"), cell: (row) => <When at={row.first.day} day /> },
              { id: "units", head: t("why.units"), align: "end", cell: (row) => <Num n={row.units_total} /> },
            ]}
          />
        ) : null}
        {campaign.left_out.length > 0 ? (
          <DataTable
            caption={t("left.caption")}
            showCaption
            dense
            rows={campaign.left_out}
            rowKey={(row, at) => `${row.value}-${at}`}
            columns={[
              { id: "kind", head: t("why.kind"), cell: (row) => t(`kind.${row.kind}`) },
              {
                id: "value",
                head: t("why.value"),
                isName: true,
                cell: (row) => <bdi className="wraps">{row.value}</bdi>,
              },
              {
                id: "why",
                head: t("left.why"),
                cell: (row) => (
                  <bdi>
                    <Sentence text={say(row.why)} />
                  </bdi>
                ),
              },
            ]}
          />
        ) : null}
      </Panel>
      <div className="two">
        <Panel title={t("mentions.title")} note={t("mentions.about")}>
          <DataTable
            caption={t("mentions.caption")}
            rows={campaign.mentions}
            rowKey={(row, at) => `${row.at.unit.item}-${at}`}
            empty={<p className="muted">{t("mentions.none")}</p>}
            columns={[
              { id: "unit", head: t("published.place"), isName: true, cell: (row) => unit(row.at.unit) },
              { id: "kind", head: t("why.kind"), cell: (row) => t(`mentions.${row.kind}`) },
              {
                id: "day",
                head: t("published.day"),
                cell: (row) => (
                  <>
                    <When at={row.at.day} day /> <span className="small muted">{t(`dated.${row.at.source}`)}</span>
                  </>
                ),
              },
            ]}
          />
        </Panel>
        <Panel title={t("texts.title")}>
          <DataTable
            caption={t("texts.caption")}
            dense
            rows={campaign.texts}
            rowKey={(_, at) => at}
            columns={[
              { id: "unit", head: t("texts.text"), isName: true, cell: (row) => row.units.map(unit).join(t("join")) },
              { id: "first", head: t("texts.first"), cell: (row) => <When at={row.first.day} day /> },
              { id: "units", head: t("texts.units"), align: "end", cell: (row) => <Num n={row.units_total} /> },
              {
                id: "similar",
                head: t("texts.similar"),
                align: "end",
                cell: (row) => <Share part={row.similarity_min} />,
              },
            ]}
          />
          {campaign.pictures.length > 0 ? (
            <DataTable
              caption={t("texts.picture")}
              showCaption
              dense
              rows={campaign.pictures}
              rowKey={(row) => row.hash}
              columns={[
                {
                  id: "hash",
                  head: t("texts.picture"),
                  isName: true,
                  cell: (row) => <bdi className="mono wraps">{row.hash}</bdi>,
                },
                { id: "first", head: t("texts.first"), cell: (row) => <When at={row.first.day} day /> },
                { id: "units", head: t("texts.units"), align: "end", cell: (row) => <Num n={row.units_total} /> },
              ]}
            />
          ) : null}
        </Panel>
      </div>
      {campaign.co_publications.length > 0 ? (
        <Panel title={t("together.title")}>
          <DataTable
            caption={t("together.caption")}
            rows={campaign.co_publications}
            rowKey={(row) => row.value}
            columns={[
              { id: "value", head: t("why.value"), isName: true, cell: (row) => <AddressChip address={row.value} /> },
              { id: "n", head: t("why.places"), align: "end", cell: (row) => <Num n={row.places_total} /> },
              {
                id: "places",
                head: t("column.places"),
                cell: (row) => <bdi className="wraps">{row.places.map(([place]) => place.name).join(" · ")}</bdi>,
              },
            ]}
          />
        </Panel>
      ) : null}
      {campaign.rotations.length > 0 ? (
        <Panel title={t("rotation.title")}>
          <DataTable
            caption={t("rotation.caption")}
            rows={campaign.rotations.flatMap((rotation) =>
              rotation.addresses.map((address) => ({ place: rotation.place.name, ...address })),
            )}
            rowKey={(row, at) => `${row.value}-${at}`}
            columns={[
              { id: "place", head: t("published.place"), cell: (row) => <bdi className="wraps">{row.place}</bdi> },
              {
                id: "value",
                head: t("addresses.address"),
                isName: true,
                cell: (row) => <AddressChip address={row.value} />,
              },
              { id: "first", head: t("column.first"), cell: (row) => <When at={row.first.day} day /> },
              { id: "last", head: t("column.last"), cell: (row) => <When at={row.last.day} day /> },
            ]}
          />
        </Panel>
      ) : null}
    </>
  );
}
