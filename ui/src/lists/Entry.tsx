// All that a list says of one entry, and whether it was listed on a day.
import { useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useGet } from "../api/query";
import { Hash, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Field } from "../parts/Field";
import { Panel } from "../parts/Page";
import { Empty, Read } from "../parts/states";
import { Why } from "../parts/Why";
import { dayOf } from "../format/numbers";
import { useSettings } from "../prefs";

export function EntryPanel({ list, id }: { list: string; id: string }) {
  const { t } = useTranslation("lists");
  const answer = useGet("/v1/lists/{list}/entries/{id}", { path: { list, id } });
  return (
    <Panel title={t("entry.title", { id, list })} id="entry">
      <Read of={answer} missing={<Empty>{t("entry.none")}</Empty>}>
        {({ entry, version, snapshot }) => (
          <div className="stack">
            <p className="small muted">
              {t("entry.source", { file: version.file, line: entry.line })} ·{" "}
              {version.as_of ? t("entry.version", { day: version.as_of }) : t("noDay")}{" "}
              <Why
                label={id}
                of={{
                  statement: t("entry.statement", {
                    name: entry.names?.[0]?.text ?? id,
                    id,
                    list: version.title,
                    listed: entry.listed_on ?? t("noDay"),
                  }),
                  text: t("entry.source", { file: version.file, line: entry.line }),
                  snapshot,
                  path: answer.path,
                  answer: { entry, version },
                }}
              />
            </p>
            <DataTable
              caption={t("entry.namesCaption")}
              dense
              rows={entry.names ?? []}
              rowKey={(row, at) => `${row.text}-${at}`}
              columns={[
                { id: "text", head: t("entry.name"), isName: true, cell: (row) => <bdi>{row.text}</bdi> },
                { id: "kind", head: t("entry.nameKind"), cell: (row) => t(`nameKind.${row.kind}`) },
                { id: "quality", head: t("entry.quality"), cell: (row) => t(`quality.${row.quality}`) },
              ]}
            />
            <dl className="facts">
              <Row name={t("column.kind")}>{t(`kind.${entry.kind}`)}</Row>
              <Row name={t("entry.listedOn")}>
                {entry.listed_on ? <When at={entry.listed_on} day /> : <span className="muted">{t("noDay")}</span>}
              </Row>
              {entry.updated_on ? (
                <Row name={t("entry.updatedOn")}>
                  <When at={entry.updated_on} day />
                </Row>
              ) : null}
              {entry.delisted_on ? (
                <Row name={t("entry.delistedOn")}>
                  <When at={entry.delisted_on} day />
                </Row>
              ) : null}
              <Texts name={t("entry.programs")} texts={entry.programs} />
              <Texts
                name={t("entry.births")}
                texts={entry.births?.map((birth) =>
                  birth.circa ? `${t("entry.circa")} ${birth.as_written}` : birth.as_written,
                )}
              />
              <Texts name={t("entry.birthPlaces")} texts={entry.birth_places} />
              <Texts name={t("entry.countries")} texts={entry.countries} />
              <Texts
                name={t("entry.identifiers")}
                texts={entry.identifiers?.map((each) =>
                  [each.kind, each.value, each.country, each.note].filter(Boolean).join(" · "),
                )}
              />
              <Texts name={t("entry.addresses")} texts={entry.addresses} />
              {entry.wallets && entry.wallets.length > 0 ? (
                <Row name={t("entry.wallets")}>
                  <ul className="plain-list">
                    {entry.wallets.map((wallet) => (
                      <li key={wallet.address}>
                        <bdi>{wallet.asset}</bdi> <Hash value={wallet.address} full />
                      </li>
                    ))}
                  </ul>
                </Row>
              ) : null}
              {entry.remarks ? (
                <Row name={t("entry.remarks")}>
                  <span dir="auto" className="wraps">
                    {entry.remarks}
                  </span>
                </Row>
              ) : null}
            </dl>
            {entry.details && entry.details.length > 0 ? (
              <details>
                <summary>{t("entry.details")}</summary>
                <dl className="facts">
                  {entry.details.map((detail, at) => (
                    <Row key={`${detail.name}-${at}`} name={detail.name}>
                      <bdi className="wraps">{detail.value}</bdi>
                    </Row>
                  ))}
                </dl>
              </details>
            ) : null}
            <OnDay list={list} id={id} />
          </div>
        )}
      </Read>
    </Panel>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Texts({ name, texts }: { name: string; texts: string[] | undefined }) {
  if (!texts || texts.length === 0) return null;
  return (
    <Row name={name}>
      <ul className="plain-list">
        {texts.map((text, at) => (
          <li key={at}>
            <bdi className="wraps">{text}</bdi>
          </li>
        ))}
      </ul>
    </Row>
  );
}

function OnDay({ list, id }: { list: string; id: string }) {
  const { t } = useTranslation("lists");
  const set = useSettings();
  const [draft, setDraft] = useState("");
  const [day, setDay] = useState<string | null>(null);
  const [isMissing, setMissing] = useState(false);
  const answer = useGet("/v1/lists/{list}/entries/{id}/on/{day}", {
    enabled: day !== null,
    path: { list, id, day: day ?? "" },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(draft === "");
    if (draft !== "") setDay(draft);
  };
  return (
    <section className="stack">
      <h3>{t("on.title")}</h3>
      <form className="filter-bar" noValidate onSubmit={submit}>
        <Field
          label={t("on.day")}
          type="date"
          value={draft}
          error={isMissing ? t("on.missing") : undefined}
          onChange={(event) => setDraft(event.target.value)}
        />
        <button type="submit" className="button">
          {t("on.go")}
        </button>
      </form>
      {day !== null ? (
        <Read of={answer}>
          {(data) => (
            <div className="stack">
              <p role="status">
                <strong>{t(`on.answer.${data.answer}`)}</strong>{" "}
                {t(`on.text.${data.answer}`, { day: dayOf(data.day, set) })}{" "}
                <Why
                  label={t("on.title")}
                  of={{
                    statement: `${id} (${list}): ${t(`on.text.${data.answer}`, { day: data.day })}`,
                    text: <bdi dir="auto">{data.reason}</bdi>,
                    snapshot: data.snapshot,
                    path: answer.path,
                    answer: data,
                  }}
                />
              </p>
              <DataTable
                caption={t("on.caption")}
                dense
                rows={data.evidence}
                rowKey={(row) => row.version}
                columns={[
                  {
                    id: "asOf",
                    head: t("column.asOf"),
                    isName: true,
                    cell: (row) => (row.as_of ? <When at={row.as_of} day /> : t("noDay")),
                  },
                  { id: "present", head: t("on.present"), cell: (row) => t(row.present ? "on.yes" : "on.no") },
                  { id: "listed", head: t("entry.listedOn"), cell: (row) => <When at={row.listed_on} day /> },
                  { id: "delisted", head: t("entry.delistedOn"), cell: (row) => <When at={row.delisted_on} day /> },
                  { id: "version", head: t("column.version"), cell: (row) => <Hash value={row.version} /> },
                ]}
              />
            </div>
          )}
        </Read>
      ) : null}
    </section>
  );
}
