// Screening of one name in any script, with what else is known of the person.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useGet } from "../api/query";
import { Num, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Choice, Field } from "../parts/Field";
import { Panel } from "../parts/Page";
import { Empty, Read } from "../parts/states";
import { HitView } from "./HitView";

interface Asked {
  name: string;
  born: string;
  country: string;
  id: string;
  list: string;
  threshold: string;
}
const FIELDS = ["name", "born", "country", "id", "list", "threshold"] as const;

export function OneName() {
  const { t } = useTranslation("names");
  const [search, setSearch] = useSearchParams();
  const asked = Object.fromEntries(FIELDS.map((field) => [field, search.get(field) ?? ""])) as unknown as Asked;
  const [draft, setDraft] = useState<Asked>(asked);
  const [isChecked, setChecked] = useState(false);
  const lists = useGet("/v1/lists");
  const isBadThreshold = draft.threshold !== "" && !(Number(draft.threshold) >= 0 && Number(draft.threshold) <= 1);
  const answer = useGet("/v1/names/screen", { enabled: asked.name !== "", query: { ...asked, top: 25 } });
  const set = (field: keyof Asked) => (event: { target: { value: string } }) =>
    setDraft({ ...draft, [field]: event.target.value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (draft.name.trim() === "" || isBadThreshold) return;
    const next = new URLSearchParams();
    for (const field of FIELDS) if (draft[field].trim() !== "") next.set(field, draft[field].trim());
    setSearch(next);
  };
  const names = [...new Set((lists.data?.versions ?? []).map((version) => version.list))];
  return (
    <>
      <Panel title={t("one")}>
        <form className="stack" noValidate onSubmit={submit}>
          <Field
            label={t("name")}
            help={t("nameHint")}
            value={draft.name}
            maxLength={1000}
            error={isChecked && draft.name.trim() === "" ? t("missingName") : undefined}
            onChange={set("name")}
          />
          <div className="three">
            <Field label={t("born")} value={draft.born} maxLength={50} onChange={set("born")} />
            <Field
              label={t("country")}
              help={t("countryHint")}
              value={draft.country}
              maxLength={200}
              onChange={set("country")}
            />
            <Field label={t("idNumber")} help={t("idHint")} ltr value={draft.id} maxLength={200} onChange={set("id")} />
            <Choice
              label={t("list")}
              value={draft.list}
              onChange={set("list")}
              options={[{ value: "", text: t("allLists") }, ...names.map((name) => ({ value: name, text: name }))]}
            />
            <Field
              label={t("threshold")}
              help={t("thresholdHint")}
              ltr
              inputMode="decimal"
              value={draft.threshold}
              error={isChecked && isBadThreshold ? t("badThreshold") : undefined}
              onChange={set("threshold")}
            />
          </div>
          <div className="row">
            <button type="submit" className="button button-main">
              {t("screen")}
            </button>
          </div>
        </form>
      </Panel>
      {asked.name !== "" ? (
        <Panel title={t("result", { name: asked.name })}>
          <Read of={answer}>
            {(data) => (
              <div className="stack">
                {data.lists.length === 0 ? (
                  <Empty>{t("noLists")}</Empty>
                ) : data.hits.length === 0 ? (
                  <Empty>
                    {t("noHit")} {t("noHitWarn")}
                  </Empty>
                ) : (
                  <>
                    <p role="status">{t("hits", { n: data.hits.length })}</p>
                    <p className="warn">{t("nearWarn")}</p>
                    {data.hits.map((hit) => (
                      <HitView
                        key={`${hit.list}-${hit.id}-${hit.matched_name}`}
                        hit={hit}
                        name={data.name}
                        snapshot={data.snapshot}
                        path={answer.path}
                      />
                    ))}
                  </>
                )}
                <details>
                  <summary>{t("asked")}</summary>
                  <DataTable
                    caption={t("askedCaption")}
                    dense
                    rows={data.lists}
                    rowKey={(row) => row.list}
                    columns={[
                      { id: "list", head: t("column.list"), isName: true, cell: (row) => <bdi>{row.title}</bdi> },
                      {
                        id: "asOf",
                        head: t("column.asOf"),
                        cell: (row) => (row.as_of ? <When at={row.as_of} day /> : t("unknownDay")),
                      },
                      {
                        id: "entries",
                        head: t("column.entries"),
                        align: "end",
                        cell: (row) => <Num n={row.entries} />,
                      },
                    ]}
                  />
                </details>
              </div>
            )}
          </Read>
        </Panel>
      ) : null}
    </>
  );
}
