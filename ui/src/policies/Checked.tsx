// The text in the editor, checked by the service a moment after the typing stops: whether it is sound, its version, and
// what it changes against the policy that decides. Nothing is kept by it.
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "@tanstack/react-query";
import type { components } from "../api/schema";
import { call } from "../api/client";
import type { Problem } from "../api/problem";
import { Hash } from "../parts/bits";

type Answer = components["schemas"]["CheckedPolicyView"];
/** So long nobody has typed before the text is asked about. */
const PAUSE_MS = 600;

export interface Checked {
  answer: Answer | null;
  /** What is wrong with the text; trouble of the network is not. */
  error: Problem | null;
  isWaiting: boolean;
}

export function useChecked(text: string | null): Checked {
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => {
    if (text === null || text.trim() === "") return;
    const timer = setTimeout(() => setAsked(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const isAsked = text !== null && text.trim() !== "" && asked === text;
  const query = useQuery<Answer, Problem>({
    queryKey: ["policy-check", asked],
    enabled: isAsked,
    retry: false,
    gcTime: 0,
    queryFn: ({ signal }) => call<Answer>("POST", "/v1/policies/check", { body: { text: asked }, signal }),
  });
  return {
    answer: isAsked ? (query.data ?? null) : null,
    error: isAsked && query.error?.status === 422 ? query.error : null,
    isWaiting: text !== null && text.trim() !== "" && (!isAsked || query.isFetching),
  };
}

export function CheckedView({ of }: { of: Checked }) {
  const { t } = useTranslation("policies");
  const changes = of.answer?.changes;
  const isSame =
    changes !== undefined &&
    changes.added.length + changes.removed.length + changes.changed.length + changes.head.length === 0;
  return (
    <div className="stack small" role="status">
      {of.isWaiting ? <p className="muted">{t("check.waiting")}</p> : null}
      {of.answer && changes ? (
        <>
          <p>
            {t("check.sound")} <Hash value={of.answer.version} />{" "}
            {isSame ? t("check.same", { name: changes.old }) : t("check.against", { name: changes.old })}
          </p>
          {isSame ? null : (
            <ul>
              {changes.added.length > 0 ? <Ids label={t("check.added")} ids={changes.added} /> : null}
              {changes.removed.length > 0 ? <Ids label={t("check.removed")} ids={changes.removed} /> : null}
              {changes.changed.length > 0 ? (
                <Ids label={t("check.changed")} ids={changes.changed.map((one) => one.id)} />
              ) : null}
              {changes.head.length > 0 ? (
                <Ids label={t("check.head")} ids={changes.head.map((one) => one.field)} />
              ) : null}
            </ul>
          )}
        </>
      ) : null}
    </div>
  );
}

/** Names of rules or fields, as the file has them. */
function Ids({ label, ids }: { label: string; ids: string[] }) {
  return (
    <li>
      {label}{" "}
      {ids.map((id, i) => (
        <bdi key={id} dir="ltr" className="mono">
          {i > 0 ? " · " : ""}
          {id}
        </bdi>
      ))}
    </li>
  );
}
