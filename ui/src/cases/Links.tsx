// Other cases that this one has to do with: of this service, or elsewhere in words; and cases that link here.
import { useState, type FormEvent } from "react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../api/client";
import type { Cases, Item } from "../api/contract";
import type { Problem } from "../api/problem";
import { whole } from "../format/numbers";
import { Choice, Field } from "../parts/Field";
import { Panel } from "../parts/Page";
import { Empty, Read, Trouble } from "../parts/states";
import { useSettings } from "../prefs";
import { By, Removing, Said, useAdding } from "./bits";
import { pathOfCase, removeItem, type LinkBody } from "./data";
import { useDraft } from "./draft";
import { useOne } from "./one";

export interface LinkPage {
  items: Item<LinkBody>[];
  titles?: { case: number; title: string }[];
  linked_from?: { case: number; title: string; why: string }[];
}

/** Links of a case; few enough for one page. */
export function useLinks(id: number) {
  const path = pathOfCase(id, "links");
  return useQuery<LinkPage, Problem>({
    queryKey: [path, "page"],
    queryFn: ({ signal }) => call("GET", path, { query: { limit: 200 }, signal }),
  });
}

/** Cases that the reader may see, for choosing one. */
export function useCases(enabled = true) {
  return useQuery<Cases, Problem>({
    queryKey: ["/v1/cases?limit=200", "choice"],
    queryFn: ({ signal }) => call("GET", "/v1/cases", { query: { limit: 200 }, signal }),
    enabled,
  });
}

export function Links() {
  const { t } = useTranslation("cases");
  const { one, isWriter, changed } = useOne();
  const links = useLinks(one.id);
  const cases = useCases();
  const set = useSettings();
  const titleOf = (id: number): string | undefined =>
    links.data?.titles?.find((each) => each.case === id)?.title ??
    cases.data?.cases.find((each) => each.id === id)?.title;
  return (
    <div className="stack">
      {isWriter ? <Add /> : null}
      <Panel title={t("links.title")}>
        <Read of={links}>
          {({ items }) => (
            <>
              {items.length === 0 ? <Empty>{t("links.empty")}</Empty> : null}
              <ul className="entries">
                {items.map((item) => {
                  const { case: id, elsewhere, why } = item.body;
                  const title = typeof id === "number" ? titleOf(id) : undefined;
                  const name = elsewhere || title || t("links.unseen", { id: whole(id ?? 0, set) });
                  return (
                    <li key={item.id} className="entry">
                      <div className="entry-head">
                        {title !== undefined ? (
                          <Link to={`/cases/${id}`}>
                            <bdi>{title}</bdi>
                          </Link>
                        ) : (
                          <bdi>{name}</bdi>
                        )}
                        {isWriter ? (
                          <Removing
                            label={t("page.remove_named", { what: name })}
                            text={t("page.remove")}
                            ask={t("links.ask")}
                            act={async () => {
                              await removeItem(one.id, "links", item);
                              await changed();
                            }}
                          />
                        ) : null}
                      </div>
                      {why ? <Said text={why} /> : null}
                      <By item={item} />
                    </li>
                  );
                })}
              </ul>
            </>
          )}
        </Read>
      </Panel>
      {links.data?.linked_from && links.data.linked_from.length > 0 ? (
        <Panel title={t("links.from")}>
          <ul className="entries">
            {links.data.linked_from.map((from) => (
              <li key={from.case} className="entry">
                <Link to={`/cases/${from.case}`}>
                  <bdi>{from.title}</bdi>
                </Link>
                {from.why ? <Said text={from.why} /> : null}
              </li>
            ))}
          </ul>
        </Panel>
      ) : null}
    </div>
  );
}

const ELSEWHERE = "elsewhere";

function Add() {
  const { t } = useTranslation("cases");
  const { one, changed } = useOne();
  const cases = useCases();
  const [chosen, setChosen] = useState("");
  const [words, setWords, forget] = useDraft(`case-${one.id}-link`, { elsewhere: "", why: "" });
  const { isBusy, error, run } = useAdding();
  const isElsewhere = chosen === ELSEWHERE;
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const body: LinkBody = isElsewhere
      ? { elsewhere: words.elsewhere.trim(), why: words.why }
      : { case: Number(chosen), why: words.why };
    const isDone = await run(async () => {
      await call("POST", pathOfCase(one.id, "links"), { body });
      await changed();
    });
    if (!isDone) return;
    setChosen("");
    forget();
  };
  const others = (cases.data?.cases ?? []).filter((each) => each.id !== one.id);
  return (
    <form className="panel stack" onSubmit={(event) => void add(event)}>
      <div className="filters">
        <Choice
          label={t("links.case")}
          options={[
            { value: "", text: t("links.choose") },
            ...others.map((each) => ({ value: String(each.id), text: each.title })),
            { value: ELSEWHERE, text: t("links.elsewhere") },
          ]}
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
        />
        {isElsewhere ? (
          <Field
            label={t("links.elsewhere")}
            maxLength={200}
            value={words.elsewhere}
            onChange={(event) => setWords({ ...words, elsewhere: event.target.value })}
          />
        ) : null}
        <Field
          label={t("links.why")}
          maxLength={2_000}
          value={words.why}
          onChange={(event) => setWords({ ...words, why: event.target.value })}
        />
        <button
          type="submit"
          className="button button-main"
          disabled={isBusy || chosen === "" || (isElsewhere && words.elsewhere.trim() === "")}
        >
          {isBusy ? t("page.adding") : t("links.add")}
        </button>
      </div>
      {error ? <Trouble error={error} /> : null}
    </form>
  );
}
