// Sums by month of one campaign: the published addresses, and beside them the same with their entities. The table below says the same.
import { useTranslation } from "react-i18next";
import { digits, dollars } from "../format/numbers";
import { useSettings } from "../prefs";
import { highestOf, type Month } from "./layout";
import { useWidth } from "./width";

const HEIGHT = 150;
const BASE = 122;
const TOP = 10;

export function MonthChart({ months, withEntities }: { months: Month[]; withEntities: Month[] }) {
  const { t } = useTranslation("campaigns");
  const set = useSettings();
  const { ref, width } = useWidth<HTMLDivElement>(280);
  const names = [...new Set([...months, ...withEntities].map((month) => month.month))].sort();
  const highest = highestOf([months, withEntities]);
  const step = width / Math.max(1, names.length);
  const bar = Math.min(28, step * 0.36);
  const every = Math.ceil(names.length / Math.max(1, Math.floor(width / 64)));
  const height = (usd: number | null) =>
    usd === null ? 6 : highest > 0 ? Math.max(2, (usd / highest) * (BASE - TOP)) : 2;
  const draw = (list: Month[], name: string, x: number, className: string) => {
    const month = list.find((each) => each.month === name);
    if (!month) return null;
    const h = height(month.usd);
    return (
      <rect
        className={month.usd === null ? "campaign-bar is-unpriced" : `campaign-bar ${className}`}
        x={x}
        y={BASE - h}
        width={bar}
        height={h}
      >
        <title>{`${name}: ${month.usd === null ? t("map.barUnpriced") : `USD ${dollars(month.usd, set)}`} (${month.count})`}</title>
      </rect>
    );
  };
  return (
    <figure className="campaign-chart" aria-label={t("months.chart")}>
      <div className="campaign-track" ref={ref}>
        <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true" focusable="false">
          <line className="campaign-base" x1={0} x2={width} y1={BASE} y2={BASE} />
          {names.map((name, at) => {
            const middle = at * step + step / 2;
            return (
              <g key={name}>
                {draw(months, name, middle - bar - 1, "")}
                {draw(withEntities, name, middle + 1, "is-entity")}
                {at % every === 0 ? (
                  <text x={middle} y={BASE + 18} textAnchor="middle">
                    {digits(name, set)}
                  </text>
                ) : null}
              </g>
            );
          })}
        </svg>
      </div>
      <figcaption className="small">
        <ul className="campaign-legend">
          <li>
            <svg width="12" height="12" aria-hidden="true">
              <rect className="campaign-bar" x="2" y="1" width="8" height="11" />
            </svg>
            {t("months.addresses")}
          </li>
          <li>
            <svg width="12" height="12" aria-hidden="true">
              <rect className="campaign-bar is-entity" x="2" y="1" width="8" height="10" />
            </svg>
            {t("months.entities")}
          </li>
          {highest > 0 ? <li>{t("map.scale", { usd: `USD ${dollars(highest, set)}` })}</li> : null}
        </ul>
      </figcaption>
    </figure>
  );
}
