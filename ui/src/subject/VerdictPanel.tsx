// The first thing on a subject's page: how severe, in one sentence, and why. Then the plain figures of the address.
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import type { useGet } from "../api/query";
import { useSaid } from "../i18n/said";
import {
  AddressChip,
  Dollars,
  Empty,
  Money,
  Num,
  Panel,
  Read,
  Sentence,
  Severity,
  Share,
  Trouble,
  When,
  Why,
} from "../parts";
import { Sums } from "./amounts";
import { evidenceOf, inOrder, sentence, type Screen, type Statement } from "./statement";
import type { Asked } from "./Subject";

type ScreenQuery = ReturnType<typeof useGet<"/v1/screen">>;
type AddressQuery = ReturnType<typeof useGet<"/v1/address/{address}">>;

/** Reasons shown before "all". */
const FIRST = 4;

export function VerdictPanel({ asked, screen, view }: { asked: Asked; screen: ScreenQuery; view: AddressQuery }) {
  const { t } = useTranslation("subject");
  return (
    <Panel id="verdict" title={t("part.verdict")}>
      <Read of={screen}>
        {(answers) => {
          const found = answers[0];
          return found ? <Verdict screen={found} path={screen.path} /> : <Empty>{t("no_answer")}</Empty>;
        }}
      </Read>
      {/* what is no address was said already */}
      {view.error && view.error.status !== 404 && screen.data?.[0]?.status !== "invalid" ? (
        <Trouble error={view.error} />
      ) : null}
      {view.data && "received_sat" in view.data ? (
        <Figures asked={asked} view={view.data} path={view.path} size={screen.data?.[0]?.entity_size ?? null} />
      ) : null}
    </Panel>
  );
}

function Verdict({ screen, path }: { screen: Screen; path: string }) {
  const { t } = useTranslation("subject");
  const say = useSaid();
  const [isAll, setAll] = useState(false);
  const all = inOrder(screen.statements);
  const shown = isAll ? all : all.slice(0, FIRST);
  return (
    <div className="stack">
      <div className="verdict">
        <Severity level={screen.risk} big />
        <p className="verdict-words">
          {t(`common:risk.${screen.risk}`)}{" "}
          {screen.status === "invalid" ? (
            screen.reason ? (
              <Sentence text={say(screen.reason)} />
            ) : null
          ) : screen.status === "unseen" ? (
            t("unseen")
          ) : null}
        </p>
      </div>
      {all.length > 0 ? (
        <>
          <h3>{t("reasons")}</h3>
          <ul className="reasons">
            {shown.map((one, i) => (
              <Reason key={i} of={one} screen={screen} path={path} />
            ))}
          </ul>
          {all.length > FIRST ? (
            <button
              type="button"
              className="button no-print reasons-more"
              aria-expanded={isAll}
              onClick={() => setAll(!isAll)}
            >
              {isAll ? t("fewer") : t("all_reasons", { count: all.length })}
            </button>
          ) : null}
        </>
      ) : null}
      {screen.account_at ? (
        <p className="notice">
          {t("account_at", {
            label: screen.account_at.label ?? screen.account_at.entity,
            receipts: screen.account_at.receipts,
          })}
        </p>
      ) : null}
      {(screen.listed ?? []).length > 0 ? (
        <ul className="stack">
          {(screen.listed ?? []).map((entry) => (
            <li key={`${entry.list} ${entry.id}`} className="notice">
              {t("listed", { name: entry.name ?? entry.id, title: entry.title })}
            </li>
          ))}
        </ul>
      ) : null}
      {(screen.notes ?? []).length > 0 ? (
        <div className="notice">
          <h3>{t("notes")}</h3>
          <ul>
            {(screen.notes ?? []).map((note, i) => (
              <li key={i}>
                <Sentence text={say(note)} />
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {screen.bounds.length > 0 ? (
        <p className="small muted">
          {t("bounds")}{" "}
          {screen.bounds.map((bound, i) => (
            <span key={i}>
              {i > 0 ? " · " : null}
              {t(`common:bound.${bound.bound}`, { defaultValue: bound.bound })}
              {bound.direction ? ` (${t(`common:direction.${bound.direction}`)})` : null}{" "}
              <Money units={bound.amount_sat} chain={screen.chain ?? "bitcoin"} />
            </span>
          ))}
        </p>
      ) : null}
    </div>
  );
}

function Reason({ of, screen, path }: { of: Statement; screen: Screen; path: string }) {
  const { t } = useTranslation("subject");
  return (
    <li className="reason">
      <Severity level={of.level} />
      <span className="reason-words">
        {sentence(of, screen.input, t)}{" "}
        <span className="muted">
          {t(`common:basis.${of.basis}`, { defaultValue: of.basis })}
          {of.hops_min && of.hops_min > 1 ? ` · ${t("hops", { count: of.hops_min })}` : null}
        </span>
      </span>
      <span className="reason-figures">
        {of.amounts && of.amounts.length > 0 ? (
          <>
            <Sums of={of.amounts} />
            <span className="muted">
              <Share part={of.share} />
            </span>
          </>
        ) : null}
        {of.amount_sat === null || of.amount_sat === undefined ? null : (
          <>
            <Money units={of.amount_sat} chain={screen.chain ?? "bitcoin"} />
            <span className="muted">
              <Share part={of.share} />
            </span>
          </>
        )}
      </span>
      <Why of={() => evidenceOf(of, screen, path, t)} label={of.label} />
    </li>
  );
}

type View = Schemas["AddressView"];

function Figures({ asked, view, path, size }: { asked: Asked; view: View; path: string; size: number | null }) {
  const { t } = useTranslation("subject");
  const rows: [string, ReactNode][] = [
    [
      t("figure.received"),
      <Both key="r" units={view.received_sat} usd={view.received_usd ?? null} chain={view.chain} />,
    ],
    [t("figure.sent"), <Money key="s" units={view.sent_sat} chain={view.chain} />],
    [t("figure.balance"), <Money key="b" units={view.balance_sat} chain={view.chain} />],
    [t("figure.payments"), <Num key="p" n={view.output_count} />],
    [t("figure.first"), <When key="f" at={view.first_time} day />],
    [t("figure.last"), <When key="l" at={view.last_time} day />],
  ];
  if (size !== null) {
    rows.push([
      t("figure.entity"),
      <span key="e">
        {t("addresses", { count: size })}
        {view.entity !== asked.address ? (
          <>
            {" · "}
            <AddressChip address={view.entity} chain={view.chain} copy={false} />
          </>
        ) : null}
      </span>,
    ]);
  }
  return (
    <dl className="figures">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div className="figures-why">
        <dt className="hidden-visually">{t("common:why")}</dt>
        <dd>
          <Why
            label={t("figure.title")}
            of={() => ({
              statement: t("figure.statement", { address: asked.address }),
              chain: view.chain,
              text: t("figure.why"),
              snapshot: view.snapshot,
              path,
              answer: view,
            })}
          />
        </dd>
      </div>
    </dl>
  );
}

function Both({ units, usd, chain }: { units: number; usd: number | null; chain: string }) {
  return (
    <>
      <Money units={units} chain={chain} />{" "}
      <span className="muted small">{usd === null ? null : <Dollars usd={usd} />}</span>
    </>
  );
}
