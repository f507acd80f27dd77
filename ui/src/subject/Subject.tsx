// The page of an address and its entity. What is known comes first, with its reasons; then where the money went; then
// everything that this rests on. Each part asks for itself, so that a slow answer holds up no other.
import { useDeferredValue, useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { useGet } from "../api/query";
import { Empty, Hash, Icon, Page, PinToCase } from "../parts";
import { remember } from "../home/recent";
import { AccountEntity } from "./AccountEntity";
import { AccountExposure } from "./AccountExposure";
import { AccountFlow } from "./AccountFlow";
import { AccountTransfers } from "./AccountTransfers";
import { AccountSubject } from "./AccountSubject";
import { ActivityPanel } from "./ActivityPanel";
import { EntityPanel } from "./EntityPanel";
import { ExposurePanel } from "./ExposurePanel";
import { FlowPanel } from "./FlowPanel";
import { LabelsPanel } from "./LabelsPanel";
import { CampaignsPanel } from "./CampaignsPanel";
import { ListsPanel, PatternsPanel, SightingsPanel } from "./elsewhere";
import { OutputsPanel } from "./OutputsPanel";
import { PartiesPanel } from "./PartiesPanel";
import { VerdictPanel } from "./VerdictPanel";
import "./subject.css";

/** Whose figures: this address's, or its whole entity's. */
export type Of = "address" | "entity";

/** What every part of the page is given. */
export interface Asked {
  chain: string;
  address: string;
  of: Of;
  /** Addresses in its entity. */
  size: number;
}

const PARTS = [
  "verdict",
  "flow",
  "exposure",
  "activity",
  "parties",
  "entity",
  "labels",
  "lists",
  "sightings",
  "campaigns",
  "patterns",
  "outputs",
] as const;

const ACCOUNT_PARTS = [
  "verdict",
  "holdings",
  "flow",
  "exposure",
  "activity",
  "parties",
  "entity",
  "labels",
  "lists",
  "sightings",
  "campaigns",
  "patterns",
  "transfers",
] as const;

// of what the chain has never seen, or what is no address of it
const UNSEEN_PARTS = ["verdict", "labels", "lists", "sightings", "campaigns"] as const;

export default function Subject() {
  const { t } = useTranslation("subject");
  const { chain = "bitcoin", value = "" } = useParams();
  const [query] = useSearchParams();
  const address = value.replace(/^entity:/, "");
  const of: Of = query.get("of") === "entity" || value.startsWith("entity:") ? "entity" : "address";
  const screen = useGet("/v1/screen", { query: { target: address, chain } });
  const view = useGet("/v1/address/{address}", { path: { address }, query: { chain, limit: 1 } });
  const found = screen.data?.[0];
  const name = useMemo(() => found?.statements.find((s) => s.relation === "ownership")?.label ?? null, [found]);

  // The verdict is on the screen before the other parts are drawn and ask their own questions: they would hold it up.
  const isAnswered = screen.data !== undefined || screen.error !== null;
  const isRestDrawn = useDeferredValue(isAnswered, false);

  useEffect(() => {
    if (found && found.status === "known") remember({ chain, value: address, title: name, level: found.risk });
  }, [found, chain, address, name]);

  const asked: Asked = { chain, address, of, size: found?.entity_size ?? 1 };
  const isAccount = view.data !== undefined && "holdings" in view.data;
  const isUnseen = !isAccount && found !== undefined && found.status !== "known";
  return (
    <Page
      title={name ?? address}
      lead={
        <span className="subject-name">
          {name ? <bdi>{name}</bdi> : <span>{t("an_address")}</span>}
          <span className="subject-id">
            <Hash value={address} full />
          </span>
        </span>
      }
      actions={
        <>
          <Link className="button" to={`/graph?chain=${encodeURIComponent(chain)}&add=${encodeURIComponent(address)}`}>
            <Icon name="graph" />
            {t("open_graph")}
          </Link>
          <PinToCase subject={{ kind: of === "entity" ? "entity" : "address", chain, value: address }} />
        </>
      }
    >
      <nav aria-label={t("parts")} className="subject-parts no-print">
        {(isAccount ? ACCOUNT_PARTS : isUnseen ? UNSEEN_PARTS : PARTS).map((part) => (
          <a key={part} href={`#${part}`}>
            {t(`part.${part}`)}
          </a>
        ))}
      </nav>
      <VerdictPanel asked={asked} screen={screen} view={view} />
      {!isRestDrawn ? null : view.data && "holdings" in view.data ? (
        <>
          <AccountSubject account={view.data} path={view.path} />
          <AccountFlow asked={asked} holdings={view.data.holdings} />
          <AccountExposure asked={asked} />
          <ActivityPanel asked={asked} isAccount />
          <PartiesPanel asked={asked} />
          <AccountEntity asked={asked} />
          <LabelsPanel asked={asked} />
          <ListsPanel asked={asked} />
          <SightingsPanel asked={asked} />
          <CampaignsPanel asked={asked} />
          <PatternsPanel asked={asked} />
          <AccountTransfers asked={asked} />
        </>
      ) : isUnseen ? (
        <>
          {found.status === "unseen" ? <Empty>{t("not_on_chain")}</Empty> : null}
          <LabelsPanel asked={asked} />
          <ListsPanel asked={asked} />
          <SightingsPanel asked={asked} />
          <CampaignsPanel asked={asked} />
        </>
      ) : (
        <>
          <FlowPanel asked={asked} />
          <ExposurePanel asked={asked} />
          <ActivityPanel asked={asked} />
          <PartiesPanel asked={asked} />
          <EntityPanel asked={asked} />
          <LabelsPanel asked={asked} />
          <ListsPanel asked={asked} />
          <SightingsPanel asked={asked} />
          <CampaignsPanel asked={asked} />
          <PatternsPanel asked={asked} />
          <OutputsPanel asked={asked} />
        </>
      )}
    </Page>
  );
}
