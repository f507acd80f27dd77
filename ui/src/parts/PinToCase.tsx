// Pins a statement with the answer it rests on to a case, as a finding; or adds a subject to a case. The dialog is
// loaded when it is first opened: every page has the button, few open it.
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "../api/session";
import type { SubjectBody } from "../api/contract";
import { Icon } from "./Icon";

const PinDialog = lazy(() => import("../cases/PinDialog"));

/** What can be pinned: the statement, and the question and answer that prove it. */
export interface Pinnable {
  statement: string;
  path: string;
  snapshot?: string | null | undefined;
  /** The answer, or the part of it that proves the statement; without it the path is asked when it is pinned. */
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
      {isOpen ? (
        <Suspense fallback={null}>
          <PinDialog finding={finding} subject={subject} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
