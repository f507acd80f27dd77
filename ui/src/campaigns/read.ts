// A campaign as the map draws it: what was published when, the months of money, the first money after publication.
import type { components } from "../api/schema";
import { endOfMonth, startOfMonth, type Month } from "./layout";

export type Line = components["schemas"]["CampaignLine"];
export type Campaign = components["schemas"]["CampaignView"];
export type Sum = components["schemas"]["CampaignSumView"];
export type UnitRef = components["schemas"]["UnitRef"];

export interface Mark {
  time: number;
  /** Whether it is dated at all, or only by when this store read it. */
  isDated: boolean;
  solicits: boolean;
  place: string;
}

export interface Lane {
  line: Line;
  /** Null while it is read, or where it could not be read. */
  marks: Mark[] | null;
  months: Month[] | null;
  firstDonation: number | null;
}

/** Months of what the published addresses received. */
export function monthsOf(sum: Sum): Month[] {
  return sum.by_month.map((month) => ({
    month: month.month,
    count: month.count,
    usd: month.usd,
    partlyUnpriced: month.is_partly_unpriced,
  }));
}

export function laneOf(line: Line, campaign: Campaign | undefined): Lane {
  if (!campaign) return { line, marks: null, months: null, firstDonation: null };
  const first = campaign.first_donation ? Date.parse(campaign.first_donation.receipt.time) : Number.NaN;
  return {
    line,
    marks: campaign.timeline.map((entry) => ({
      time: entry.at.time * 1000,
      isDated: entry.at.source !== "read",
      solicits: entry.solicits,
      place: entry.place.name,
    })),
    months: monthsOf(campaign.received),
    firstDonation: Number.isNaN(first) ? null : first,
  };
}

/**
 * Times that the span of the map is made of. When a document was merely read by this store says nothing of the campaign and would stretch the
 * axis to today, so such times are left out where there is any better one; the map then counts their marks at its end.
 */
export function timesOf(campaigns: readonly { line: Line; campaign: Campaign | undefined }[]): number[] {
  const good: number[] = [];
  const rest: number[] = [];
  for (const { line, campaign } of campaigns) {
    (line.first_dated === "read" ? rest : good).push(Date.parse(line.first));
    if (!campaign) continue;
    for (const entry of campaign.timeline) (entry.at.source === "read" ? rest : good).push(entry.at.time * 1000);
    for (const month of campaign.received.by_month) {
      good.push(startOfMonth(month.month) ?? Number.NaN, endOfMonth(month.month) ?? Number.NaN);
    }
  }
  const known = good.filter((time) => Number.isFinite(time));
  return known.length > 0 ? known : rest;
}
