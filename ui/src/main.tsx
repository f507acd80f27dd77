// The entry: settings first, so that nothing is drawn in the wrong direction or colours; then the texts; then the pages.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./theme/fonts.css";
import "./theme/tokens.css";
import "./theme/base.css";
import "./theme/parts.css";
import { App } from "./App";
import { start } from "./i18n";
import { watchSystem } from "./prefs";

watchSystem();
const root = document.getElementById("root");
if (root) {
  void start().then(() => {
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    );
  });
}
