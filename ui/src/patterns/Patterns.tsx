// Typologies: which patterns there are, what each rests on and how often it was wrong where the truth is known, and the hits of the last kept run.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useGet } from "../api/query";
import { useCan } from "../api/session";
import { Num } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Dialog } from "../parts/Dialog";
import { Page, Panel } from "../parts/Page";
import { Read } from "../parts/states";
import type { components } from "../api/schema";
import { Hits } from "./Hits";
import { RunAgain } from "./RunAgain";
import { measuredOn, ratesOf, right, type Rate } from "./rates";
import "../theme/pages.css";
import "./patterns.css";

type Pattern = components["schemas"]["PatternView"];

export default function Patterns() {
  const { t, i18n } = useTranslation("patterns");
  const mayWrite = useCan("write");
  const [, setSearch] = useSearchParams();
  const [shown, setShown] = useState<Pattern | null>(null);
  const patterns = useGet("/v1/patterns");
  const isArabic = i18n.language === "ar";
  const title = (pattern: Pattern) => (isArabic ? pattern.title_ar : pattern.title);
  return (
    <Page
      title={t("title")}
      actions={
        mayWrite ? (
          <Link className="button" to="/watchlists">
            {t("watch")}
          </Link>
        ) : null
      }
    >
      <p className="muted">{t("about")}</p>
      <RunAgain />
      <Hits />
      <Panel title={t("catalogue")} note={t("measuredOn")}>
        <Read of={patterns}>
          {(data) => (
            <DataTable
              caption={t("catalogueCaption")}
              rows={data.patterns}
              rowKey={(row) => row.id}
              columns={[
                {
                  id: "row",
                  head: t("column.row"),
                  align: "end",
                  cell: (row) => <Num n={row.row} />,
                  sort: (row) => row.row,
                },
                {
                  id: "title",
                  head: t("column.pattern"),
                  isName: true,
                  sort: (row) => title(row),
                  cell: (row) => (
                    <>
                      <button type="button" className="link-button" onClick={() => setShown(row)}>
                        {title(row)}
                      </button>
                      <br />
                      <bdi dir="ltr" className="small muted mono">
                        {row.id}
                      </bdi>
                    </>
                  ),
                },
                {
                  id: "standing",
                  head: t("column.standing"),
                  cell: (row) => (
                    <span className={`standing standing-${row.standing}`}>{t(`standing.${row.standing}`)}</span>
                  ),
                  sort: (row) => row.standing,
                },
                {
                  id: "right",
                  head: t("column.right"),
                  align: "end",
                  cell: (row) => <RateView rate={ratesOf(row.id)?.hits} isMeasured={ratesOf(row.id)?.isMeasured} />,
                },
                {
                  id: "anchored",
                  head: t("column.anchored"),
                  align: "end",
                  cell: (row) => <RateView rate={ratesOf(row.id)?.anchored} isMeasured={ratesOf(row.id)?.isMeasured} />,
                },
                {
                  id: "found",
                  head: t("column.found"),
                  align: "end",
                  cell: (row) => (
                    <RateView rate={ratesOf(row.id)?.campaigns} isMeasured={ratesOf(row.id)?.isMeasured} />
                  ),
                },
                {
                  id: "hits",
                  head: <span className="hidden-visually">{t("column.hits")}</span>,
                  cell: (row) => (
                    <button
                      type="button"
                      className="button"
                      aria-label={`${t("column.hits")}: ${title(row)}`}
                      onClick={() => setSearch({ pattern: row.id })}
                    >
                      {t("column.hits")}
                    </button>
                  ),
                },
              ]}
            />
          )}
        </Read>
        <details>
          <summary>{t("worlds")}</summary>
          {measuredOn.map((set, at) => (
            <p key={at} className="small">
              {t("worldsOf", { ...set })} {set.isHeldAside ? t("heldAside") : null}
            </p>
          ))}
        </details>
      </Panel>
      {shown ? (
        <Dialog side isOpen onClose={() => setShown(null)} title={title(shown)}>
          <Rule pattern={shown} />
        </Dialog>
      ) : null}
    </Page>
  );
}

/** `14 of 14`, or that it was not measured, or that there was nothing to be right about. */
function RateView({ rate, isMeasured }: { rate: Rate | undefined; isMeasured: boolean | undefined }) {
  const { t } = useTranslation("patterns");
  if (!rate || !isMeasured) return <span className="muted small">{t("unmeasured")}</span>;
  if (rate.of === 0) return <span className="muted small">{t("noHits")}</span>;
  return <span className="cell-line">{t("of", { n: right(rate), of: rate.of })}</span>;
}

function Rule({ pattern }: { pattern: Pattern }) {
  const { t, i18n } = useTranslation("patterns");
  const isArabic = i18n.language === "ar";
  const rates = ratesOf(pattern.id);
  return (
    <div className="stack">
      <p>{isArabic ? pattern.about_ar : pattern.about}</p>
      <p className="small">{t("never")}</p>
      <h3>{t("rule.rates")}</h3>
      <p>
        {t(`standingLong.${pattern.standing}`)}
        {rates?.isMeasured && rates.hits.of > 0
          ? ` ${t("rule.ratesText", { right: right(rates.hits), hits: rates.hits.of, found: right(rates.campaigns), campaigns: rates.campaigns.of })}`
          : ""}
      </p>
      <h3>{t("rule.sources")}</h3>
      <ul className="plain-list">
        {pattern.sources.map((source) => (
          <li key={source} dir="auto" className="small">
            {source}
          </li>
        ))}
      </ul>
      <h3>{t("rule.requires")}</h3>
      <ul className="plain-list">
        {pattern.requires.map((each) => (
          <li key={each}>
            <bdi dir="ltr" className="mono">
              {each}
            </bdi>
          </li>
        ))}
      </ul>
      {pattern.guards.length > 0 ? (
        <>
          <h3>{t("rule.guards")}</h3>
          <ul className="plain-list">
            {pattern.guards.map((each) => (
              <li key={each}>
                <bdi dir="ltr" className="mono">
                  {each}
                </bdi>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <DataTable
        caption={t("rule.parameters")}
        showCaption
        dense
        rows={Object.entries(pattern.parameters)}
        rowKey={([name]) => name}
        columns={[
          {
            id: "name",
            head: t("rule.parameter"),
            isName: true,
            cell: ([name]) => (
              <bdi dir="ltr" className="mono">
                {name}
              </bdi>
            ),
          },
          {
            id: "value",
            head: t("rule.value"),
            align: "end",
            cell: ([, parameter]) =>
              parameter.value !== null && parameter.value !== undefined ? (
                <Num n={parameter.value} />
              ) : (
                <span className="small">
                  {parameter.names?.map((name) => t(`category.${name}`, { defaultValue: name })).join(" · ")}
                </span>
              ),
          },
          {
            id: "unit",
            head: t("rule.unit"),
            cell: ([, parameter]) => (parameter.unit ? t(`unit.${parameter.unit}`) : null),
          },
          {
            id: "source",
            head: t("rule.source"),
            cell: ([, parameter]) => (
              <span dir="auto" className="small">
                {parameter.source}
              </span>
            ),
          },
        ]}
      />
      <dl className="facts">
        <dt>{t("rule.version")}</dt>
        <dd>
          <bdi dir="ltr" className="mono">
            {pattern.version}
          </bdi>
        </dd>
      </dl>
    </div>
  );
}
