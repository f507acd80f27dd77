// What is known of the subject beside the chain: official lists, sightings in collected texts, and typologies that it
// takes part in.
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useGet } from "../api/query";
import { DataTable, Empty, Money, Num, Panel, Read, Sentence, Severity, TxChip, When, Why } from "../parts";
import { levelRank } from "../parts/Severity";
import { usePatternNames } from "../patterns/names";
import { useSettings } from "../prefs";
import type { Asked } from "./Subject";

export function ListsPanel({ asked }: { asked: Asked }) {
  const { t } = useTranslation("subject");
  const lists = useGet("/v1/lists/find", { query: { value: asked.address } });
  return (
    <Panel id="lists" title={t("part.lists")}>
      <Read of={lists} missing={<Empty>{t("lists.none")}</Empty>}>
        {(data) => (
          <DataTable
            caption={t("part.lists")}
            rows={data.found}
            rowKey={(entry) => `${entry.list} ${entry.id}`}
            empty={<Empty>{t("lists.none")}</Empty>}
            columns={[
              {
                id: "name",
                head: t("lists.entry"),
                isName: true,
                cell: (e) => (
                  <Link to={`/lists?list=${encodeURIComponent(e.list)}&id=${encodeURIComponent(e.id)}`}>
                    <bdi>{e.name ?? e.id}</bdi>
                  </Link>
                ),
              },
              { id: "list", head: t("lists.list"), cell: (e) => <bdi>{e.title}</bdi> },
              { id: "programs", head: t("lists.programs"), cell: (e) => <bdi>{e.programs.join(", ")}</bdi> },
              { id: "since", head: t("lists.since"), cell: (e) => <When at={e.listed_on} day /> },
              {
                id: "why",
                head: t("common:why"),
                isOnScreen: true,
                cell: (e) => (
                  <Why
                    label={e.name ?? e.id}
                    of={() => ({
                      statement: t("lists.statement", { address: asked.address, name: e.name ?? e.id, title: e.title }),
                      chain: asked.chain,
                      snapshot: data.snapshot,
                      path: lists.path,
                      answer: e,
                    })}
                  />
                ),
              },
            ]}
          />
        )}
      </Read>
    </Panel>
  );
}

/** A reason of a score, as the service gives it. */
interface Scored {
  entry: string;
  kind: string;
  points: number;
  words: string;
}

export function SightingsPanel({ asked }: { asked: Asked }) {
  const { t } = useTranslation("subject");
  const sightings = useGet("/v1/sightings", { query: { value: asked.address, limit: 50 } });
  return (
    <Panel id="sightings" title={t("part.sightings")} note={t("sightings.note")}>
      <Read of={sightings} missing={<Empty>{t("sightings.none")}</Empty>}>
        {(data) =>
          data.sightings.length === 0 ? (
            <Empty>{t("sightings.none")}</Empty>
          ) : (
            <ul className="sightings">
              {data.sightings.map((one) => (
                <li key={one.id} className="sighting">
                  <div className="row small">
                    <span className={one.solicitation.solicits ? "mark mark-strong" : "mark"}>
                      {one.solicitation.solicits ? t("sightings.solicits") : t("sightings.mentions")}
                    </span>
                    <When at={one.time} />
                    <span className="muted">{t(`sightings.dated.${one.dated}`, { defaultValue: one.dated })}</span>
                    {one.channel ? <bdi>{one.channel}</bdi> : null}
                    {one.site ? <bdi dir="ltr">{one.site}</bdi> : null}
                    <span className="push" />
                    <Why
                      label={t("part.sightings")}
                      of={() => ({
                        statement: t(
                          one.solicitation.solicits ? "sightings.statement_solicits" : "sightings.statement",
                          { address: asked.address, time: one.time.slice(0, 10), item: one.item },
                        ),
                        chain: asked.chain,
                        text: (
                          <div className="stack">
                            <p>{t("sightings.score", { score: one.solicitation.score })}</p>
                            <DataTable
                              dense
                              caption={t("sightings.reasons")}
                              rows={one.solicitation.reasons as Scored[]}
                              rowKey={(_, i) => i}
                              columns={[
                                {
                                  id: "entry",
                                  head: t("sightings.reason"),
                                  isName: true,
                                  cell: (r) => <code dir="ltr">{r.entry}</code>,
                                },
                                {
                                  id: "words",
                                  head: t("sightings.words"),
                                  cell: (r) => <bdi dir="auto">{r.words}</bdi>,
                                },
                                {
                                  id: "points",
                                  head: t("sightings.points"),
                                  align: "end",
                                  cell: (r) => <Num n={r.points} />,
                                  sort: (r) => r.points,
                                },
                              ]}
                            />
                          </div>
                        ),
                        snapshot: data.snapshot,
                        path: sightings.path,
                        answer: one,
                      })}
                    />
                  </div>
                  <blockquote className="quote sighting-words" dir="auto">
                    {one.excerpt}
                  </blockquote>
                </li>
              ))}
            </ul>
          )
        }
      </Read>
    </Panel>
  );
}

export function PatternsPanel({ asked }: { asked: Asked }) {
  const { t } = useTranslation("subject");
  const { language } = useSettings();
  const name = usePatternNames();
  const hits = useGet("/v1/patterns/hits", { query: { address: asked.address, chain: asked.chain, limit: 100 } });
  return (
    <Panel id="patterns" title={t("part.patterns")} note={t("patterns.note")}>
      <Read of={hits} missing={<Empty>{t("patterns.not_run")}</Empty>}>
        {(data) => (
          <DataTable
            caption={t("part.patterns")}
            rows={data.hits}
            rowKey={(hit) => hit.id}
            empty={<Empty>{t("patterns.none")}</Empty>}
            columns={[
              {
                id: "pattern",
                head: t("patterns.pattern"),
                isName: true,
                cell: (h) => (
                  <>
                    {name(h.pattern)}
                    <br />
                    <code dir="ltr" className="small muted">
                      {h.pattern}
                    </code>
                  </>
                ),
                sort: (h) => h.row,
              },
              {
                id: "severity",
                head: t("common:severity_head"),
                cell: (h) => <Severity level={h.severity} />,
                sort: (h) => levelRank(h.severity),
              },
              { id: "from", head: t("patterns.from"), cell: (h) => <When at={h.start} day />, sort: (h) => h.start },
              { id: "to", head: t("patterns.to"), cell: (h) => <When at={h.end} day />, sort: (h) => h.end },
              {
                id: "units",
                head: t("common:amount"),
                align: "end",
                cell: (h) => <Money units={h.total_units} chain={h.chain} />,
              },
              {
                id: "words",
                head: t("patterns.words"),
                cell: (h) => (
                  <span className="small">
                    <Sentence text={language === "ar" ? h.why_ar : h.why} />
                  </span>
                ),
              },
              {
                id: "why",
                head: t("common:why"),
                isOnScreen: true,
                cell: (h) => (
                  <Why
                    label={h.pattern}
                    of={() => ({
                      statement: language === "ar" ? h.why_ar : h.why,
                      chain: h.chain,
                      text: (
                        <ul>
                          {h.txids.slice(0, 20).map((txid) => (
                            <li key={txid}>
                              <TxChip txid={txid} chain={h.chain} />
                            </li>
                          ))}
                        </ul>
                      ),
                      truncated: h.txids.length > 20 || h.more_txids > 0,
                      snapshot: h.snapshot,
                      path: hits.path,
                      answer: h,
                    })}
                  />
                ),
              },
            ]}
          />
        )}
      </Read>
    </Panel>
  );
}
