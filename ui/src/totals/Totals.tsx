// Official totals.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Totals() {
  const { t } = useTranslation("totals");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
