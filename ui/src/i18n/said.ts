// A text that the service gives in both languages, in the one of the application.
import { useTranslation } from "react-i18next";

/** A text in English and Arabic. */
export interface Bilingual {
  en: string;
  ar: string;
}

/** Whether a value is such a text. */
export const isBilingual = (value: object): value is Bilingual =>
  "en" in value &&
  "ar" in value &&
  typeof value.en === "string" &&
  typeof value.ar === "string" &&
  Object.keys(value).length === 2;

/** A text in one of the languages of the application; French reads English. */
export const said = ({ en, ar }: Bilingual, language: string): string => (language === "ar" ? ar : en);

/** A function from a text in both languages to the one to show. */
export function useSaid(): (text: Bilingual) => string {
  const { i18n } = useTranslation();
  return (text) => said(text, i18n.language);
}
