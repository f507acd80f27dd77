// Amounts on chains of accounts: each of one asset, exact to its smallest unit, which can take 78 digits. Only the coin
// and verified tokens have a symbol; anything can call itself a dollar, so that the rest is named by its contract and
// counted in smallest units. Amounts of two assets are never added up.
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { ltr, middleCut } from "../format/bidi";
import { amount, unitsOf } from "../format/numbers";
import { Hash, Money, Nothing } from "../parts";
import type { Settings } from "../prefs";

export type Asset = Schemas["AssetView"];
export type Sum = Pick<Schemas["AmountView"], "asset" | "units">;

/** The name of an asset: its symbol where it is verified, else its contract and that it is not. */
export function AssetName({ asset }: { asset: Asset }) {
  const { t } = useTranslation("accounts");
  if (asset.symbol) return <bdi>{asset.symbol}</bdi>;
  return (
    <span className="nowrap">
      <Hash value={asset.id} copy={false} /> <span className="muted small">{t("unverified")}</span>
    </span>
  );
}

/** Units of an asset, with its symbol; of one that is not verified in smallest units with its contract. */
export function AssetMoney({
  units,
  asset,
  plain,
}: {
  units: string | null | undefined;
  asset: Asset;
  plain?: boolean;
}) {
  if (units === null || units === undefined) return <Nothing />;
  return (
    <Money
      units={units}
      decimals={asset.decimals ?? 0}
      symbol={asset.symbol ?? middleCut(asset.id, 6, 4)}
      plain={plain ?? false}
    />
  );
}

/** Several sums, one a line: the first `first`, then how many more there are. */
export function Sums({ of, first = 3 }: { of: readonly Sum[]; first?: number }) {
  const { t } = useTranslation("accounts");
  if (of.length === 0) return <Nothing />;
  return (
    <span className="sums">
      {of.slice(0, first).map((sum) => (
        <AssetMoney key={sum.asset.id} units={sum.units} asset={sum.asset} />
      ))}
      {of.length > first ? <span className="muted small">{t("more_assets", { count: of.length - first })}</span> : null}
    </span>
  );
}

/** An amount as text for a sentence, isolated from the direction around it. */
export function sumText(sum: Pick<Sum, "units" | "asset">, set: Settings): string {
  return ltr(`${amount(sum.units, sum.asset.decimals ?? 0, set)} ${sum.asset.symbol ?? middleCut(sum.asset.id, 6, 4)}`);
}

/** Several as text: `1.00 USDT + 0.20 ETH`. */
export function sumsText(sums: readonly Sum[], set: Settings): string {
  return sums.map((sum) => sumText(sum, set)).join(" + ");
}

/** The amount in smallest units; zero for what is no number. */
export const unitsIn = (sum: { units: string } | null | undefined): bigint => unitsOf(sum?.units) ?? 0n;
