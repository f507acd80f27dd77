// Imports.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Imports() {
  const { t } = useTranslation("imports");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
