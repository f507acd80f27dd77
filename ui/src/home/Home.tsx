// The start.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Home() {
  const { t } = useTranslation("home");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
