// The map of campaigns: a lane for each along one axis of time, with what was published when and what came in each month. All lanes have one
// scale. Time runs from left to right in both languages, as in the figures of the tables. The table below the picture says the same.
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { AddressChip } from "../parts/bits";
import { dayOf, dollars, digits } from "../format/numbers";
import { useSettings } from "../prefs";
import { barsOf, highestOf, place, ticksOf, type Span } from "./layout";
import type { Lane } from "./read";
import { useWidth } from "./width";

const HEIGHT = 76;
const BASE = 62;
const BAR = 40;
const MARK = 10;

export function CampaignMap({ lanes, span, total }: { lanes: Lane[]; span: Span; total: number }) {
  const { t } = useTranslation("campaigns");
  const set = useSettings();
  const { ref, width } = useWidth<HTMLDivElement>(280);
  const highest = highestOf(lanes.map((lane) => lane.months ?? []));
  const ticks = ticksOf(span, Math.max(3, Math.floor(width / 90)));
  const label = (time: number) => {
    const iso = new Date(time).toISOString();
    return digits(
      ticks.length > 1 && (ticks[1] ?? 0) - (ticks[0] ?? 0) >= 360 * 86_400_000 ? iso.slice(0, 4) : iso.slice(0, 7),
      set,
    );
  };
  return (
    <figure className="campaign-map" aria-label={t("map.label")}>
      <div className="campaign-lanes">
        {lanes.map((lane, at) => (
          <div className="campaign-lane" key={lane.line.id}>
            <div className="campaign-lane-name">
              <Link to={`/campaigns/${lane.line.id}`}>
                <bdi dir="ltr" className="mono">
                  {lane.line.id}
                </bdi>
              </Link>
              <span className="small muted">
                {lane.line.languages
                  .map(([language]) => t(`language.${language}`, { defaultValue: language }))
                  .join(" · ")}
              </span>
              {lane.line.addresses[0] ? (
                <span className="small">
                  <AddressChip address={lane.line.addresses[0]} copy={false} />
                  {lane.line.addresses_total > 1 ? ` ${t("and", { n: lane.line.addresses_total - 1 })}` : ""}
                </span>
              ) : null}
            </div>
            <div className="campaign-track" ref={at === 0 ? ref : undefined}>
              <svg
                width={width}
                height={HEIGHT}
                viewBox={`0 0 ${width} ${HEIGHT}`}
                aria-hidden="true"
                focusable="false"
              >
                {ticks.map((tick) => (
                  <line
                    key={tick}
                    className="campaign-tick"
                    x1={place(tick, span, width)}
                    x2={place(tick, span, width)}
                    y1={0}
                    y2={HEIGHT}
                  />
                ))}
                <line className="campaign-base" x1={0} x2={width} y1={BASE} y2={BASE} />
                {barsOf(lane.months ?? [], span, width, highest).map((bar) => {
                  const height = bar.usd === null ? 6 : Math.max(2, bar.share * BAR);
                  return (
                    <rect
                      key={bar.month}
                      className={bar.partlyUnpriced || bar.usd === null ? "campaign-bar is-unpriced" : "campaign-bar"}
                      x={bar.x}
                      y={BASE - height}
                      width={bar.width}
                      height={height}
                    >
                      <title>{`${bar.month}: ${bar.usd === null ? t("map.barUnpriced") : `USD ${dollars(bar.usd, set)}`} (${bar.count})`}</title>
                    </rect>
                  );
                })}
                {(lane.marks ?? [])
                  .filter((mark) => isInside(mark.time, span))
                  .map((mark, index) => {
                    const x = Math.min(width - 6, Math.max(6, place(mark.time, span, width)));
                    const title = `${dayOf(mark.time / 1000, set)} ${t(mark.solicits ? "map.solicits" : "map.reports")}: ${mark.place}`;
                    return mark.solicits ? (
                      <path key={index} className="campaign-mark" d={`M${x - 5} ${MARK - 6}h10l-5 9Z`}>
                        <title>{title}</title>
                      </path>
                    ) : (
                      <circle key={index} className="campaign-mark is-quiet" cx={x} cy={MARK - 1} r={4}>
                        <title>{title}</title>
                      </circle>
                    );
                  })}
                {lane.firstDonation !== null ? (
                  <path
                    className="campaign-first"
                    d={`M${place(lane.firstDonation, span, width)} ${BASE - 5}l5 5l-5 5l-5 -5Z`}
                  >
                    <title>{`${dayOf(lane.firstDonation / 1000, set)} ${t("map.firstDonation")}`}</title>
                  </path>
                ) : null}
              </svg>
              <Outside lane={lane} span={span} />
              {lane.months === null ? <span className="campaign-wait small muted">{t("map.loading")}</span> : null}
            </div>
          </div>
        ))}
        <div className="campaign-lane campaign-axis" aria-hidden="true">
          <div className="campaign-lane-name" />
          <div className="campaign-track">
            <svg width={width} height={22} viewBox={`0 0 ${width} 22`} focusable="false">
              {ticks.map((tick) => (
                <text
                  key={tick}
                  x={Math.min(width - 24, Math.max(24, place(tick, span, width)))}
                  y={15}
                  textAnchor="middle"
                >
                  {label(tick)}
                </text>
              ))}
            </svg>
          </div>
        </div>
      </div>
      <figcaption className="small">
        <span className="hidden-visually">{t("map.legend")}</span>
        <ul className="campaign-legend">
          <li>
            <svg width="12" height="12" aria-hidden="true">
              <path className="campaign-mark" d="M1 2h10l-5 9Z" />
            </svg>
            {t("map.solicits")}
          </li>
          <li>
            <svg width="12" height="12" aria-hidden="true">
              <circle className="campaign-mark is-quiet" cx="6" cy="6" r="4" />
            </svg>
            {t("map.reports")}
          </li>
          <li>
            <svg width="12" height="12" aria-hidden="true">
              <path className="campaign-first" d="M6 1l5 5l-5 5l-5 -5Z" />
            </svg>
            {t("map.firstDonation")}
          </li>
          <li>
            <svg width="12" height="12" aria-hidden="true">
              <rect className="campaign-bar" x="2" y="1" width="8" height="11" />
            </svg>
            {t("map.bar")}
          </li>
          <li>
            <svg width="12" height="12" aria-hidden="true">
              <rect className="campaign-bar is-unpriced" x="2" y="1" width="8" height="10" />
            </svg>
            {t("map.barUnpriced")}
          </li>
          {highest > 0 ? <li>{t("map.scale", { usd: `USD ${dollars(highest, set)}` })}</li> : null}
          {total > lanes.length ? <li>{t("map.more", { shown: lanes.length, total })}</li> : null}
        </ul>
      </figcaption>
    </figure>
  );
}

const isInside = (time: number, span: Span) => time >= span.from && time <= span.to;

/** How many marks lie outside of the picture: they are dated by nothing but when this store read them. */
function Outside({ lane, span }: { lane: Lane; span: Span }) {
  const { t } = useTranslation("campaigns");
  const n = (lane.marks ?? []).filter((mark) => !isInside(mark.time, span)).length;
  return n > 0 ? <span className="campaign-outside small muted">{t("map.outside", { n })}</span> : null;
}
