// One hit of name screening with its reasons: which part matched which and by what rule, what of birth, country and identifiers is the same and
// what differs, and how rare the name is. Never more than a question: the words say so.
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { DataTable } from "../parts/DataTable";
import { Why as WhyButton } from "../parts/Why";
import { scoreText, type Hit, type Why } from "./words";

export function HitView({ hit, name, snapshot, path }: { hit: Hit; name: string; snapshot: string; path: string }) {
  const { t } = useTranslation("names");
  return (
    <article className="name-hit" aria-label={hit.matched_name}>
      <header className="row">
        <h3>
          <bdi>{hit.matched_name}</bdi>
        </h3>
        <span className={`grade grade-${hit.grade}`}>{t(`gradeShort.${hit.grade}`)}</span>
        <WhyButton
          label={hit.matched_name}
          of={{
            statement: t("statement", {
              name,
              listed: hit.matched_name,
              list: hit.list,
              id: hit.id,
              score: scoreText(hit.score),
              grade: t(`gradeShort.${hit.grade}`),
            }),
            text: (
              <div className="stack">
                <p>{t("nearWarn")}</p>
                <Reasons why={hit.why} />
              </div>
            ),
            snapshot,
            path,
            answer: hit,
          }}
        />
      </header>
      <p>{t(`grade.${hit.grade}`)}</p>
      <p className="small">
        {t("scores", { score: scoreText(hit.score), name: scoreText(hit.why.name_score) })}{" "}
        <Link to={`/lists?list=${encodeURIComponent(hit.list)}&id=${encodeURIComponent(hit.id)}`}>
          {t("entry")} <bdi dir="ltr">{hit.id}</bdi>
        </Link>{" "}
        (<bdi>{hit.list}</bdi>)
      </p>
      {hit.weak_alias ? <p className="small">{t("weak")}</p> : null}
      <Reasons why={hit.why} />
    </article>
  );
}

/** Why a score is what it is. */
export function Reasons({ why }: { why: Why }) {
  const { t } = useTranslation("names");
  return (
    <div className="stack">
      <DataTable
        caption={t("parts.caption")}
        dense
        rows={why.parts}
        rowKey={(part, at) => `${part.query}-${part.listed}-${at}`}
        empty={<p className="muted">{t("noParts")}</p>}
        columns={[
          { id: "query", head: t("parts.query"), isName: true, cell: (part) => <bdi>{part.query}</bdi> },
          { id: "listed", head: t("parts.listed"), cell: (part) => <bdi>{part.listed}</bdi> },
          {
            id: "rule",
            head: t("parts.rule"),
            cell: (part) =>
              part.rule === "variant"
                ? part.group
                  ? t("rule.variant", { value: part.group })
                  : t("rule.variantPlain")
                : t(`rule.${part.rule}`),
          },
          {
            id: "likeness",
            head: t("parts.likeness"),
            align: "end",
            cell: (part) => (
              <bdi dir="ltr" className="num">
                {scoreText(part.likeness)}
              </bdi>
            ),
          },
        ]}
      />
      <dl className="facts">
        {why.unmatched_query.length > 0 ? (
          <>
            <dt>{t("unmatchedQuery")}</dt>
            <dd>
              <bdi>{why.unmatched_query.join(" ")}</bdi>
            </dd>
          </>
        ) : null}
        {why.unmatched_listed.length > 0 ? (
          <>
            <dt>{t("unmatchedListed")}</dt>
            <dd>
              <bdi>{why.unmatched_listed.join(" ")}</bdi>
            </dd>
          </>
        ) : null}
        {(["born", "country", "identifier"] as const).map((fact) => (
          <FactLine key={fact} name={t(`facts.${fact}`)} agreement={why.facts[fact]} />
        ))}
        {why.query_latin ? (
          <>
            <dt>{t("latinQuery")}</dt>
            <dd>
              <bdi dir="ltr">{why.query_latin}</bdi>
            </dd>
          </>
        ) : null}
        {why.listed_latin ? (
          <>
            <dt>{t("latinListed")}</dt>
            <dd>
              <bdi dir="ltr">{why.listed_latin}</bdi>
            </dd>
          </>
        ) : null}
      </dl>
      <p className="small muted">{t("bits", { n: why.bits.toFixed(1) })}</p>
      {why.odd && why.odd.length > 0 ? (
        <div className="warn small">
          <strong>{t("odd.title")}</strong>: {why.odd.map((odd) => t(`odd.${odd}`)).join(" · ")}
        </div>
      ) : null}
    </div>
  );
}

function FactLine({ name, agreement }: { name: string; agreement: Why["facts"]["born"] }) {
  const { t } = useTranslation("names");
  return (
    <>
      <dt>{name}</dt>
      <dd className={`agree agree-${agreement}`}>{t(`agree.${agreement}`)}</dd>
    </>
  );
}
