// What is chosen, in words: a node with what is known of it, an edge with what it states and why, or several with what can be done to
// them. Marks and notes of the analyst are kept apart from what the service says.

import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useRead } from "../api/query";
import {
  Category,
  Dollars,
  Hash,
  Money,
  PinToCase,
  Severity,
  TextField,
  TxChip,
  Why,
  subjectPath,
  txPath,
} from "../parts";
import { coins } from "./amount";
import type { Act } from "./Canvas";
import { COLOURS, NOTE_MAX, holds, type Colour, type GraphNode } from "./document";
import { evidenceOf, sentence } from "./evidence";
import type { PictureEdge } from "./picture";
import { toneVar } from "./shape";
import { readDocumentOf, readPicture, readSelection, useGraph, type GraphStore } from "./store";
import { assetOf, useWords } from "./words";

type Say = (key: string, values?: Record<string, unknown>) => string;

export function Inspector({ store, onAct }: { store: GraphStore; onAct: (act: Act) => void }) {
  const { t } = useTranslation("graph");
  const words = useWords();
  const picture = useGraph(store, readPicture);
  const selection = useGraph(store, readSelection);
  const nodes = [...selection].flatMap((id) => picture.nodeById.get(id) ?? []);
  const edges = [...selection].flatMap((id) => picture.edgeById.get(id) ?? []);
  const node = nodes[0];
  const edge = edges[0];
  if (nodes.length + edges.length === 0) return <p className="muted">{t("inspect.nothing")}</p>;
  if (nodes.length === 1 && node !== undefined && edges.length === 0)
    return <OfNode key={node.id} store={store} node={node.node} onAct={onAct} />;
  if (edges.length === 1 && edge !== undefined && nodes.length === 0)
    return <OfEdge key={edge.id} store={store} edge={edge} />;
  return (
    <div className="stack">
      <p>{t("inspect.several", { nodes: words.count(nodes.length), edges: words.count(edges.length) })}</p>
      <Colours
        store={store}
        ids={[...nodes.map((item) => item.id), ...edges.flatMap((item) => item.edges.map((one) => one.id))]}
        now={null}
      />
      <div className="row">
        <button type="button" className="button" disabled={nodes.length < 2} onClick={() => onAct("group")}>
          {t("act.group")}
        </button>
        <button type="button" className="button" onClick={() => onAct("pin")}>
          {t("act.pin")}
        </button>
        <button type="button" className="button" onClick={() => onAct("remove")}>
          {t("act.remove")}
        </button>
      </div>
    </div>
  );
}

interface Screened {
  readonly status: string;
  readonly risk: string | null;
  readonly entity: string | null;
  readonly statements?: readonly {
    readonly relation: string;
    readonly category: string | null;
    readonly level: string;
    readonly label: string | null;
    readonly evidence?: readonly {
      readonly type: string;
      readonly label?: string;
      readonly basis?: string;
      readonly source?: string;
      readonly subject?: string;
      readonly confidence?: number;
    }[];
  }[];
  readonly snapshot?: string | null;
}

function OfNode({ store, node, onAct }: { store: GraphStore; node: GraphNode; onAct: (act: Act) => void }) {
  const { t } = useTranslation(["graph", "common"]);
  const words = useWords();
  const picture = useGraph(store, readPicture);
  const item = picture.nodeById.get(node.id);
  const canScreen = node.kind === "address" || node.kind === "entity" || node.kind === "service";
  const screened = useRead<readonly Screened[]>("/v1/screen", {
    query: { target: node.value, chain: node.chain },
    enabled: canScreen,
  });
  const found = screened.data?.[0];
  const owned = found?.statements?.filter((statement) => statement.relation === "ownership") ?? [];
  const within = picture.inside.get(node.id) ?? [];
  return (
    <div className="stack">
      <h3 className="graph-name">
        <bdi dir={node.label === null ? "ltr" : undefined} className={node.label === null ? "mono" : ""}>
          {words.name(node)}
        </bdi>
      </h3>
      <dl className="facts">
        <dt>{t("inspect.kind")}</dt>
        <dd>{t(`kind.${node.kind}`)}</dd>
        {node.kind === "group" ? null : (
          <>
            <dt>{t("inspect.value")}</dt>
            <dd>
              <Hash
                value={node.value}
                to={node.kind === "transaction" ? txPath(node.chain, node.value) : subjectPath(node.chain, node.value)}
              />
            </dd>
          </>
        )}
        {node.category === null ? null : (
          <>
            <dt>{t("common:category_head")}</dt>
            <dd>
              <Category category={node.category} />
            </dd>
          </>
        )}
        {found === undefined && node.severity === null ? null : (
          <>
            <dt>{t("common:severity_head")}</dt>
            <dd>
              <Severity
                level={found === undefined ? node.severity : found.status === "known" ? found.risk : "unknown"}
              />{" "}
              {owned.length > 0 ? (
                <Why
                  of={{
                    statement: `${words.name(node)}: ${t(`common:level.${found?.risk ?? "unknown"}`)}`,
                    chain: node.chain,
                    labels: owned.flatMap((statement) =>
                      (statement.evidence ?? [])
                        .filter((proof) => proof.type === "label")
                        .map((proof) => ({ ...proof, label: proof.label ?? "" })),
                    ),
                    path: screened.path,
                    snapshot: found?.snapshot,
                    answer: found,
                  }}
                  label={words.name(node)}
                />
              ) : null}
            </dd>
          </>
        )}
        <dt>{t("inspect.degree")}</dt>
        <dd>{words.count(item?.degree ?? 0)}</dd>
        {(item?.members ?? 0) > 0 ? (
          <>
            <dt>{t("inspect.members")}</dt>
            <dd>{words.count(item?.members ?? 0)}</dd>
          </>
        ) : null}
      </dl>
      {within.length > 0 ? (
        <p className="small muted">{t("inspect.within", { n: words.count(within.length) })}</p>
      ) : null}
      {screened.error === null || !canScreen ? null : <p className="small muted">{t("inspect.not_screened")}</p>}
      <div className="row">
        {node.kind === "group" ? null : (
          <button type="button" className="button button-main" onClick={() => onAct("grow")}>
            {t("act.grow")}
          </button>
        )}
        {holds(node) && (item?.members ?? 0) > 0 ? (
          <>
            <button type="button" className="button" onClick={() => onAct("open")}>
              {node.open ? t("act.close") : t("act.open")}
            </button>
            <button type="button" className="button" onClick={() => onAct("ungroup")}>
              {t("act.ungroup")}
            </button>
          </>
        ) : null}
        <button type="button" className="button" aria-pressed={node.pinned} onClick={() => onAct("pin")}>
          {node.pinned ? t("act.unpin") : t("act.pin")}
        </button>
        <button type="button" className="button" onClick={() => onAct("remove")}>
          {t("act.remove")}
        </button>
      </div>
      {node.kind === "group" ? (
        <label className="field">
          <span>{t("inspect.group_title")}</span>
          <input
            className="input"
            dir="auto"
            maxLength={500}
            value={node.label ?? ""}
            onChange={(event) => store.dispatch({ do: "title", id: node.id, title: event.target.value })}
          />
        </label>
      ) : (
        <PinToCase
          subject={{
            kind: node.kind === "transaction" ? "transaction" : node.kind === "address" ? "address" : "entity",
            chain: node.chain,
            value: node.value,
          }}
        />
      )}
      <Colours store={store} ids={[node.id]} now={node.colour} />
      <TextField
        label={t("inspect.note")}
        value={node.note}
        maxLength={NOTE_MAX}
        onChange={(event) => store.dispatch({ do: "note", id: node.id, note: event.target.value })}
      />
    </div>
  );
}

function OfEdge({ store, edge }: { store: GraphStore; edge: PictureEdge }) {
  const { t } = useTranslation(["graph", "common"]);
  const words = useWords();
  const document = useGraph(store, readDocumentOf);
  const say = t as unknown as Say;
  const { decimals, symbol } = assetOf(document.chain, edge.asset, document.assets);
  const said = words.edge(edge, document.chain, document.assets);
  const evidence = () => evidenceOf(edge, document, words, say);
  const first = edge.edges[0];
  const only = edge.edges.length === 1 ? first : undefined;
  const txids = [...new Set(edge.edges.flatMap((one) => [...one.parts.map((part) => part.txid), ...one.txids]))];
  const end = (id: string) => {
    const node = document.nodes[id];
    return (
      <button type="button" className="link" onClick={() => store.choose([id], id)}>
        <bdi>{node === undefined ? id : words.name(node)}</bdi>
      </button>
    );
  };
  return (
    <div className="stack">
      <h3>{words.statement(edge)}</h3>
      <p>
        <bdi>{sentence(edge, document, words, say)}</bdi> <Why of={evidence} label={said.amount} />
      </p>
      <dl className="facts">
        <dt>{t("common:from")}</dt>
        <dd>{end(edge.from)}</dd>
        <dt>{t("common:to")}</dt>
        <dd>{end(edge.to)}</dd>
        <dt>{edge.isAtMost ? t("inspect.at_most") : t("common:amount")}</dt>
        <dd>
          {decimals === null ? (
            said.amount
          ) : (
            <Money units={edge.units} chain={document.chain} decimals={decimals} symbol={symbol} />
          )}
        </dd>
        {edge.usd_cents === null ? null : (
          <>
            <dt>{t("common:usd")}</dt>
            <dd>
              <Dollars usd={coins(edge.usd_cents, 2)} />
            </dd>
          </>
        )}
        <dt>{t("inspect.when")}</dt>
        <dd>
          <bdi dir="ltr" className="num">
            {said.when}
          </bdi>
        </dd>
        <dt>{t("inspect.txs")}</dt>
        <dd>{words.count(edge.txs)}</dd>
      </dl>
      <p className="small muted">{t(`rests.${edge.how}`)}</p>
      <ul className="graph-txids">
        {txids.slice(0, 8).map((txid) => (
          <li key={txid}>
            <TxChip txid={txid} chain={document.chain} />
          </li>
        ))}
      </ul>
      <PinToCase
        finding={{
          statement: sentence(edge, document, words, say),
          path: first?.asked ?? "",
          snapshot: first?.snapshot,
          answer: evidence().answer,
        }}
      />
      <Colours store={store} ids={edge.edges.map((one) => one.id)} now={first?.colour ?? null} />
      {only === undefined ? null : (
        <TextField
          label={t("inspect.note")}
          value={only.note}
          maxLength={NOTE_MAX}
          onChange={(event) => store.dispatch({ do: "note", id: only.id, note: event.target.value })}
        />
      )}
      <div className="row">
        <button
          type="button"
          className="button"
          onClick={() => store.dispatch({ do: "remove", ids: edge.edges.map((one) => one.id) })}
        >
          {t("act.remove")}
        </button>
        {txids[0] === undefined ? null : (
          <Link className="button" to={txPath(document.chain, txids[0])}>
            {t("inspect.split")}
          </Link>
        )}
      </div>
    </div>
  );
}

function Colours({ store, ids, now }: { store: GraphStore; ids: readonly string[]; now: Colour | null }) {
  const { t } = useTranslation("graph");
  return (
    <div className="graph-colours" role="group" aria-label={t("inspect.colour")}>
      {COLOURS.map((colour) => (
        <button
          key={colour}
          type="button"
          className="graph-swatch"
          aria-pressed={now === colour}
          aria-label={t(`colour.${colour}`)}
          title={t(`colour.${colour}`)}
          style={{ background: toneVar(colour) }}
          onClick={() => store.dispatch({ do: "colour", ids, colour: now === colour ? null : colour })}
        />
      ))}
      <button type="button" className="button" onClick={() => store.dispatch({ do: "colour", ids, colour: null })}>
        {t("colour.none")}
      </button>
    </div>
  );
}
