// The same as the picture, as two tables: for those who hear the page the first way in, for everybody the way to sort and to copy.
// What is chosen here is chosen on the board.

import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Category, DataTable, Dollars, Empty, Money, Num, Severity, When, Why, levelRank, type Column } from "../parts";
import { coins } from "./amount";
import { evidenceOf, sentence } from "./evidence";
import type { PictureEdge, PictureNode } from "./picture";
import { readDocumentOf, readPicture, readSelection, useGraph, type GraphStore } from "./store";
import { assetOf, useWords } from "./words";

type Say = (key: string, values?: Record<string, unknown>) => string;

export function Tables({ store }: { store: GraphStore }) {
  const { t } = useTranslation(["graph", "common"]);
  const words = useWords();
  const picture = useGraph(store, readPicture);
  const document = useGraph(store, readDocumentOf);
  const selection = useGraph(store, readSelection);
  const say = t as unknown as Say;

  const nodeColumns = useMemo<Column<PictureNode>[]>(
    () => [
      {
        id: "name",
        head: t("table.name"),
        isName: true,
        sort: ({ node }) => words.name(node),
        cell: ({ node }) => (
          <button type="button" className="link" onClick={() => store.choose([node.id], node.id)}>
            <bdi dir={node.label === null ? "ltr" : undefined} className={node.label === null ? "mono" : ""}>
              {words.name(node)}
            </bdi>
          </button>
        ),
      },
      {
        id: "kind",
        head: t("inspect.kind"),
        sort: ({ node }) => node.kind,
        cell: ({ node }) => t(`kind.${node.kind}`),
      },
      {
        id: "category",
        head: t("common:category_head"),
        sort: ({ node }) => node.category,
        cell: ({ node }) => <Category category={node.category} />,
      },
      {
        id: "severity",
        head: t("common:severity_head"),
        sort: ({ node }) => levelRank(node.severity),
        cell: ({ node }) =>
          node.severity === null ? (
            <span className="muted">{t("table.not_asked")}</span>
          ) : (
            <Severity level={node.severity} />
          ),
      },
      {
        id: "degree",
        head: t("inspect.degree"),
        align: "end",
        sort: ({ degree }) => degree,
        cell: ({ degree }) => <Num n={degree} />,
      },
      {
        id: "members",
        head: t("inspect.members"),
        align: "end",
        sort: ({ members }) => members,
        cell: ({ members }) => <Num n={members} />,
      },
      {
        id: "note",
        head: t("inspect.note"),
        sort: ({ node }) => node.note,
        cell: ({ node }) => <bdi>{node.note}</bdi>,
      },
    ],
    [store, t, words],
  );
  const edgeColumns = useMemo<Column<PictureEdge>[]>(() => {
    const name = (id: string) => {
      const node = document.nodes[id];
      return node === undefined ? id : words.name(node);
    };
    return [
      {
        id: "from",
        head: t("common:from"),
        isName: true,
        sort: (edge) => name(edge.from),
        cell: (edge) => (
          <button type="button" className="link" onClick={() => store.choose([edge.id])}>
            <bdi>{name(edge.from)}</bdi>
          </button>
        ),
      },
      { id: "to", head: t("common:to"), sort: (edge) => name(edge.to), cell: (edge) => <bdi>{name(edge.to)}</bdi> },
      { id: "how", head: t("table.statement"), sort: (edge) => edge.how, cell: (edge) => words.statement(edge) },
      {
        id: "units",
        head: t("common:amount"),
        align: "end",
        sort: (edge) => BigInt(edge.units),
        cell: (edge) => {
          const { decimals, symbol } = assetOf(document.chain, edge.asset, document.assets);
          return (
            <>
              {edge.isAtMost ? <abbr title={t("inspect.at_most")}>≤ </abbr> : null}
              {decimals === null ? (
                words.edge(edge, document.chain, document.assets).amount
              ) : (
                <Money units={edge.units} chain={document.chain} decimals={decimals} symbol={symbol} />
              )}
            </>
          );
        },
      },
      {
        id: "usd",
        head: t("common:usd"),
        align: "end",
        sort: (edge) => (edge.usd_cents === null ? null : BigInt(edge.usd_cents)),
        cell: (edge) => <Dollars usd={edge.usd_cents === null ? null : coins(edge.usd_cents, 2)} plain />,
      },
      {
        id: "txs",
        head: t("inspect.txs"),
        align: "end",
        sort: (edge) => edge.txs,
        cell: (edge) => <Num n={edge.txs} />,
      },
      {
        id: "first",
        head: t("table.first"),
        sort: (edge) => edge.first_s,
        cell: (edge) => <When at={edge.first_s} day />,
      },
      { id: "last", head: t("table.last"), sort: (edge) => edge.last_s, cell: (edge) => <When at={edge.last_s} day /> },
      {
        id: "why",
        head: t("common:why"),
        isOnScreen: true,
        cell: (edge) => (
          <Why of={() => evidenceOf(edge, document, words, say)} label={`${name(edge.from)} → ${name(edge.to)}`} />
        ),
      },
    ];
  }, [document, say, store, t, words]);

  const chosenNodes = new Set([...selection].filter((id) => picture.nodeById.has(id)));
  const chosenEdges = new Set([...selection].filter((id) => picture.edgeById.has(id)));
  return (
    <div className="stack graph-tables">
      <DataTable<PictureNode>
        caption={t("table.nodes", { n: words.count(picture.nodes.length) })}
        showCaption
        dense
        columns={nodeColumns}
        rows={picture.nodes}
        rowKey={(item) => item.id}
        selected={chosenNodes}
        onSelect={(keys) => store.choose([...chosenEdges, ...[...keys].map(String)])}
        selectLabel={(item) => t("table.choose", { name: words.name(item.node) })}
        empty={<Empty>{t("empty")}</Empty>}
      />
      <DataTable<PictureEdge>
        caption={t("table.edges", { n: words.count(picture.edges.length) })}
        showCaption
        dense
        columns={edgeColumns}
        rows={picture.edges}
        rowKey={(edge) => edge.id}
        initial={{ id: "units", down: true }}
        selected={chosenEdges}
        onSelect={(keys) => store.choose([...chosenNodes, ...[...keys].map(String)])}
        selectLabel={(edge) => t("table.choose", { name: sentence(edge, document, words, say) })}
        empty={<Empty>{t("empty_edges")}</Empty>}
      />
    </div>
  );
}
