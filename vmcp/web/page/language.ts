// The two languages of the page.

export type Language = "en" | "ja";
let language: Language = "en";

export const current = (): Language => language;
export const choose = (to: Language): void => {
  language = to;
};
/// The text in the language that is chosen.
export const L = (en: string, ja: string): string => (language === "ja" ? ja : en);
