// A page whose code is loaded when it is first opened. Where its code is there already it is drawn at once: `lazy` alone would
// show what stands for it first, which React then keeps for 300 ms.
import { lazy, type ComponentType, type LazyExoticComponent } from "react";

interface Module {
  default: ComponentType;
}

export interface Page {
  Drawn: LazyExoticComponent<ComponentType>;
  /** Loads its code. */
  load: () => Promise<Module>;
}

export function page(from: () => Promise<Module>): Page {
  let loaded: Module | null = null;
  const load = async () => (loaded = await from());
  const known = () => {
    const module = loaded;
    // `lazy` asks no more of it than `then`, and takes an answer that comes at once.
    return module ? ({ then: (done: (module: Module) => void) => done(module) } as Promise<Module>) : load();
  };
  return { Drawn: lazy(known), load };
}

// Those that `preload` may load before anything is drawn.
export const home = page(() => import("./home/Home"));
export const subject = page(() => import("./subject/Subject"));
export const tx = page(() => import("./tx/Tx"));
export const cases = page(() => import("./cases/Cases"));
export const caseOf = page(() => import("./cases/Case"));
export const alerts = page(() => import("./alerts/Alerts"));
export const alert = page(() => import("./alerts/Alert"));
export const graph = page(() => import("./graph/Graph"));
