// The dialog over a page whose session has ended: signing in again goes on where the person was. What they typed stays,
// unless somebody else signs in: then the page begins anew, because the text belongs to the person before.
import { useTranslation } from "react-i18next";
import { useSession } from "../api/session";
import { Dialog } from "../parts/Dialog";
import { forgetDrafts } from "../cases/draft";
import { SignIn } from "./SignIn";

export function SessionEnded() {
  const { t } = useTranslation("people");
  const { session, again } = useSession();
  const leave = () => {
    forgetDrafts();
    window.location.assign("/login");
  };
  return (
    <Dialog title={t("ended.title")} isOpen isFixed onClose={leave}>
      <div className="stack">
        <p>{t("ended.lead")}</p>
        <SignIn
          name={session.user?.name ?? ""}
          onDone={async (fresh) => {
            if (fresh.user?.id !== session.user?.id) {
              forgetDrafts();
              window.location.assign("/");
              return;
            }
            await again();
          }}
        />
        <button type="button" className="button button-quiet" onClick={leave}>
          {t("ended.leave")}
        </button>
      </div>
    </Dialog>
  );
}
