// Adding subjects: anything is pasted, the service says what it is, and the person chooses. What is not recognised can
// still be added as a name; nothing is guessed.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { AlsoIn, Match, Resolved, SubjectBody } from "../api/contract";
import { Problem } from "../api/problem";
import { Icon } from "../parts/Icon";
import { TextField, Field } from "../parts/Field";
import { Category } from "../parts/Severity";
import { Trouble } from "../parts/states";
import type { Also } from "./AlsoIn";
import { useAdding } from "./bits";
import { pathOfCase } from "./data";
import { useDraft } from "./draft";
import { useOne } from "./one";
import { holds, keyOf, subjectsOf } from "./subject";

/** Subjects that are chosen without asking, where this many or fewer were recognised. */
const CHOSEN_MAX = 3;
/** A name is at most this long; longer texts are texts. */
const NAME_MAX = 200;

export function AddSubjects({ present, onAlso }: { present: SubjectBody[]; onAlso: (also: Also[]) => void }) {
  const { t } = useTranslation("cases");
  const { one, changed, say } = useOne();
  const [text, setText, forget] = useDraft(`case-${one.id}-subject`, "");
  const [found, setFound] = useState<{ resolved: Resolved; of: string } | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [note, setNote] = useState("");
  const looking = useAdding();
  const adding = useAdding();

  const look = (event: FormEvent) => {
    event.preventDefault();
    void looking.run(async () => {
      const resolved = await call<Resolved>("POST", "/v1/resolve", { body: { text } });
      const fresh = subjectsOf(resolved.matches).filter(({ subject }) => !holds(present, subject));
      setChosen(new Set(fresh.length <= CHOSEN_MAX ? fresh.map(({ subject }) => keyOf(subject)) : []));
      setFound({ resolved, of: text.trim() });
      // A private key or seed phrase is dropped at once: it belongs into no case.
      if (resolved.secrets) forget();
    });
  };
  const add = (subjects: SubjectBody[]) =>
    adding.run(async () => {
      const also: Also[] = [];
      let added = 0;
      try {
        for (const subject of subjects) {
          const body = { ...subject, note: note.trim() || subject.note };
          try {
            const item = await call<{ also_in?: AlsoIn[] | null }>("POST", pathOfCase(one.id, "subjects"), { body });
            added += 1;
            if (item.also_in && item.also_in.length > 0) also.push({ subject, also_in: item.also_in });
          } catch (problem) {
            // What somebody else added meanwhile is in the case: that was wanted.
            if (!(problem instanceof Problem && problem.status === 409)) throw problem;
          }
        }
        setFound(null);
        setNote("");
        forget();
      } finally {
        if (added > 0) say(t("subjects.added", { count: added }));
        onAlso(also);
        await changed();
      }
    });

  return (
    <section className="panel stack" aria-label={t("subjects.paste")}>
      <form className="stack" onSubmit={look}>
        <TextField
          label={t("subjects.paste")}
          help={t("subjects.paste_hint")}
          rows={2}
          maxLength={200_000}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setFound(null);
          }}
          onKeyDown={(event) => {
            // One line is sent by Enter, as in a search; more lines by Ctrl+Enter.
            if (event.key === "Enter" && !event.shiftKey && (event.ctrlKey || !text.includes("\n"))) {
              event.preventDefault();
              event.currentTarget.form?.requestSubmit();
            }
          }}
        />
        <div className="row form-end">
          <button type="submit" className="button button-main" disabled={looking.isBusy || text.trim() === ""}>
            <Icon name="search" size={14} /> {looking.isBusy ? t("subjects.looking") : t("subjects.look")}
          </button>
        </div>
        {looking.error ? <Trouble error={looking.error} /> : null}
      </form>
      {found ? (
        <Found
          resolved={found.resolved}
          of={found.of}
          present={present}
          chosen={chosen}
          onChosen={setChosen}
          note={note}
          onNote={setNote}
          isBusy={adding.isBusy}
          onAdd={(subjects) => void add(subjects)}
        />
      ) : null}
      {adding.error ? <Trouble error={adding.error} /> : null}
    </section>
  );
}

function Found({
  resolved,
  of,
  present,
  chosen,
  onChosen,
  note,
  onNote,
  isBusy,
  onAdd,
}: {
  resolved: Resolved;
  of: string;
  present: SubjectBody[];
  chosen: ReadonlySet<string>;
  onChosen: (chosen: ReadonlySet<string>) => void;
  note: string;
  onNote: (note: string) => void;
  isBusy: boolean;
  onAdd: (subjects: SubjectBody[]) => void;
}) {
  const { t } = useTranslation(["cases", "home"]);
  const rows = subjectsOf(resolved.matches);
  const picked = rows.filter(({ subject }) => chosen.has(keyOf(subject))).map(({ subject }) => subject);
  // What holds an identifier is no name, and neither is a long text.
  const isName =
    !resolved.secrets &&
    of.length <= NAME_MAX &&
    !of.includes("\n") &&
    (resolved.read_as === "name" || rows.length === 0) &&
    !rows.some(({ subject }) => subject.kind === "person" && subject.value === of);
  return (
    <div className="stack" role="status">
      {resolved.secrets ? <p className="notice">{t("home:secrets", { count: resolved.secrets })}</p> : null}
      {rows.length === 0 ? <p>{t("subjects.nothing")}</p> : <p>{t("subjects.found_count", { count: rows.length })}</p>}
      {rows.length > 0 ? (
        <ul className="plain-list found">
          {rows.map(({ match, subject }) => {
            const key = keyOf(subject);
            const isHere = holds(present, subject);
            return (
              <li key={key}>
                <label className="tick">
                  <input
                    type="checkbox"
                    checked={chosen.has(key)}
                    disabled={isHere}
                    onChange={(event) => {
                      const next = new Set(chosen);
                      if (event.target.checked) next.add(key);
                      else next.delete(key);
                      onChosen(next);
                    }}
                  />
                  <span>
                    {t(`kind.${subject.kind}`)}{" "}
                    {subject.kind === "person" ? (
                      <bdi>{subject.value}</bdi>
                    ) : (
                      <bdi dir="ltr" className="mono wraps">
                        {subject.value}
                      </bdi>
                    )}
                  </span>
                </label>
                <p className="small muted">
                  <About match={match} isHere={isHere} />
                </p>
              </li>
            );
          })}
        </ul>
      ) : null}
      {resolved.truncated ? <p className="small muted">{t("subjects.cut")}</p> : null}
      <Field
        label={t("subjects.note")}
        help={t("subjects.note_hint")}
        maxLength={4_000}
        value={note}
        onChange={(event) => onNote(event.target.value)}
      />
      <div className="row form-end">
        {isName ? (
          <button
            type="button"
            className="button"
            title={t("subjects.as_person_hint")}
            disabled={isBusy}
            onClick={() => onAdd([{ kind: "person", chain: null, value: of, note: "" }])}
          >
            <Icon name="person" size={14} /> {t("subjects.as_person")}
          </button>
        ) : null}
        {rows.length > 0 ? (
          <button
            type="button"
            className="button button-main"
            disabled={isBusy || picked.length === 0}
            onClick={() => onAdd(picked)}
          >
            <Icon name="plus" size={14} />{" "}
            {isBusy ? t("page.adding") : t("subjects.add_chosen", { count: picked.length })}
          </button>
        ) : null}
      </div>
    </div>
  );
}

function About({ match, isHere }: { match: Match; isHere: boolean }) {
  const { t } = useTranslation("cases");
  const isOnChain = match.kind !== "name";
  return (
    <>
      {match.title ? (
        <>
          <bdi>{match.title}</bdi>
          {" · "}
        </>
      ) : null}
      {match.category ? (
        <>
          <Category category={match.category} />
          {" · "}
        </>
      ) : null}
      {match.listed ? (
        <>
          {t("subjects.listed")}
          {" · "}
        </>
      ) : null}
      {isHere
        ? t("subjects.already")
        : isOnChain
          ? t(match.known ? "subjects.known" : "subjects.unknown")
          : t("subjects.as_person_hint")}
    </>
  );
}
