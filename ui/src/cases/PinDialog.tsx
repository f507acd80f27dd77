// The dialog that pins: which case, the statement in words that say no more than the answer proves, a note, and the
// answer itself as it will be kept. The case that was used last is offered first; a new one can be made here.
import { useState, type FormEvent } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../api/client";
import type { AlsoIn, Cases, FindingBody, SubjectBody } from "../api/contract";
import { Problem } from "../api/problem";
import { useSession } from "../api/session";
import { Dialog } from "../parts/Dialog";
import { Choice, Field, TextField } from "../parts/Field";
import type { Pinnable } from "../parts/PinToCase";
import { Loading, Read, Trouble } from "../parts/states";
import { AlsoInNotice } from "./AlsoIn";
import { useAdding } from "./bits";
import { pathOfCase, writes, type WholeCase } from "./data";
import { bytesOf, PINNED_BYTES_MAX, snapshotOf } from "./pinned";
import { Pinned } from "./Pinned";
import "./cases.css";

const LAST = "athar.case";
const NEW = "new";
/** From how many cases on they are searched and not only listed. */
const SEARCH_FROM = 10;

type Subject = Omit<SubjectBody, "note">;

interface Done {
  id: number;
  title: string;
  isAlready: boolean;
  also: AlsoIn[];
}

/**
 * What a finding pins: the whole answer to its question, so that it can be compared when it is asked again. Only where that is too
 * long, or is not given any more, the part of it that was shown.
 */
function useAnswer(finding: Pinnable | undefined) {
  const path = finding?.path ?? "";
  const asked = useQuery<unknown, Problem>({
    queryKey: [path, "whole"],
    queryFn: ({ signal }) => call<unknown>("GET", path, { signal }),
    enabled: path !== "",
  });
  const shown = finding?.answer;
  const isWhole = asked.data !== undefined && bytesOf(asked.data) <= PINNED_BYTES_MAX;
  const isPart = shown !== undefined && (path === "" || asked.error !== null || (asked.data !== undefined && !isWhole));
  return isPart ? { data: shown, error: null, refetch: () => undefined } : asked;
}

export default function PinDialog({
  finding,
  subject,
  onClose,
}: {
  finding: Pinnable | undefined;
  subject: Subject | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation("cases");
  const { can } = useSession();
  const known = useQueryClient();
  const answer = useAnswer(finding);
  const [q, setQ] = useState("");
  const cases = useQuery<Cases, Problem>({
    queryKey: ["/v1/cases?limit=100", "pin", q],
    queryFn: ({ signal }) => call("GET", "/v1/cases", { query: { limit: 100, q }, signal }),
    placeholderData: (before) => before,
  });
  const open = (cases.data?.cases ?? []).filter((one) => one.state !== "closed" && writes(one, can));
  const [isMany, setMany] = useState(false);
  if (!isMany && open.length >= SEARCH_FROM) setMany(true);
  const [chosen, setChosen] = useState<string | null>(null);
  const [title, setTitle] = useState("");
  const [statement, setStatement] = useState(finding?.statement ?? "");
  const [note, setNote] = useState("");
  const [done, setDone] = useState<Done | null>(null);
  const { isBusy, error, run } = useAdding();
  const last = open.find((one) => String(one.id) === localStorage.getItem(LAST)) ?? open[0];
  const isThere = chosen === NEW || open.some((one) => String(one.id) === chosen);
  const which = isThere && chosen !== null ? chosen : last ? String(last.id) : NEW;

  const isTooLarge = finding !== undefined && answer.data !== undefined && bytesOf(answer.data) > PINNED_BYTES_MAX;
  const isReady =
    (which !== NEW || title.trim() !== "") &&
    (finding === undefined || (statement.trim() !== "" && answer.data !== undefined && !isTooLarge));

  const caseOf = async (): Promise<Pick<WholeCase, "id" | "title">> => {
    const old = open.find((one) => String(one.id) === which);
    return old ?? (await call<WholeCase>("POST", "/v1/cases", { body: { title: title.trim() } }));
  };
  const pin = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      const one = await caseOf();
      // A case that was made is chosen from now on, should the next step fail.
      setChosen(String(one.id));
      if (which === NEW) await cases.refetch();
      localStorage.setItem(LAST, String(one.id));
      let also: AlsoIn[] = [];
      let isAlready = false;
      if (finding) {
        const snapshot = finding.snapshot || snapshotOf(answer.data);
        const body: FindingBody = {
          statement: statement.trim(),
          path: finding.path,
          snapshot,
          pinned: answer.data,
          note,
        };
        await call("POST", pathOfCase(one.id, "findings"), { body });
      } else if (subject) {
        try {
          const added = await call<{ also_in?: AlsoIn[] | null }>("POST", pathOfCase(one.id, "subjects"), {
            body: { ...subject, note },
          });
          also = added.also_in ?? [];
        } catch (problem) {
          if (!(problem instanceof Problem && problem.status === 409)) throw problem;
          isAlready = true;
        }
      }
      await known.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/v1/cases") });
      setDone({ id: one.id, title: one.title, isAlready, also });
    });
  };

  const heading = finding ? t("pin.title") : t("pin.title_subject");
  if (done) {
    return (
      <Dialog
        isOpen
        onClose={onClose}
        title={heading}
        foot={
          <>
            <button type="button" className="button" onClick={onClose}>
              {t("page.close")}
            </button>
            <Link
              className="button button-main"
              to={`/cases/${done.id}?tab=${finding ? "findings" : "subjects"}`}
              onClick={onClose}
            >
              {t("pin.open")}
            </Link>
          </>
        }
      >
        <div className="stack">
          <p role="status">{t(done.isAlready ? "pin.already" : "pin.done", { title: done.title })}</p>
          {subject ? <AlsoInNotice also={[{ subject, also_in: done.also }]} /> : null}
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog isOpen onClose={onClose} title={heading}>
      <form className="stack" onSubmit={pin}>
        {finding ? <p className="muted">{t("pin.lead")}</p> : null}
        {cases.isPending ? <Loading /> : null}
        {cases.error ? <Trouble error={cases.error} /> : null}
        {isMany ? (
          <Field label={t("pin.search")} type="search" value={q} onChange={(event) => setQ(event.target.value)} />
        ) : null}
        {cases.data && open.length === 0 && q === "" ? <p>{t("pin.no_case")}</p> : null}
        <Choice
          label={t("pin.case")}
          value={which}
          onChange={(event) => setChosen(event.target.value)}
          options={[
            ...open.map((one) => ({ value: String(one.id), text: one.title })),
            { value: NEW, text: t("pin.new") },
          ]}
        />
        {which === NEW ? (
          <Field
            label={t("pin.new_title")}
            help={t("pin.new_hint")}
            value={title}
            maxLength={200}
            onChange={(event) => setTitle(event.target.value)}
          />
        ) : null}
        {finding ? (
          <TextField
            label={t("pin.statement")}
            help={t("pin.statement_hint")}
            rows={3}
            maxLength={4_000}
            value={statement}
            onChange={(event) => setStatement(event.target.value)}
          />
        ) : null}
        {subject ? (
          <p>
            {t(`kind.${subject.kind}`)}{" "}
            <bdi className={subject.kind === "person" ? "wraps" : "mono wraps"}>{subject.value}</bdi>
          </p>
        ) : null}
        <TextField
          label={t("pin.note")}
          rows={2}
          maxLength={4_000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        {finding ? (
          <details>
            <summary>{t("pin.answer")}</summary>
            {/* A long answer has to be reached and scrolled by the keyboard too. */}
            <div className="pin-answer" role="region" aria-label={t("pin.answer")} tabIndex={0}>
              <Read of={answer}>{(data) => <Pinned pinned={data} />}</Read>
            </div>
          </details>
        ) : null}
        {answer.error ? <Trouble error={answer.error} /> : null}
        {isTooLarge ? (
          <p className="overdue" role="alert">
            {t("findings.too_large", { max: PINNED_BYTES_MAX / 1024 })}
          </p>
        ) : null}
        {error ? <Trouble error={error} /> : null}
        <div className="row form-end">
          <button type="button" className="button" onClick={onClose}>
            {t("page.cancel")}
          </button>
          <button type="submit" className="button button-main" disabled={isBusy || !isReady}>
            {isBusy
              ? t("pin.doing")
              : answer.data === undefined && finding
                ? t("pin.fetching")
                : t(finding ? "pin.do" : "pin.do_subject")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
