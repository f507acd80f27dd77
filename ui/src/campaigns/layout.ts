// Where the things of the map of campaigns stand: time along one axis, a lane for each campaign, in it what was published when and a bar for
// what came in each month. Plain arithmetic, so that the picture can be tested without drawing it. The table beside the picture says the same.

/** A month of money, `month` as `YYYY-MM`. Dollars are null where nothing in it has a price. */
export interface Month {
  month: string;
  count: number;
  usd: number | null;
  partlyUnpriced: boolean;
}

/** The time that a map shows, in milliseconds since 1970, both ends included. */
export interface Span {
  from: number;
  to: number;
}

const DAY = 86_400_000;

/** First millisecond of a month `YYYY-MM` in UTC, or null where it is no month. */
export function startOfMonth(month: string): number | null {
  const match = /^(\d{4})-(\d{2})$/.exec(month);
  if (!match || Number(match[2]) < 1 || Number(match[2]) > 12) return null;
  return Date.UTC(Number(match[1]), Number(match[2]) - 1, 1);
}

/** First millisecond of the month after. */
export function endOfMonth(month: string): number | null {
  const start = startOfMonth(month);
  if (start === null) return null;
  const date = new Date(start);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/**
 * The span that holds all of these times, with room at both ends; null where there is none. A campaign of one day gets a month, so that its
 * bar can be seen.
 */
export function spanOf(times: readonly number[]): Span | null {
  const known = times.filter((time) => Number.isFinite(time));
  if (known.length === 0) return null;
  const from = Math.min(...known);
  const to = Math.max(...known);
  const room = Math.max((to - from) * 0.03, to - from < 30 * DAY ? 15 * DAY : 0);
  return { from: from - room, to: to + room };
}

/** Where a time stands, from 0 to `width`; times outside are put on the edge. */
export function place(time: number, span: Span, width: number): number {
  if (span.to <= span.from) return 0;
  return Math.min(width, Math.max(0, ((time - span.from) / (span.to - span.from)) * width));
}

/** Times at which the axis is marked: months, quarters, years or decades, as many as fit and never more than `most`. */
export function ticksOf(span: Span, most = 12): number[] {
  const steps = [1, 3, 6, 12, 24, 60, 120, 600];
  const months = (span.to - span.from) / (30.44 * DAY);
  const step = steps.find((each) => months / each <= most) ?? 600;
  const first = new Date(span.from);
  const ticks: number[] = [];
  // Months counted from the year 0, so that steps begin where people expect them: January, April, decades.
  let index = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth()) / step) * step;
  for (; ticks.length <= most * 2; index += step) {
    const time = Date.UTC(Math.floor(index / 12), index % 12, 1);
    if (time > span.to) break;
    if (time >= span.from) ticks.push(time);
  }
  return ticks;
}

/** A bar of a month: from where to where, and how high as a share from 0 to 1 of the highest month of all. */
export interface Bar extends Month {
  x: number;
  width: number;
  share: number;
}

/** The bars of a campaign. A month without any price has no height, and the picture marks it in another way. */
export function barsOf(months: readonly Month[], span: Span, width: number, highest: number): Bar[] {
  return months.flatMap((month) => {
    const start = startOfMonth(month.month);
    const end = endOfMonth(month.month);
    if (start === null || end === null) return [];
    const x = place(start, span, width);
    return [
      {
        ...month,
        x,
        width: Math.max(2, place(end, span, width) - x - 1),
        share: highest > 0 && month.usd !== null ? month.usd / highest : 0,
      },
    ];
  });
}

/** The highest sum of a month, of all campaigns: all lanes have one scale, or a small campaign would look like a large one. */
export function highestOf(campaigns: readonly (readonly Month[])[]): number {
  return Math.max(0, ...campaigns.flatMap((months) => months.map((month) => month.usd ?? 0)));
}
