// Every imported version of every list, and what changed between two of them.
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useGet } from "../api/query";
import { Hash, Num, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Choice } from "../parts/Field";
import { Panel } from "../parts/Page";
import { Read } from "../parts/states";
import { Why } from "../parts/Why";
import { useSettings } from "../prefs";
import { dayOf } from "../format/numbers";
import type { components } from "../api/schema";

export type Version = components["schemas"]["ListVersionView"];
type Summary = components["schemas"]["EntrySummary"];
type WalletSummary = components["schemas"]["WalletSummary"];

const FIRST = 25;

export function VersionsTable({ versions }: { versions: Version[] }) {
  const { t } = useTranslation("lists");
  return (
    <DataTable
      caption={t("versionsCaption")}
      rows={versions}
      rowKey={(row) => row.version}
      columns={[
        {
          id: "title",
          head: t("column.list"),
          isName: true,
          sort: (row) => row.title,
          cell: (row) => (
            <>
              <bdi>{row.title}</bdi> <span className="small muted">{row.list}</span>
            </>
          ),
        },
        {
          id: "asOf",
          head: t("column.asOf"),
          sort: (row) => row.as_of ?? null,
          cell: (row) => (
            <span className="cell-line">
              {row.as_of ? <When at={row.as_of} day /> : <span className="muted">{t("noDay")}</span>}
              {row.newest ? <strong className="small"> {t("newest")}</strong> : null}
            </span>
          ),
        },
        {
          id: "entries",
          head: t("column.entries"),
          align: "end",
          cell: (row) => <Num n={row.entries} />,
          sort: (row) => row.entries,
        },
        {
          id: "defects",
          head: t("column.defects"),
          align: "end",
          cell: (row) => <Num n={row.defects} />,
          sort: (row) => row.defects,
        },
        {
          id: "known",
          head: t("column.knownFrom"),
          cell: (row) => <When at={row.known_from} day />,
          sort: (row) => row.known_from,
        },
        { id: "file", head: t("column.file"), cell: (row) => <bdi className="wraps small">{row.file}</bdi> },
        { id: "version", head: t("column.version"), cell: (row) => <Hash value={row.version} /> },
      ]}
    />
  );
}

export function ComparePanel({ versions }: { versions: Version[] }) {
  const { t } = useTranslation("lists");
  const set = useSettings();
  const [chosen, setChosen] = useState<{ old: string; new: string } | null>(null);
  const [asked, setAsked] = useState<{ old: string; new: string } | null>(null);
  // Two versions of one list are what most people mean: the newest that has an older one.
  const newest = versions.find(
    (version) => version.newest && versions.some((other) => other.list === version.list && !other.newest),
  );
  const older = newest
    ? versions.filter((version) => version.list === newest.list && !version.newest).at(-1)
    : undefined;
  const pair = chosen ?? { old: older?.version ?? "", new: newest?.version ?? "" };
  const diff = useGet("/v1/lists/diff", { enabled: asked !== null, query: asked ?? {} });
  const options = [
    { value: "", text: "…" },
    ...versions.map((version) => ({
      value: version.version,
      text: `${version.list} ${version.as_of ? dayOf(version.as_of, set) : version.file} (${version.version.slice(0, 8)})`,
    })),
  ];
  const isSame = pair.old !== "" && pair.old === pair.new;
  return (
    <Panel title={t("compare.title")}>
      <form
        className="filter-bar filter-wide"
        onSubmit={(event) => {
          event.preventDefault();
          if (pair.old && pair.new && !isSame) setAsked(pair);
        }}
      >
        <Choice
          label={t("compare.old")}
          value={pair.old}
          options={options}
          onChange={(event) => setChosen({ ...pair, old: event.target.value })}
        />
        <Choice
          label={t("compare.new")}
          value={pair.new}
          options={options}
          error={isSame ? t("compare.same") : undefined}
          onChange={(event) => setChosen({ ...pair, new: event.target.value })}
        />
        <button type="submit" className="button" disabled={!pair.old || !pair.new || isSame}>
          {t("compare.go")}
        </button>
      </form>
      {asked ? (
        <Read of={diff}>
          {(data) => (
            <div className="stack">
              <div className="row" role="status">
                <strong>{t("compare.added", { n: data.added.length })}</strong>
                <strong>{t("compare.removed", { n: data.removed.length })}</strong>
                <strong>{t("compare.changed", { n: data.changed.length })}</strong>
                <span className="muted">{t("compare.unchanged", { n: data.unchanged })}</span>
                <Why
                  label={t("compare.title")}
                  of={{
                    statement: t("compare.statement", {
                      list: data.new.title,
                      old: data.old.as_of ?? data.old.source_hash.slice(0, 12),
                      new: data.new.as_of ?? data.new.source_hash.slice(0, 12),
                      added: data.added.length,
                      removed: data.removed.length,
                      changed: data.changed.length,
                    }),
                    snapshot: data.snapshot,
                    path: diff.path,
                    answer: {
                      old: data.old,
                      new: data.new,
                      added: data.added.length,
                      removed: data.removed.length,
                      changed: data.changed.length,
                    },
                  }}
                />
              </div>
              {data.entries_compared ? null : <p className="warn">{t("compare.notEntries")}</p>}
              <Entries caption={t("compare.addedCaption")} list={data.new.list} entries={data.added} />
              <Entries caption={t("compare.removedCaption")} list={data.old.list} entries={data.removed} />
              <Changed list={data.new.list} changed={data.changed} />
              <p>
                {t("compare.walletsAdded", { n: data.wallets_added.length })} ·{" "}
                {t("compare.walletsRemoved", { n: data.wallets_removed.length })} ·{" "}
                {t("compare.walletsUnchanged", { n: data.wallets_unchanged })}
              </p>
              <Wallets caption={t("compare.walletsAddedCaption")} wallets={data.wallets_added} />
              <Wallets caption={t("compare.walletsRemovedCaption")} wallets={data.wallets_removed} />
            </div>
          )}
        </Read>
      ) : null}
    </Panel>
  );
}

/** A long list, its first rows and the rest when asked for. */
function Long<T>({ rows, children }: { rows: readonly T[]; children: (rows: readonly T[]) => ReactNode }) {
  const { t } = useTranslation("lists");
  const [isAll, setAll] = useState(false);
  return (
    <>
      {children(isAll ? rows : rows.slice(0, FIRST))}
      {!isAll && rows.length > FIRST ? (
        <div className="row">
          <button type="button" className="button" onClick={() => setAll(true)}>
            {t("compare.showAll", { n: rows.length })}
          </button>
        </div>
      ) : null}
    </>
  );
}

export const entryLink = (list: string, id: string) =>
  `/lists?list=${encodeURIComponent(list)}&id=${encodeURIComponent(id)}`;

function Entries({ caption, list, entries }: { caption: string; list: string; entries: Summary[] }) {
  const { t } = useTranslation("lists");
  if (entries.length === 0) return null;
  return (
    <Long rows={entries}>
      {(rows) => (
        <DataTable
          caption={caption}
          showCaption
          dense
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            {
              id: "id",
              head: t("column.id"),
              isName: true,
              sort: (row) => row.id,
              cell: (row) => (
                <Link to={entryLink(list, row.id)}>
                  <bdi dir="ltr">{row.id}</bdi>
                </Link>
              ),
            },
            { id: "kind", head: t("column.kind"), cell: (row) => t(`kind.${row.kind}`), sort: (row) => row.kind },
            { id: "name", head: t("column.name"), cell: (row) => <bdi>{row.name}</bdi>, sort: (row) => row.name },
            { id: "line", head: t("column.line"), align: "end", cell: (row) => <Num n={row.line} /> },
          ]}
        />
      )}
    </Long>
  );
}

function Changed({ list, changed }: { list: string; changed: components["schemas"]["EntryChange"][] }) {
  const { t } = useTranslation("lists");
  if (changed.length === 0) return null;
  return (
    <Long rows={changed}>
      {(rows) => (
        <DataTable
          caption={t("compare.changedCaption")}
          showCaption
          dense
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            {
              id: "id",
              head: t("column.id"),
              isName: true,
              cell: (row) => (
                <Link to={entryLink(list, row.id)}>
                  <bdi dir="ltr">{row.id}</bdi>
                </Link>
              ),
            },
            { id: "name", head: t("column.name"), cell: (row) => <bdi>{row.name}</bdi> },
            {
              id: "fields",
              head: t("column.changed"),
              cell: (row) => (
                <details>
                  <summary>
                    {row.fields.map((field) => t(`field.${field.field}`, { defaultValue: field.field })).join(" · ")}
                  </summary>
                  <dl className="facts">
                    {row.fields.map((field) => (
                      <ChangedField
                        key={field.field}
                        name={t(`field.${field.field}`, { defaultValue: field.field })}
                        old={field.old}
                        now={field.new}
                      />
                    ))}
                  </dl>
                </details>
              ),
            },
          ]}
        />
      )}
    </Long>
  );
}

function ChangedField({ name, old, now }: { name: string; old: string[]; now: string[] }) {
  const { t } = useTranslation("lists");
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {old.length > 0 ? (
          <p className="small">
            {t("compare.was")}: <del dir="auto">{old.join(" · ")}</del>
          </p>
        ) : null}
        {now.length > 0 ? (
          <p className="small">
            {t("compare.is")}: <ins dir="auto">{now.join(" · ")}</ins>
          </p>
        ) : null}
      </dd>
    </>
  );
}

function Wallets({ caption, wallets }: { caption: string; wallets: WalletSummary[] }) {
  const { t } = useTranslation("lists");
  if (wallets.length === 0) return null;
  return (
    <Long rows={wallets}>
      {(rows) => (
        <DataTable
          caption={caption}
          showCaption
          dense
          rows={rows}
          rowKey={(row) => row.address}
          columns={[
            { id: "address", head: t("entry.wallets"), isName: true, cell: (row) => <Hash value={row.address} full /> },
            { id: "entries", head: t("column.id"), cell: (row) => <bdi dir="ltr">{row.entries.join(", ")}</bdi> },
          ]}
        />
      )}
    </Long>
  );
}
