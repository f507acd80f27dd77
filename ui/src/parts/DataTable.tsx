// The table of the application: a real table with a caption and heads, sortable by its heads' buttons, scrolling inside
// itself. What a picture says is always also in one of these.
import { useId, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./Icon";

export interface Column<T> {
  id: string;
  head: ReactNode;
  cell: (row: T) => ReactNode;
  /** What to sort by; without it the column is not sorted. `null` comes last. */
  sort?: (row: T) => string | number | bigint | null;
  /** Figures stand at the end. */
  align?: "end";
  /** The cell that names the row (a row header). */
  isName?: boolean;
  /** Holds buttons alone: not on paper. */
  isOnScreen?: boolean;
}

export interface Sorting {
  id: string;
  down: boolean;
}

function classOf<T>(column: Column<T>): string | undefined {
  const names = [column.align === "end" ? "end" : "", column.isOnScreen ? "no-print" : ""].filter(Boolean);
  return names.length > 0 ? names.join(" ") : undefined;
}

export function DataTable<T>({
  caption,
  showCaption = false,
  columns,
  rows,
  rowKey,
  initial,
  empty,
  foot,
  selected,
  onSelect,
  selectLabel,
  dense = false,
  first,
}: {
  /** Says what the table is; hidden unless `showCaption`. */
  caption: string;
  showCaption?: boolean;
  columns: Column<T>[];
  rows: readonly T[];
  rowKey: (row: T, index: number) => string | number;
  initial?: Sorting;
  /** Stands there where there is no row. */
  empty?: ReactNode;
  foot?: ReactNode;
  /** Keys of chosen rows; with `onSelect` each row has a box. */
  selected?: ReadonlySet<string | number>;
  onSelect?: (keys: Set<string | number>) => void;
  selectLabel?: (row: T) => string;
  dense?: boolean;
  /** Rows shown at once; the others come by a button under the table. All where it is not given. */
  first?: number;
}) {
  const { t } = useTranslation();
  const [sorting, setSorting] = useState<Sorting | null>(initial ?? null);
  const id = useId();
  const [shown, setShown] = useState(first ?? Infinity);
  const all = useMemo(() => sortRows(rows, columns, sorting), [rows, columns, sorting]);
  const sorted = all.length > shown ? all.slice(0, shown) : all;
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  const toggle = (key: string | number) => {
    const next = new Set(selected);
    if (!next.delete(key)) next.add(key);
    onSelect?.(next);
  };
  const keys = rows.map(rowKey);
  const isAll = keys.length > 0 && keys.every((key) => selected?.has(key));
  const table = (
    <div className="table-scroll" role="region" aria-labelledby={id} tabIndex={0}>
      <table className={dense ? "table table-dense" : "table"}>
        <caption id={id} className={showCaption ? "" : "hidden-visually"}>
          {caption}
        </caption>
        <thead>
          <tr>
            {onSelect ? (
              <th scope="col" className="cell-box no-print">
                <input
                  type="checkbox"
                  aria-label={t("select_all")}
                  checked={isAll}
                  onChange={() => onSelect(isAll ? new Set() : new Set(keys))}
                />
              </th>
            ) : null}
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                className={classOf(column)}
                aria-sort={
                  sorting?.id === column.id
                    ? sorting.down
                      ? "descending"
                      : "ascending"
                    : column.sort
                      ? "none"
                      : undefined
                }
              >
                {column.sort ? (
                  <button
                    type="button"
                    className="sort"
                    onClick={() => setSorting((now) => nextSorting(now, column.id))}
                  >
                    {column.head}
                    <span className="sort-mark" aria-hidden="true">
                      {sorting?.id === column.id ? <Icon name={sorting.down ? "down" : "up"} size={12} /> : null}
                    </span>
                  </button>
                ) : (
                  column.head
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row, index) => {
            const key = rowKey(row, index);
            return (
              <tr key={key} data-selected={selected?.has(key) || undefined}>
                {onSelect ? (
                  <td className="cell-box no-print">
                    <input
                      type="checkbox"
                      aria-label={selectLabel ? selectLabel(row) : t("select_row")}
                      checked={selected?.has(key) ?? false}
                      onChange={() => toggle(key)}
                    />
                  </td>
                ) : null}
                {columns.map((column) =>
                  column.isName ? (
                    <th key={column.id} scope="row" className={classOf(column)}>
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td key={column.id} className={classOf(column)}>
                      {column.cell(row)}
                    </td>
                  ),
                )}
              </tr>
            );
          })}
        </tbody>
        {foot ? <tfoot>{foot}</tfoot> : null}
      </table>
    </div>
  );
  if (all.length <= shown) return table;
  return (
    <>
      {table}
      <button type="button" className="button more no-print" onClick={() => setShown(shown + (first ?? 0) * 4)}>
        {t("more_rows", { count: all.length - shown })}
      </button>
    </>
  );
}

function nextSorting(now: Sorting | null, id: string): Sorting {
  return now?.id === id ? { id, down: !now.down } : { id, down: true };
}

/** Rows in the order asked for; equal ones keep theirs. */
export function sortRows<T>(rows: readonly T[], columns: Column<T>[], sorting: Sorting | null): readonly T[] {
  const by = sorting ? columns.find((column) => column.id === sorting.id)?.sort : undefined;
  if (!sorting || !by) return rows;
  return rows
    .map((row) => ({ row, key: by(row) }))
    .sort((a, b) => {
      if (a.key === null) return b.key === null ? 0 : 1;
      if (b.key === null) return -1;
      const order =
        typeof a.key === "string" && typeof b.key === "string"
          ? a.key.localeCompare(b.key)
          : a.key < b.key
            ? -1
            : a.key > b.key
              ? 1
              : 0;
      return sorting.down ? -order : order;
    })
    .map(({ row }) => row);
}
