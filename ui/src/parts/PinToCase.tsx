// Pins a statement with the answer it rests on to a case, as a finding; or adds a subject to a case. The case that was
// used last is offered first.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCan } from "../api/session";
import type { AlsoIn, Case, Cases, FindingBody, Item, SubjectBody } from "../api/contract";
import { callRaw } from "../api/client";
import { useRead, useSend } from "../api/query";
import { Choice, Field, TextField } from "./Field";
import { Dialog } from "./Dialog";
import { Icon } from "./Icon";
import { Trouble } from "./states";

const LAST = "athar.case";
const NEW = "new";

/** What can be pinned: the statement, and the question and answer that prove it. */
export interface Pinnable {
  statement: string;
  path: string;
  snapshot?: string | null | undefined;
  answer?: unknown;
}

export function PinToCase({ finding, subject }: { finding?: Pinnable; subject?: Omit<SubjectBody, "note"> }) {
  const { t } = useTranslation();
  const canWrite = useCan("case_write");
  const [isOpen, setOpen] = useState(false);
  if (!canWrite) return null;
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        <Icon name="pin" />
        {finding ? t("pin.button") : t("pin.subject")}
      </button>
      {isOpen ? <PinDialog finding={finding} subject={subject} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function PinDialog({
  finding,
  subject,
  onClose,
}: {
  finding: Pinnable | undefined;
  subject: Omit<SubjectBody, "note"> | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const cases = useRead<Cases>("/v1/cases", { query: { limit: 100 } });
  const open = (cases.data?.cases ?? []).filter((c) => c.state !== "closed" && c.role !== "reader");
  const [chosen, setChosen] = useState<string | null>(null);
  const [title, setTitle] = useState("");
  const [note, setNote] = useState("");
  const [done, setDone] = useState<{ id: number; also: AlsoIn[] } | null>(null);
  const makeCase = useSend<Case>({ refresh: ["/v1/cases"] });
  const makeItem = useSend<Item<unknown> & { also_in?: AlsoIn[] }>({ refresh: ["/v1/cases"] });
  const [error, setError] = useState<unknown>(null);
  const last = open.find((c) => String(c.id) === localStorage.getItem(LAST)) ?? open[0];
  const which = chosen ?? (last ? String(last.id) : NEW);

  async function save() {
    setError(null);
    try {
      const id =
        which === NEW
          ? (await makeCase.mutateAsync({ method: "POST", path: "/v1/cases", body: { title: title.trim() } })).id
          : Number(which);
      localStorage.setItem(LAST, String(id));
      if (finding) {
        const body: FindingBody = {
          statement: finding.statement,
          path: finding.path,
          snapshot: finding.snapshot ?? "",
          pinned: finding.answer ?? (await answerOf(finding.path)),
          note,
        };
        await makeItem.mutateAsync({ method: "POST", path: `/v1/cases/${id}/findings`, body });
        setDone({ id, also: [] });
      } else if (subject) {
        const made = await makeItem.mutateAsync({
          method: "POST",
          path: `/v1/cases/${id}/subjects`,
          body: { ...subject, note },
        });
        setDone({ id, also: made.also_in ?? [] });
      }
    } catch (caught) {
      setError(caught);
    }
  }

  const isBusy = makeCase.isPending || makeItem.isPending;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={finding ? t("pin.title") : t("pin.subject")}
      foot={
        done ? (
          <Link className="button" to={`/cases/${done.id}`} onClick={onClose}>
            {t("pin.open")}
          </Link>
        ) : (
          <button
            type="button"
            className="button button-main"
            disabled={isBusy || (which === NEW && !title.trim())}
            onClick={() => void save()}
          >
            {t("pin.save")}
          </button>
        )
      }
    >
      {done ? (
        <div className="stack" role="status">
          <p>{t("pin.done")}</p>
          {done.also.length > 0 ? (
            <div className="notice">
              <p>{t("pin.also", { count: done.also.length })}</p>
              <ul>
                {done.also.map((other, i) => (
                  <li key={i}>
                    {other.title ? <bdi>{other.title}</bdi> : t("pin.also_hidden")}
                    {other.contact ? (
                      <>
                        {" · "}
                        <bdi>{other.contact}</bdi>
                      </>
                    ) : null}
                  </li>
                ))}
              </ul>
            </div>
          ) : null}
        </div>
      ) : (
        <div className="stack">
          {finding ? (
            <blockquote className="quote">
              <bdi>{finding.statement}</bdi>
            </blockquote>
          ) : null}
          <Choice
            label={t("pin.case")}
            value={which}
            onChange={(e) => setChosen(e.target.value)}
            options={[...open.map((c) => ({ value: String(c.id), text: c.title })), { value: NEW, text: t("pin.new") }]}
          />
          {which === NEW ? (
            <Field
              label={t("pin.new_title")}
              value={title}
              maxLength={200}
              onChange={(e) => setTitle(e.target.value)}
            />
          ) : null}
          <TextField label={t("pin.note")} value={note} onChange={(e) => setNote(e.target.value)} />
          {error ? <Trouble error={error} /> : null}
          {cases.error ? <Trouble error={cases.error} /> : null}
        </div>
      )}
    </Dialog>
  );
}

/** The whole answer of a path, for findings that came without it. */
async function answerOf(path: string): Promise<unknown> {
  return (await callRaw("GET", path)).json();
}
