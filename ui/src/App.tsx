// The application: queries, who is here, and the pages. Followed by the entry that puts it on the document.
import { Suspense, useState } from "react";
import { QueryClientProvider } from "@tanstack/react-query";
import { I18nProvider } from "react-aria-components";
import { RouterProvider } from "react-router";
import { queries } from "./api/query";
import { SessionProvider } from "./api/session";
import { Loading, Trouble } from "./parts";
import { makeRouter } from "./routes";
import { useSettings } from "./prefs";

export function App() {
  const { language } = useSettings();
  const [router] = useState(makeRouter);
  return (
    <I18nProvider locale={language}>
      <QueryClientProvider client={queries}>
        <SessionProvider waiting={<Loading />} failed={(error, again) => <Trouble error={error} again={again} />}>
          <Suspense fallback={<Loading />}>
            <RouterProvider router={router} />
          </Suspense>
        </SessionProvider>
      </QueryClientProvider>
    </I18nProvider>
  );
}
