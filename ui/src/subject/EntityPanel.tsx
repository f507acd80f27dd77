// The entity: why these addresses are held for one owner's, since when, how often such a tie is wrong, and what speaks
// against it. An entity is a conclusion, so its evidence stands beside it.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useGet, type Answer } from "../api/query";
import {
  AddressChip,
  DataTable,
  Empty,
  Icon,
  Money,
  Num,
  Panel,
  Read,
  Trouble,
  TxChip,
  When,
  Why,
  Hash,
  Dialog,
  PinToCase,
} from "../parts";
import { ltr } from "../format/bidi";
import { whole } from "../format/numbers";
import { useSettings } from "../prefs";
import type { Schemas } from "../api/client";
import type { Asked } from "./Subject";

const PAGE = 25;

export function EntityPanel({ asked }: { asked: Asked }) {
  const { t } = useTranslation("subject");
  const [offset, setOffset] = useState(0);
  const entity = useGet("/v1/entity/{address}", {
    path: { address: asked.address },
    query: { chain: asked.chain, limit: PAGE, offset: offset || undefined },
    keep: true,
  });
  return (
    <Panel id="entity" title={t("part.entity")} note={t("entity.note")}>
      <Read of={entity} missing={<Empty>{t("entity.none")}</Empty>}>
        {(data) =>
          isEntity(data) ? (
            <Body entity={data} path={entity.path} asked={asked} setOffset={setOffset} />
          ) : (
            <Empty>{t("flow.accounts")}</Empty>
          )
        }
      </Read>
    </Panel>
  );
}

type Entity = Schemas["EntityAnswer"];

function isEntity(answer: Answer<"/v1/entity/{address}">): answer is Entity {
  return "inferred_service" in answer && "received_sat" in answer;
}

function Body({
  entity,
  path,
  asked,
  setOffset,
}: {
  entity: Entity;
  path: string;
  asked: Asked;
  setOffset: (offset: number) => void;
}) {
  const { t } = useTranslation("subject");
  const [other, setOther] = useState<string | null>(null);
  const rules = entity.heuristics.split(/[+,]\s*/);
  return (
    <div className="stack">
      <p>
        {t("entity.lead", { count: entity.size })}{" "}
        {t("entity.rules", { rules: rules.map((rule) => t(`common:heuristic_rule.${rule}`, { defaultValue: rule })) })}{" "}
        {entity.as_of_height === null || entity.as_of_height === undefined
          ? null
          : t("entity.as_of", { height: entity.as_of_height })}
      </p>
      <dl className="figures">
        <div>
          <dt>{t("figure.received")}</dt>
          <dd>
            <Money units={entity.received_sat} chain={asked.chain} />
          </dd>
        </div>
        <div>
          <dt>{t("figure.sent")}</dt>
          <dd>
            <Money units={entity.sent_sat} chain={asked.chain} />
          </dd>
        </div>
        <div>
          <dt>{t("figure.balance")}</dt>
          <dd>
            <Money units={entity.balance_sat} chain={asked.chain} />
          </dd>
        </div>
        <div>
          <dt>{t("figure.first")}</dt>
          <dd>
            <When at={entity.first_time} day />
          </dd>
        </div>
        <div>
          <dt>{t("figure.last")}</dt>
          <dd>
            <When at={entity.last_time} day />
          </dd>
        </div>
        <div className="figures-why">
          <dt className="hidden-visually">{t("common:why")}</dt>
          <dd>
            <Why
              label={t("part.entity")}
              of={() => ({
                statement: t("entity.statement", {
                  address: asked.address,
                  count: entity.size,
                  heuristics: entity.heuristics,
                }),
                chain: asked.chain,
                text: t("entity.why"),
                snapshot: entity.snapshot,
                path,
                answer: { ...entity, addresses: entity.addresses.slice(0, 100) },
              })}
            />
          </dd>
        </div>
      </dl>
      <Service entity={entity} />
      <Cuts entity={entity} chain={asked.chain} />
      <div className="entity-columns">
        <div className="stack">
          <h3>{t("entity.addresses")}</h3>
          <DataTable
            dense
            caption={t("entity.addresses")}
            rows={entity.addresses}
            rowKey={(address) => address}
            columns={[
              {
                id: "address",
                head: t("common:address"),
                isName: true,
                cell: (address) => <AddressChip address={address} chain={asked.chain} />,
              },
              {
                id: "why",
                head: t("entity.same"),
                cell: (address) =>
                  address === asked.address ? (
                    <span className="muted">{t("entity.this")}</span>
                  ) : (
                    <button type="button" className="button button-small" onClick={() => setOther(address)}>
                      <Icon name="why" />
                      {t("entity.same_why")}
                    </button>
                  ),
              },
            ]}
          />
          {entity.offset > 0 || entity.addresses_truncated ? (
            <div className="row no-print">
              <button
                type="button"
                className="button"
                disabled={entity.offset === 0}
                onClick={() => setOffset(Math.max(0, entity.offset - PAGE))}
              >
                {t("before")}
              </button>
              <button
                type="button"
                className="button"
                disabled={!entity.addresses_truncated}
                onClick={() => setOffset(entity.offset + PAGE)}
              >
                {t("after")}
              </button>
              <span className="muted small">
                <Num n={entity.offset + 1} />–<Num n={entity.offset + entity.addresses.length} /> /{" "}
                <Num n={entity.size} />
              </span>
            </div>
          ) : null}
        </div>
        {entity.size > 1 ? <Growth asked={asked} /> : null}
      </div>
      {other ? <Explain a={asked.address} b={other} chain={asked.chain} onClose={() => setOther(null)} /> : null}
    </div>
  );
}

function Service({ entity }: { entity: Entity }) {
  const { t } = useTranslation("subject");
  const service = entity.inferred_service;
  if (service.status !== "recognised" || !service.rule) return null;
  return (
    <p className="notice">{t("entity.service", { rule: "name" in service.rule ? String(service.rule.name) : "" })}</p>
  );
}

function Cuts({ entity, chain }: { entity: Entity; chain: string }) {
  const { t } = useTranslation("subject");
  const cuts = entity.cuts?.applied ?? [];
  if (cuts.length === 0) return null;
  return (
    <div className="notice">
      <h3>{t("entity.cuts")}</h3>
      <p className="small">{t("entity.cuts_note")}</p>
      <ul className="stack">
        {cuts.map((cut) => (
          <li key={cut.txid}>
            <TxChip txid={cut.txid} chain={chain} /> <bdi dir="auto">{cut.reason}</bdi>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Growth({ asked }: { asked: Asked }) {
  const { t } = useTranslation("subject");
  const set = useSettings();
  const growth = useGet("/v1/entity/{address}/growth", {
    path: { address: asked.address },
    query: { chain: asked.chain },
  });
  return (
    <div className="stack">
      <h3>{t("entity.growth")}</h3>
      <Read of={growth}>
        {(data) => {
          const most = Math.max(1, ...data.moments.map((one) => one.size));
          const points = data.moments.map(
            (one, i) =>
              [
                data.moments.length === 1 ? 0 : (i / (data.moments.length - 1)) * 400,
                110 - (one.size / most) * 100,
              ] as const,
          );
          const line = points.map(([x, y], i) => (i === 0 ? `M${x} ${y}` : `H${x}V${y}`)).join("");
          const first = data.moments[0];
          const last = data.moments.at(-1);
          return (
            <figure className="stack">
              <svg
                viewBox="0 0 400 120"
                className="growth"
                role="img"
                aria-label={t("entity.growth_picture", { count: data.size })}
              >
                <path d={`${line}V110H0Z`} className="growth-area" />
                <path d={line} className="growth-line" />
              </svg>
              <figcaption className="small muted growth-foot">
                <When at={first?.time} day /> · <bdi dir="ltr">{whole(first?.size ?? 0, set)}</bdi>
                <span className="push" />
                <When at={last?.time} day /> · <bdi dir="ltr">{whole(last?.size ?? 0, set)}</bdi>
              </figcaption>
              {data.merges.length > 0 ? (
                <DataTable
                  dense
                  showCaption
                  caption={t("entity.merges", { count: data.merges_total })}
                  rows={data.merges}
                  rowKey={(merge) => merge.txid}
                  columns={[
                    {
                      id: "tx",
                      head: t("common:tx"),
                      isName: true,
                      cell: (m) => <TxChip txid={m.txid} chain={asked.chain} />,
                    },
                    { id: "time", head: t("common:time"), cell: (m) => <When at={m.time} day />, sort: (m) => m.time },
                    {
                      id: "joined",
                      head: t("entity.joined"),
                      align: "end",
                      cell: (m) => <Num n={m.joined} />,
                      sort: (m) => m.joined,
                    },
                    {
                      id: "to",
                      head: t("entity.joined_to"),
                      align: "end",
                      cell: (m) => <Num n={m.to} />,
                      sort: (m) => m.to,
                    },
                    {
                      id: "rule",
                      head: t("entity.rule"),
                      cell: (m) => t(`common:heuristic.${m.heuristic}`, { defaultValue: m.heuristic }),
                    },
                  ]}
                />
              ) : (
                <p className="small muted">{t("entity.no_merges")}</p>
              )}
            </figure>
          );
        }}
      </Read>
    </div>
  );
}

/** Why two addresses are one entity: the chain of transactions between them, and how often such a tie was wrong. */
function Explain({ a, b, chain, onClose }: { a: string; b: string; chain: string; onClose: () => void }) {
  const { t } = useTranslation("subject");
  const explain = useGet("/v1/explain", { query: { a, b, chain } });
  const data = explain.data && "linked" in explain.data && "rates" in explain.data ? explain.data : null;
  const statement = data
    ? t(data.linked ? "entity.linked" : "entity.not_linked", { a, b, height: data.since_height ?? 0 })
    : "";
  return (
    <Dialog
      side
      isOpen
      onClose={onClose}
      title={t("entity.explain")}
      foot={
        data ? <PinToCase finding={{ statement, path: explain.path, snapshot: data.snapshot, answer: data }} /> : null
      }
    >
      {explain.error ? <Trouble error={explain.error} again={() => void explain.refetch()} /> : null}
      {data ? (
        <div className="stack evidence">
          <p className="evidence-statement">{statement}</p>
          <DataTable
            dense
            caption={t("entity.steps")}
            rows={data.steps}
            rowKey={(step, i) => `${step.txid}-${i}`}
            columns={[
              { id: "tx", head: t("common:tx"), isName: true, cell: (s) => <TxChip txid={s.txid} chain={chain} /> },
              {
                id: "rule",
                head: t("entity.rule"),
                cell: (s) => t(`common:heuristic.${s.heuristic}`, { defaultValue: s.heuristic }),
              },
              {
                id: "a",
                head: t("entity.ties"),
                cell: (s) => <AddressChip address={s.joins[0] ?? ""} chain={chain} copy={false} />,
              },
              {
                id: "b",
                head: t("entity.with"),
                cell: (s) => <AddressChip address={s.joins[1] ?? ""} chain={chain} copy={false} />,
              },
            ]}
          />
          {data.rates.length > 0 ? (
            <section className="stack">
              <h3>{t("common:evidence.rate")}</h3>
              {data.rates.map((rate) => (
                <p key={rate.heuristic}>
                  {t("entity.rate", {
                    heuristic: t(`common:heuristic.${rate.heuristic}`, { defaultValue: rate.heuristic }),
                    wrong: rate.wrong,
                    of: rate.of,
                    most: ltr(
                      `${(Number(rate.share_wrong_max) * 100).toFixed(4).replace(/0+$/, "").replace(/\.$/, "")}%`,
                    ),
                  })}
                </p>
              ))}
              <p className="small muted">{t("entity.rate_note")}</p>
            </section>
          ) : null}
          {data.bound_hit ? <p className="muted">{t("entity.bound", { bound: data.bound_hit })}</p> : null}
          <dl className="facts">
            <dt>{t("common:evidence.path")}</dt>
            <dd>
              <Hash value={explain.path} full />
            </dd>
            <dt>{t("common:snapshot")}</dt>
            <dd>
              <Hash value={data.snapshot} />
            </dd>
          </dl>
        </div>
      ) : null}
    </Dialog>
  );
}
