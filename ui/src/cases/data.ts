// What pages of cases ask for and send, in one place: shapes that only they use, keys, and reads of whole lists. Lists
// are read page after page up to a bound, because a case's parts are shown, searched and printed whole.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { call, pathOf } from "../api/client";
import type { Case, FindingBody, Item, SubjectBody, TaskBody } from "../api/contract";
import type { Problem } from "../api/problem";

export interface NoteBody {
  text: string;
}

export interface LinkBody {
  case?: number | null;
  elsewhere?: string | null;
  why: string;
}

export interface GraphBody {
  name: string;
  document: unknown;
}

/** Bodies by kind of item. */
export interface Bodies {
  subjects: SubjectBody;
  notes: NoteBody;
  findings: FindingBody;
  tasks: TaskBody;
  links: LinkBody;
  graphs: GraphBody;
}
export type Kind = keyof Bodies;

export interface Attachment {
  id: number;
  version?: number;
  name: string;
  media: string;
  bytes: number;
  blake3: string;
  sha256: string;
  created_s: number;
  created_by: number;
}

export interface Change {
  seq: number;
  at_s: number;
  by: number;
  action: string;
  kind: string;
  item: number | null;
  undone: boolean;
  undoable?: boolean;
  summary: string;
}

export interface User {
  id: number;
  version: number;
  name: string;
  display: string;
  role: "viewer" | "analyst" | "supervisor" | "admin";
  disabled: boolean;
}

/** A case as the service gives it, with the authors of an imported one who are no users here. */
export type WholeCase = Case & { people?: { user: number; display: string }[] };

/** Fields of a case that people write. */
export type CaseFields = Pick<
  Case,
  "title" | "state" | "summary" | "legal_basis" | "retention_until" | "humanitarian" | "disclosure"
>;

export const STATES = ["open", "active", "review", "closed"] as const;
export const DISCLOSURES = ["nothing", "contact", "title"] as const;
export const ROLES = ["owner", "editor", "reader"] as const;

/** Items that are read of one part of a case, at most. More are in the export. */
export const ITEMS_MAX = 2_000;

/** Path of a case or of a part of it. */
export function pathOfCase(id: number, ...parts: (string | number)[]): string {
  return ["/v1/cases", id, ...parts].join("/");
}

/** Whether a person writes in a case: its owners and editors, and who supervises. */
export function writes(one: Pick<Case, "role">, can: (scope: "case_write" | "supervise") => boolean): boolean {
  if (!can("case_write")) return false;
  return one.role === "owner" || one.role === "editor" || can("supervise");
}

export interface Listed<T> {
  rows: T[];
  /** Whether there are more than were read. */
  cut: boolean;
}

interface PageOf {
  next?: string | number | null;
}

/** Reads a list page after page, up to `ITEMS_MAX` rows. */
export async function readAll<T>(path: string, field: string, signal?: AbortSignal): Promise<Listed<T>> {
  const rows: T[] = [];
  let cursor: string | number | null | undefined;
  do {
    const page: PageOf & Record<string, unknown> = await call("GET", path, {
      // The route of attachments gives all of a case at once and takes no bound.
      query: path.endsWith("/attachments") ? { cursor } : { limit: 200, cursor },
      ...(signal ? { signal } : {}),
    });
    rows.push(...(page[field] as T[]));
    cursor = page.next;
  } while (cursor !== null && cursor !== undefined && rows.length < ITEMS_MAX);
  return { rows, cut: cursor !== null && cursor !== undefined };
}

/** A case. */
export function useCase(id: number) {
  const path = pathOfCase(id);
  return useQuery<WholeCase, Problem>({ queryKey: [path], queryFn: ({ signal }) => call("GET", path, { signal }) });
}

/** All items of a kind of a case. */
export function useItems<K extends Kind>(id: number, kind: K, enabled = true) {
  const path = pathOfCase(id, kind);
  return useQuery<Listed<Item<Bodies[K]>>, Problem>({
    queryKey: [path, "all"],
    queryFn: ({ signal }) => readAll(path, "items", signal),
    enabled,
  });
}

/** The files of a case, which the service lists all at once. */
export function useAttachments(id: number, enabled = true) {
  const path = pathOfCase(id, "attachments");
  return useQuery<Listed<Attachment>, Problem>({
    queryKey: [path, "all"],
    queryFn: async ({ signal }) => {
      const { items } = await call<{ items: Attachment[] }>("GET", path, { signal });
      return { rows: items, cut: false };
    },
    enabled,
  });
}

/** Everybody who may be made a member or be given a task. */
export function useUsers(enabled = true) {
  return useQuery<{ users: User[] }, Problem>({
    queryKey: ["/v1/users"],
    queryFn: ({ signal }) => call("GET", "/v1/users", { signal }),
    enabled,
    staleTime: 60_000,
  });
}

/** Asks again for a case, its parts and the lists that it is in. */
export function useCaseChanged(id: number) {
  const known = useQueryClient();
  return useCallback(async () => {
    const own = pathOfCase(id);
    await known.invalidateQueries({
      predicate: ({ queryKey }) => {
        const key = String(queryKey[0]);
        return (
          key === own ||
          key.startsWith(`${own}/`) ||
          key.startsWith("/v1/cases?") ||
          key === "/v1/cases" ||
          key.startsWith("/v1/tasks")
        );
      },
    });
  }, [known, id]);
}

/** What a change of an item sends: the version that was seen, and the whole body. */
export function putItem<B>(id: number, kind: Kind, item: Pick<Item<B>, "id" | "version">, body: B): Promise<Item<B>> {
  return call("PUT", pathOfCase(id, kind, item.id), { body: { version: item.version, body } });
}

/** Takes an item out; it can be undone. */
export function removeItem(
  id: number,
  kind: Kind | "attachments",
  item: { id: number; version?: number },
): Promise<void> {
  return call("DELETE", pathOf(pathOfCase(id, kind, item.id), undefined, { version: item.version }));
}
