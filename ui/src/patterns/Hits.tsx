// Hits that the last kept run of the patterns found. A hit is a shape with its proof: its words, its figures with the limits of the rule, its guards
// and what corroborates it stand together.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useGet } from "../api/query";
import { useSaid } from "../i18n/said";
import { AddressChip, Dollars, Hash, Money, Num, TxChip, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Choice, Field } from "../parts/Field";
import { Panel } from "../parts/Page";
import { Severity } from "../parts/Severity";
import { Empty, Read } from "../parts/states";
import { Why } from "../parts/Why";
import { Sentence } from "../parts/Sentence";
import type { components } from "../api/schema";
import { usePatternNames } from "./names";
import { ratesOf, right } from "./rates";

type Hit = components["schemas"]["PatternHitView"];
const PAGE = 25;

export function Hits() {
  const { t, i18n } = useTranslation("patterns");
  const name = usePatternNames();
  const [search, setSearch] = useSearchParams();
  const asked = {
    pattern: search.get("pattern") ?? "",
    min_severity: search.get("min_severity") ?? "",
    address: search.get("address") ?? "",
  };
  const [limit, setLimit] = useState(PAGE);
  const catalogue = useGet("/v1/patterns");
  const hits = useGet("/v1/patterns/hits", { query: { ...asked, limit }, keep: true });
  const isArabic = i18n.language === "ar";
  const go = (change: Partial<typeof asked>) => {
    const next = { ...asked, ...change };
    const params = new URLSearchParams();
    for (const [field, value] of Object.entries(next)) if (value !== "") params.set(field, value);
    setLimit(PAGE);
    setSearch(params);
  };
  const rateWords = (id: string) => {
    const rates = ratesOf(id);
    return rates?.isMeasured && rates.hits.of > 0
      ? t("rule.ratesText", {
          right: right(rates.hits),
          hits: rates.hits.of,
          found: right(rates.campaigns),
          campaigns: rates.campaigns.of,
        })
      : t("standingLong.unmeasured");
  };
  return (
    <Panel title={t("hits")} note={t("never")}>
      <form
        className="filter-bar filter-wide"
        onSubmit={(event) => {
          event.preventDefault();
          go({ address: String(new FormData(event.currentTarget).get("address") ?? "").trim() });
        }}
      >
        <Choice
          label={t("column.pattern")}
          value={asked.pattern}
          onChange={(event) => go({ pattern: event.target.value })}
          options={[
            { value: "", text: t("any") },
            ...(catalogue.data?.patterns ?? []).map((each) => ({
              value: each.id,
              text: isArabic ? each.title_ar : each.title,
            })),
          ]}
        />
        <Choice
          label={t("atLeast")}
          value={asked.min_severity}
          onChange={(event) => go({ min_severity: event.target.value })}
          options={[
            { value: "", text: t("any") },
            ...["severe", "high", "medium", "low"].map((level) => ({ value: level, text: t(`level.${level}`) })),
          ]}
        />
        <Field
          key={asked.address}
          label={t("address")}
          name="address"
          ltr
          maxLength={256}
          defaultValue={asked.address}
        />
        <button type="submit" className="button">
          {t("show")}
        </button>
      </form>
      <Read of={hits} missing={<Empty>{t("none")}</Empty>}>
        {(data) => (
          <div className="stack">
            <p className="small muted" role="status">
              {t("shown", { n: data.hits.length, total: data.total, height: data.tip_height })}
            </p>
            <DataTable
              caption={t("hitsCaption")}
              rows={data.hits}
              rowKey={(row) => row.id}
              empty={<Empty>{t("none")}</Empty>}
              columns={[
                {
                  id: "severity",
                  head: t("column.severity"),
                  cell: (row) => <Severity level={row.severity} />,
                  sort: (row) => ["none", "low", "medium", "high", "severe"].indexOf(row.severity),
                },
                {
                  id: "subject",
                  head: t("column.subject"),
                  isName: true,
                  cell: (row) => (
                    <span className="figure">
                      <Subject hit={row} />
                      <span className="small muted">{name(row.pattern)}</span>
                    </span>
                  ),
                },
                {
                  id: "linked",
                  head: t("column.linked"),
                  align: "end",
                  sort: (row) => row.linked_usd,
                  cell: (row) => (
                    <span className="figure">
                      {row.asset === "BTC" || row.linked_sat !== null ? (
                        <Money units={row.linked_units} chain={row.chain} />
                      ) : (
                        <bdi dir="ltr">{row.asset}</bdi>
                      )}
                      <span className="small muted">
                        <Dollars usd={row.linked_usd} />
                      </span>
                    </span>
                  ),
                },
                {
                  id: "when",
                  head: t("column.when"),
                  sort: (row) => row.start,
                  cell: (row) => (
                    <span className="cell-line small">
                      <When at={row.start} day /> – <When at={row.end} day />
                    </span>
                  ),
                },
                {
                  id: "standing",
                  head: t("column.standing"),
                  cell: (row) => (
                    <span className={`standing standing-${row.standing}`}>{t(`standing.${row.standing}`)}</span>
                  ),
                },
                {
                  id: "why",
                  head: t("column.why"),
                  cell: (row) => (
                    <Why
                      label={row.id}
                      of={() => ({
                        statement: `${isArabic ? row.why_ar : row.why} ${t("never")}`,
                        chain: row.chain,
                        text: <Proof hit={row} />,
                        txids: row.txids.slice(0, 50),
                        truncated: row.txids.length > 50 || row.more_txids > 0,
                        rate: rateWords(row.pattern),
                        snapshot: row.snapshot,
                        path: hits.path,
                        answer: row,
                      })}
                    />
                  ),
                },
              ]}
            />
            {data.hits.length < data.total && limit < 10_000 ? (
              <div className="row">
                <button type="button" className="button" onClick={() => setLimit(Math.min(10_000, limit * 4))}>
                  {t("more")}
                </button>
              </div>
            ) : null}
          </div>
        )}
      </Read>
    </Panel>
  );
}

function Subject({ hit }: { hit: Hit }) {
  if (hit.subject_kind === "transaction") return <TxChip txid={hit.subject} chain={hit.chain} />;
  if (hit.subject_kind === "text") return <Hash value={hit.subject} copy={false} />;
  return <AddressChip address={hit.subject} chain={hit.chain} />;
}

/** Figures with their limits, guards, what corroborates, and what capped the severity. */
function Proof({ hit }: { hit: Hit }) {
  const { t } = useTranslation("patterns");
  const say = useSaid();
  return (
    <div className="stack">
      {hit.capped_by ? (
        <p className="warn small">
          {t("capped", {
            from: t(`level.${hit.uncapped_severity}`, { defaultValue: hit.uncapped_severity }),
            by: hit.capped_by,
          })}
        </p>
      ) : null}
      <DataTable
        caption={t("values")}
        showCaption
        dense
        rows={hit.values}
        rowKey={(row) => row.measure}
        columns={[
          {
            id: "measure",
            head: t("measure"),
            isName: true,
            cell: (row) => (
              <bdi dir="ltr" className="mono">
                {row.measure}
              </bdi>
            ),
          },
          {
            id: "value",
            head: t("rule.value"),
            align: "end",
            cell: (row) => (row.unit === "time" ? <When at={row.value} day /> : <Num n={row.value} />),
          },
          { id: "unit", head: t("rule.unit"), cell: (row) => t(`unit.${row.unit}`) },
          {
            id: "limit",
            head: t("limit"),
            cell: (row) =>
              row.limit !== null && row.limit !== undefined ? (
                <bdi dir="ltr" className="mono">
                  {row.op} {row.limit}
                </bdi>
              ) : null,
          },
        ]}
      />
      {hit.guards.length > 0 ? (
        <ul className="plain-list small">
          {hit.guards.map((guard) => (
            <li key={guard.id}>
              <bdi dir="ltr" className="mono">
                {guard.id}
              </bdi>
              : {t(`guard.${guard.result}`)}
            </li>
          ))}
        </ul>
      ) : null}
      {hit.corroboration.length > 0 ? (
        <div>
          <h3>{t("corroboration")}</h3>
          <ul className="plain-list small">
            {hit.corroboration.map((each, at) => (
              <li key={at}>
                <strong>{t(`anchor.${each.anchor}`)}</strong>{" "}
                <bdi className="wraps">
                  <Sentence text={say(each.what)} />
                </bdi>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {hit.notes.map((note, at) => (
        <p key={at} className="small">
          <Sentence text={say(note)} />
        </p>
      ))}
    </div>
  );
}
