// The users.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Users() {
  const { t } = useTranslation("people");
  return (
    <Page title={t("users_title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
