// The width that an element has, followed as the window changes: pictures are drawn in its pixels, so that text in them keeps its size.
import { useLayoutEffect, useRef, useState } from "react";

export function useWidth<T extends HTMLElement>(least: number) {
  const ref = useRef<T>(null);
  const [width, setWidth] = useState(least);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => setWidth(Math.max(least, Math.floor(element.clientWidth)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [least]);
  return { ref, width };
}
