// Rules of the application's source: types, hooks, accessibility, and no text in a component that is in no language file.
import js from "@eslint/js";
import i18next from "eslint-plugin-i18next";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts", "test-results", "playwright-report"] },
  js.configs.recommended,
  ...ts.configs.strict,
  {
    files: ["**/*.{ts,tsx}"],
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["src/**/*.tsx"],
    ignores: ["src/**/*.test.tsx"],
    plugins: { i18next, "react-hooks": hooks },
    extends: [a11y.flatConfigs.recommended],
    rules: {
      ...hooks.configs.recommended.rules,
      "react-hooks/set-state-in-effect": "off",
      "react-hooks/purity": "off",
      "i18next/no-literal-string": [
        "error",
        {
          mode: "jsx-only",
          callees: { exclude: [".*"] },
          "jsx-attributes": {
            include: [
              "^aria-(label|description|roledescription|valuetext)$",
              "^title$",
              "^label$",
              "^alt$",
              "^placeholder$",
              "^caption$",
              "^heading$",
            ],
          },
          words: { exclude: ["[0-9!-/:-@[-`{-~ ·×→←↑↓—–…≥≤±%]+", "Athar", "BTC", "USD", "UTC", "CoinJoin"] },
        },
      ],
      // A scrolling table is a region that the keyboard must reach.
      "jsx-a11y/no-noninteractive-tabindex": ["error", { roles: ["region", "tabpanel"], tags: [] }],
    },
  },
  {
    files: ["src/**/*.ts"],
    plugins: { "react-hooks": hooks },
    rules: { "react-hooks/exhaustive-deps": "warn", "react-hooks/rules-of-hooks": "error" },
  },
  {
    files: ["scripts/**"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        Buffer: "readonly",
        URL: "readonly",
        fetch: "readonly",
        URLSearchParams: "readonly",
        structuredClone: "readonly",
      },
    },
  },
);
