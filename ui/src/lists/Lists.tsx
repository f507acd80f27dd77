// Official lists: versions, differences, an entry, and finding entries by an exact value. Names are looked for on the page of name screening.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useGet } from "../api/query";
import { Num, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Choice, Field } from "../parts/Field";
import { Page, Panel } from "../parts/Page";
import { Empty, Read } from "../parts/states";
import { Why } from "../parts/Why";
import { EntryPanel } from "./Entry";
import { ComparePanel, entryLink, VersionsTable, type Version } from "./Versions";
import "../theme/pages.css";

export default function Lists() {
  const { t } = useTranslation("lists");
  const [search] = useSearchParams();
  const list = search.get("list");
  const id = search.get("id");
  const lists = useGet("/v1/lists");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("about")}</p>
      {list && id ? <EntryPanel key={`${list}-${id}`} list={list} id={id} /> : null}
      <Read of={lists}>
        {(data) =>
          data.versions.length === 0 ? (
            <Empty action={<Link to="/imports">{t("toImports")}</Link>}>
              {t("none")} {t("noneHint")}
            </Empty>
          ) : (
            <>
              <Find versions={data.versions} />
              <Panel title={t("versions")}>
                <VersionsTable versions={data.versions} />
              </Panel>
              {data.versions.length > 1 ? <ComparePanel versions={data.versions} /> : null}
            </>
          )
        }
      </Read>
    </Page>
  );
}

function Find({ versions }: { versions: Version[] }) {
  const { t } = useTranslation("lists");
  const [search, setSearch] = useSearchParams();
  const given = search.get("value");
  const names = [...new Set(versions.map((version) => version.list))];
  const [list, setList] = useState(names[0] ?? "");
  const [id, setId] = useState("");
  const [value, setValue] = useState(given ?? "");
  const [asked, setAsked] = useState<string | null>(given);
  const [missing, setMissing] = useState<"id" | "value" | null>(null);
  const found = useGet("/v1/lists/find", { enabled: asked !== null, query: { value: asked } });
  const byId = (event: FormEvent) => {
    event.preventDefault();
    setMissing(id.trim() === "" ? "id" : null);
    if (id.trim() !== "") setSearch({ list, id: id.trim() });
  };
  const byValue = (event: FormEvent) => {
    event.preventDefault();
    setMissing(value.trim() === "" ? "value" : null);
    if (value.trim() !== "") setAsked(value.trim());
  };
  return (
    <Panel title={t("find.title")}>
      <div className="two">
        <form className="stack" noValidate onSubmit={byValue}>
          <Field
            label={t("find.value")}
            help={t("find.valueHint")}
            value={value}
            maxLength={256}
            error={missing === "value" ? t("find.missing") : undefined}
            onChange={(event) => setValue(event.target.value)}
          />
          <div className="row">
            <button type="submit" className="button">
              {t("find.go")}
            </button>
          </div>
        </form>
        <form className="stack" noValidate onSubmit={byId}>
          <Choice
            label={t("find.list")}
            value={list}
            options={names.map((name) => ({ value: name, text: name }))}
            onChange={(event) => setList(event.target.value)}
          />
          <Field
            label={t("find.id")}
            ltr
            value={id}
            maxLength={200}
            error={missing === "id" ? t("find.missing") : undefined}
            onChange={(event) => setId(event.target.value)}
          />
          <div className="row">
            <button type="submit" className="button">
              {t("find.show")}
            </button>
          </div>
        </form>
      </div>
      {asked !== null ? (
        <Read of={found}>
          {(data) => (
            <DataTable
              caption={t("find.caption")}
              showCaption
              rows={data.found}
              rowKey={(row, at) => `${row.list}-${row.id}-${at}`}
              empty={<Empty>{t("find.none")}</Empty>}
              columns={[
                {
                  id: "id",
                  head: t("column.id"),
                  isName: true,
                  cell: (row) => (
                    <span className="cell-line">
                      <Link to={entryLink(row.list, row.id)}>
                        <bdi dir="ltr">{row.id}</bdi>
                      </Link>
                      <Why
                        label={row.id}
                        of={{
                          statement: t("find.statement", {
                            value: data.value,
                            id: row.id,
                            name: row.name ?? "",
                            list: row.title,
                          }),
                          text: t("entry.source", { file: row.title, line: row.line }),
                          snapshot: data.snapshot,
                          path: found.path,
                          answer: row,
                        }}
                      />
                    </span>
                  ),
                },
                { id: "name", head: t("column.name"), cell: (row) => <bdi>{row.name}</bdi> },
                { id: "list", head: t("column.list"), cell: (row) => <bdi>{row.title}</bdi> },
                { id: "kind", head: t("column.kind"), cell: (row) => <bdi>{row.kind}</bdi> },
                { id: "value", head: t("find.valueHead"), cell: (row) => <bdi className="wraps">{row.value}</bdi> },
                { id: "programs", head: t("column.program"), cell: (row) => <bdi>{row.programs.join(", ")}</bdi> },
                { id: "on", head: t("column.listedOn"), cell: (row) => <When at={row.listed_on} day /> },
                { id: "line", head: t("column.line"), align: "end", cell: (row) => <Num n={row.line} /> },
              ]}
            />
          )}
        </Read>
      ) : null}
    </Panel>
  );
}
