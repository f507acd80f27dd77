// Logging in.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Login() {
  const { t } = useTranslation("people");
  return (
    <Page title={t("login_title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
