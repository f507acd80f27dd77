// A question before something that cannot be undone.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../parts/Dialog";
import { Trouble } from "../parts/states";

export function Sure({
  title,
  text,
  act,
  label,
  onClose,
}: {
  title: string;
  text: string;
  act: () => Promise<void>;
  label: string;
  onClose: () => void;
}) {
  const { t } = useTranslation("people");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await act();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      <div className="stack">
        <p>{text}</p>
        {error ? <Trouble error={error} /> : null}
        <div className="row form-end">
          <button type="button" className="button" onClick={onClose}>
            {t("users.cancel")}
          </button>
          <button type="button" className="button button-danger" disabled={isBusy} onClick={() => void go()}>
            {label}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
