// A transaction.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Tx() {
  const { t } = useTranslation("tx");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
