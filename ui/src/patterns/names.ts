// Names of patterns in the language of the application. The catalogue is asked for once and kept: it changes with the program alone.
import { useTranslation } from "react-i18next";
import { useGet } from "../api/query";

/** A function from the id of a pattern to its title; where it is not known (yet) the id stands for itself. */
export function usePatternNames(): (id: string) => string {
  const { i18n } = useTranslation();
  const catalogue = useGet("/v1/patterns");
  const isArabic = i18n.language === "ar";
  return (id) => {
    const found = catalogue.data?.patterns.find((pattern) => pattern.id === id);
    return found ? (isArabic ? found.title_ar : found.title) : id;
  };
}
