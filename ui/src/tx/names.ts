// The names that labels give to a handful of addresses: asked for once for each page, in one screening of no hops'
// depth beyond the direct ones.
import { useMemo } from "react";
import { useGet } from "../api/query";

const MAX = 40;

/** Label by address, for those that have one of their own or through their entity. */
export function useNames(chain: string, addresses: (string | null | undefined)[]): ReadonlyMap<string, string> {
  const asked = useMemo(
    () => [...new Set(addresses.filter((one): one is string => Boolean(one)))].slice(0, MAX),
    [addresses],
  );
  const screens = useGet("/v1/screen", { query: { target: asked, chain, hops: 1 }, enabled: asked.length > 0 });
  return useMemo(() => {
    const names = new Map<string, string>();
    for (const one of screens.data ?? []) {
      const own = one.statements.find((statement) => statement.relation === "ownership");
      if (own) names.set(one.input, own.label);
    }
    return names;
  }, [screens.data]);
}
