// What is shown when a page cannot be drawn: the rest of the application stays.
import { useRouteError } from "react-router";
import { Trouble } from "./parts";

export function Failed() {
  const error = useRouteError();
  return <Trouble error={error} again={() => window.location.reload()} />;
}
