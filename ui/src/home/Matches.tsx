// What a question came to, by kind. Addresses carry how severe they are; what this store has never seen says no more
// than that.
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Match, MatchKind, Resolved } from "../api/contract";
import { useGet } from "../api/query";
import { blockPath, Category, Copy, Empty, Icon, Panel, Severity, subjectPath, txPath, type IconName } from "../parts";

const KINDS: MatchKind[] = ["address", "transaction", "block", "label", "list_entry", "campaign", "name", "url"];
const ICONS: Record<MatchKind, IconName> = {
  address: "arrow",
  transaction: "next",
  block: "list",
  label: "tag",
  list_entry: "list",
  campaign: "megaphone",
  name: "person",
  url: "file",
};
/** Addresses that are screened for the list; more would make the list wait. */
const SCREENED_MAX = 20;

/** The page of a match; `null` where it has none. */
export function matchPath(match: Match): string | null {
  const chain = match.chain ?? "bitcoin";
  switch (match.kind) {
    case "address":
      return subjectPath(chain, match.value);
    case "transaction":
      return txPath(chain, match.value);
    case "block":
      return blockPath(chain, match.value);
    case "label":
      return match.entity ? subjectPath(chain, match.entity) : subjectPath(chain, match.value);
    case "campaign":
      return `/campaigns/${encodeURIComponent(match.value)}`;
    case "list_entry":
      return match.list
        ? `/lists?list=${encodeURIComponent(match.list)}&id=${encodeURIComponent(match.value)}`
        : `/lists?value=${encodeURIComponent(match.value)}`;
    case "name":
      return `/names?name=${encodeURIComponent(match.value)}`;
    case "url":
      return null;
  }
}

export function Matches({ found, asked }: { found: Resolved; asked: string }) {
  const { t } = useTranslation("home");
  const addresses = found.matches.filter((m) => m.kind === "address" && m.known).slice(0, SCREENED_MAX);
  const screens = useGet("/v1/screen", {
    query: { target: addresses.map((m) => m.value) },
    enabled: addresses.length > 0,
  });
  const level = new Map(screens.data?.map((one) => [one.input, one.risk]));
  const hasName = found.matches.some((m) => m.kind === "name");
  return (
    <div className="stack" aria-live="polite">
      <p className="muted">
        {t(`read_as.${found.read_as}`)} {t("found", { count: found.matches.length })}{" "}
        {found.truncated ? t("truncated") : null}
      </p>
      {found.secrets ? <p className="notice">{t("secrets", { count: found.secrets })}</p> : null}
      {found.matches.length === 0 ? <Empty>{t("nothing")}</Empty> : null}
      {KINDS.map((kind) => {
        const rows = found.matches.filter((match) => match.kind === kind);
        if (rows.length === 0) return null;
        return (
          <Panel key={kind} title={t(`kind.${kind}`)}>
            <ul className="matches">
              {rows.map((match) => (
                <Row
                  key={`${match.chain ?? ""} ${match.value}`}
                  match={match}
                  level={level.get(match.value) ?? null}
                  isWaiting={screens.isLoading && addresses.includes(match)}
                />
              ))}
            </ul>
          </Panel>
        );
      })}
      {!hasName && !found.secrets && asked.length <= 200 && found.read_as !== "text" ? (
        <p>
          <Link to={`/names?name=${encodeURIComponent(asked)}`}>{t("as_name", { name: asked })}</Link>
        </p>
      ) : null}
    </div>
  );
}

function Row({ match, level, isWaiting }: { match: Match; level: string | null; isWaiting: boolean }) {
  const { t } = useTranslation("home");
  const path = matchPath(match);
  const isText = match.kind === "name" || match.kind === "list_entry";
  const value = (
    <bdi dir={isText ? "auto" : "ltr"} className={isText ? "" : "mono wraps"}>
      {match.value}
    </bdi>
  );
  return (
    <li className="match">
      <Icon name={ICONS[match.kind]} />
      <span className="match-words">
        {path ? (
          <Link to={path}>
            {match.title ? (
              <>
                <bdi className="chip-label">{match.title}</bdi>{" "}
              </>
            ) : null}
            {value}
          </Link>
        ) : (
          value
        )}
        {isText ? null : <Copy text={match.value} />}
      </span>
      <span className="row small">
        {match.chain ? (
          <span className="muted">{t(`common:chain.${match.chain}`, { defaultValue: match.chain })}</span>
        ) : null}
        <Category category={match.category} />
        {match.listed ? <span className="mark mark-strong">{t("listed")}</span> : null}
        {match.known ? null : <span className="muted">{t(match.kind === "name" ? "screen_name" : "not_here")}</span>}
        {level ? <Severity level={level} /> : isWaiting ? <span className="muted">{t("common:loading")}</span> : null}
      </span>
    </li>
  );
}
