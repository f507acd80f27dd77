// The layout off the page's thread. One message in, one out; the number ties them together.

import { place, type LayoutTask } from "./layout";

interface Asked {
  readonly number: number;
  readonly task: LayoutTask;
}

self.onmessage = (event: MessageEvent<Asked>) => {
  const { number, task } = event.data;
  try {
    self.postMessage({ number, placed: place(task) });
  } catch (error) {
    self.postMessage({ number, trouble: error instanceof Error ? error.message : String(error) });
  }
};
