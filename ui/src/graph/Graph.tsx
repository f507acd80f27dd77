// The graph.
import { useTranslation } from "react-i18next";
import { Page } from "../parts";

export default function Graph() {
  const { t } = useTranslation("graph");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("common:not_built")}</p>
    </Page>
  );
}
