// A secret that is shown once: a made password, a key. The dialog closes only when the person says that they noted it.
import { useTranslation } from "react-i18next";
import { Copy } from "../parts/Copy";
import { Dialog } from "../parts/Dialog";

export function Once({ title, secret, onDone }: { title: string; secret: string; onDone: () => void }) {
  const { t } = useTranslation("people");
  return (
    <Dialog title={title} isOpen isFixed onClose={onDone}>
      <div className="stack">
        <p>
          <strong>{t("users.once")}</strong> · {t("users.once_lead")}
        </p>
        <p className="secret">
          <bdi dir="ltr" className="mono wraps" data-testid="secret">
            {secret}
          </bdi>
          <Copy text={secret} />
        </p>
        <div className="row form-end">
          <button type="button" className="button button-main" onClick={onDone}>
            {t("users.done")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
