// The entry: settings first, so that nothing is drawn in the wrong direction or colours; then the texts; then the pages.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./theme/fonts.css";
import "./theme/tokens.css";
import "./theme/base.css";
import "./theme/parts.css";
import { App } from "./App";
import { start } from "./i18n";
import { preload } from "./preload";
import { watchSystem } from "./prefs";

watchSystem();
const root = document.getElementById("root");
if (root) {
  const { texts, ready } = preload(window.location.pathname);
  // Nothing is drawn that only waits: once React has shown something in place of a part, it keeps that for 300 ms.
  void Promise.all([start(texts), ready]).then(() => {
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    );
  });
}
