// Every page of the application and where it is. Each is loaded when it is first opened.
import { lazy } from "react";
import { createBrowserRouter, type RouteObject } from "react-router";
import * as pages from "./page";
import { Guard } from "./Guard";
import { Failed } from "./Failed";
import { Shell } from "./parts/Shell";

const Home = pages.home.Drawn;
const Subject = pages.subject.Drawn;
const Tx = pages.tx.Drawn;
const Block = lazy(() => import("./tx/Block"));
const Graph = pages.graph.Drawn;
const Alerts = pages.alerts.Drawn;
const Alert = pages.alert.Drawn;
const Cases = pages.cases.Drawn;
const Case = pages.caseOf.Drawn;
const Login = lazy(() => import("./people/Login"));
const Account = lazy(() => import("./people/Account"));
const Users = lazy(() => import("./people/Users"));
const Audit = lazy(() => import("./people/Audit"));
const Campaigns = lazy(() => import("./campaigns/Campaigns"));
const Campaign = lazy(() => import("./campaigns/Campaign"));
const Names = lazy(() => import("./names/Names"));
const Lists = lazy(() => import("./lists/Lists"));
const Labels = lazy(() => import("./labels/Labels"));
const Policies = lazy(() => import("./policies/Policies"));
const Imports = lazy(() => import("./imports/Imports"));
const Settings = lazy(() => import("./settings/Settings"));
const Watchlists = lazy(() => import("./watch/Watchlists"));
const Patterns = lazy(() => import("./patterns/Patterns"));
const Totals = lazy(() => import("./totals/Totals"));
const Records = lazy(() => import("./records/Records"));
const Missing = lazy(() => import("./Missing"));

export const routes: RouteObject[] = [
  {
    element: (
      <Guard>
        <Shell />
      </Guard>
    ),
    errorElement: <Failed />,
    children: [
      {
        errorElement: <Failed />,
        children: [
          { path: "/", element: <Home /> },
          { path: "/s/:chain/:value", element: <Subject /> },
          { path: "/tx/:chain/:txid", element: <Tx /> },
          { path: "/block/:chain/:block", element: <Block /> },
          { path: "/graph", element: <Graph /> },
          { path: "/graph/:case/:graph", element: <Graph /> },
          { path: "/alerts", element: <Alerts /> },
          { path: "/alerts/:id", element: <Alert /> },
          { path: "/cases", element: <Cases /> },
          { path: "/cases/:id", element: <Case /> },
          { path: "/campaigns", element: <Campaigns /> },
          { path: "/campaigns/:id", element: <Campaign /> },
          { path: "/names", element: <Names /> },
          { path: "/lists", element: <Lists /> },
          { path: "/labels", element: <Labels /> },
          { path: "/policies", element: <Policies /> },
          { path: "/imports", element: <Imports /> },
          { path: "/settings", element: <Settings /> },
          { path: "/watchlists", element: <Watchlists /> },
          { path: "/patterns", element: <Patterns /> },
          { path: "/totals", element: <Totals /> },
          { path: "/records", element: <Records /> },
          { path: "/account", element: <Account /> },
          { path: "/users", element: <Users /> },
          { path: "/audit", element: <Audit /> },
          { path: "/login", element: <Login /> },
          { path: "*", element: <Missing /> },
        ],
      },
    ],
  },
];

export const makeRouter = () => createBrowserRouter(routes);
