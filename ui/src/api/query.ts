// Reading and changing through react-query. A read's key is its path, so that the same question asked by two parts of a
// page goes out once, and "why" can name it.
import { keepPreviousData, QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { call, client, pathOf, type CallOptions, type Query } from "./client";
import { Problem } from "./problem";
import type { paths } from "./schema";

type Json<R> = R extends { content: { "application/json": infer T } } ? T : never;
type Get<P extends keyof paths> = paths[P] extends { get: infer O } ? O : never;
/** What a GET of a template of openapi.json answers with. */
export type Answer<P extends keyof paths> =
  Get<P> extends { responses: infer R } ? (R extends { 200: infer T } ? Json<T> : never) : never;
/** Templates of openapi.json that can be read. */
export type ReadPath = { [P in keyof paths]: Get<P> extends never ? never : P }[keyof paths];

export interface ReadOptions {
  path?: Record<string, string | number>;
  query?: Query;
  /** False: do not ask yet. */
  enabled?: boolean;
  /** Keep showing the answer to the previous question while the next is asked. */
  keep?: boolean;
  /** Ask again every so many milliseconds. */
  every?: number;
}

function retry(count: number, error: unknown): boolean {
  // Asking again helps only where the service was away or busy.
  return count < 2 && error instanceof Problem && (error.status === 0 || error.status === 503);
}

/** The client of every query: answers are fresh for half a minute. */
export const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 30_000, retry, refetchOnWindowFocus: false }, mutations: { retry: false } },
});

/** Reads any path (contract routes that openapi.json does not describe yet): `useRead<Case>("/v1/cases/{case}", …)`. */
export function useRead<T>(template: string, options: ReadOptions = {}) {
  const path = pathOf(template, options.path, options.query);
  const query = useQuery<T, Problem>({
    queryKey: [path],
    queryFn: ({ signal }) => call<T>("GET", path, { signal }),
    enabled: options.enabled ?? true,
    ...(options.keep ? { placeholderData: keepPreviousData } : {}),
    ...(options.every ? { refetchInterval: options.every } : {}),
  });
  return { ...query, path };
}

/** Reads a path of openapi.json with its types: `useGet("/v1/address/{address}", { path: { address } })`. */
export function useGet<P extends ReadPath>(template: P, options: ReadOptions = {}) {
  return useRead<Answer<P>>(template, options);
}

/** Reads once, outside of a component's drawing; the cache is used and filled. */
export function fetchRead<T>(template: string, options: ReadOptions = {}): Promise<T> {
  const path = pathOf(template, options.path, options.query);
  return queries.fetchQuery<T, Problem>({
    queryKey: [path],
    queryFn: ({ signal }) => call<T>("GET", path, { signal }),
  });
}

export interface Change extends CallOptions {
  method: "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
}

/**
 * A change: `const save = useSend<Case>({ refresh: ["/v1/cases"] }); save.mutate({ method: "POST", path, body })`.
 * `refresh` names beginnings of paths whose answers are asked for again afterwards.
 */
export function useSend<T = unknown>(options: { refresh?: string[]; onDone?: (answer: T) => void } = {}) {
  const refresh = useRefresh();
  return useMutation<T, Problem, Change>({
    mutationFn: ({ method, path, ...rest }) => call<T>(method, path, rest),
    onSuccess: async (answer) => {
      options.onDone?.(answer);
      await refresh(options.refresh ?? []);
    },
  });
}

/** Marks every answer whose path begins with one of these as old, so that it is asked for again. */
export function useRefresh() {
  const known = useQueryClient();
  return useCallback(
    (beginnings: string[]) =>
      known.invalidateQueries({
        predicate: ({ queryKey }) => beginnings.some((beginning) => String(queryKey[0]).startsWith(beginning)),
      }),
    [known],
  );
}

/** The typed client and the plain call. */
export function useApi() {
  return { client, call };
}
