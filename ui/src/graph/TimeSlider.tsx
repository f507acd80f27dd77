// The time slider: two thumbs over a histogram of movements. What lies outside is not shown. Both thumbs are ordinary sliders for the
// keyboard (arrows: a step, Page: a tenth); playing moves a window of the chosen width through time.

import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { dayOf } from "../format/numbers";
import { useSettings } from "../prefs";
import type { TimeWindow } from "./document";
import { histogram, span } from "./picture";
import { readEdges, readWindow, useGraph, type GraphStore } from "./store";

const BINS = 80;
const STEPS = 500;

export function TimeSlider({ store, isRtl }: { store: GraphStore; isRtl: boolean }) {
  const { t } = useTranslation("graph");
  const set = useSettings();
  const edges = useGraph(store, readEdges);
  const window = useGraph(store, readWindow);
  // Only what is on the table counts; the window itself does not change it.
  const whole = useMemo(() => span({ ...store.document, edges }), [edges, store]);
  const bars = useMemo(() => histogram({ ...store.document, edges }, BINS), [edges, store]);
  const [isPlaying, setPlaying] = useState(false);
  const frame = useRef(0);
  // Where the thumbs are already, while the board is a frame behind: it is drawn once a frame, however often they move in it.
  const [wanted, setWanted] = useState<TimeWindow | null>(null);
  const waiting = useRef<{ frame: number; window: TimeWindow } | null>(null);
  useEffect(
    () => () => {
      if (waiting.current === null) return;
      cancelAnimationFrame(waiting.current.frame);
      store.dispatch({ do: "window", window: waiting.current.window });
    },
    [store],
  );

  const from = whole?.from_s ?? 0;
  const to = whole?.to_s ?? 0;
  useEffect(() => {
    if (!isPlaying || to <= from) return;
    const start = store.document.window;
    const isAll = start.from_s === null && start.to_s === null;
    const width = isAll ? (to - from) / 8 : (start.to_s ?? to) - (start.from_s ?? from);
    let at = isAll || (start.to_s ?? to) >= to ? from : (start.from_s ?? from);
    let last = performance.now();
    const tick = (now: number) => {
      // The whole span goes by in twelve seconds.
      at += ((now - last) / 12_000) * (to - from);
      last = now;
      const end = at + width;
      store.dispatch({ do: "window", window: { from_s: Math.round(at), to_s: Math.round(Math.min(end, to)) } });
      if (end >= to) setPlaying(false);
      else frame.current = requestAnimationFrame(tick);
    };
    frame.current = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame.current);
  }, [from, isPlaying, store, to]);

  if (whole === null || to <= from) return null;
  const toStep = (time_s: number) => Math.round(((time_s - from) / (to - from)) * STEPS);
  const toTime = (step: number) => Math.round(from + (step / STEPS) * (to - from));
  const shown = wanted ?? window;
  const low = toStep(Math.min(Math.max(shown.from_s ?? from, from), to));
  const high = toStep(Math.max(Math.min(shown.to_s ?? to, to), from));
  const move = (nextLow: number, nextHigh: number) => {
    setPlaying(false);
    const next = { from_s: nextLow <= 0 ? null : toTime(nextLow), to_s: nextHigh >= STEPS ? null : toTime(nextHigh) };
    setWanted(next);
    if (waiting.current !== null) {
      waiting.current.window = next;
      return;
    }
    const frame = requestAnimationFrame(() => {
      const last = waiting.current?.window ?? next;
      waiting.current = null;
      setWanted(null);
      store.dispatch({ do: "window", window: last });
    });
    waiting.current = { frame, window: next };
  };
  const most = Math.max(1, ...bars);
  const isWhole = low === 0 && high === STEPS;
  return (
    <section className="graph-time no-print" aria-label={t("time.title")}>
      <button type="button" className="button" onClick={() => setPlaying(!isPlaying)} aria-pressed={isPlaying}>
        {isPlaying ? t("time.stop") : t("time.play")}
      </button>
      <div className="graph-time-track">
        <svg className="graph-bars" viewBox={`0 0 ${BINS} 20`} preserveAspectRatio="none" aria-hidden="true">
          {bars.map((count, index) => {
            const height = count === 0 ? 0 : Math.max(1.5, (count / most) * 20);
            const middle = ((index + 0.5) / BINS) * STEPS;
            return (
              <rect
                key={index}
                x={isRtl ? BINS - 1 - index : index}
                y={20 - height}
                width={0.9}
                height={height}
                className={middle >= low && middle <= high ? "is-in" : ""}
              />
            );
          })}
        </svg>
        <input
          type="range"
          min={0}
          max={STEPS}
          value={low}
          aria-label={t("time.from")}
          aria-valuetext={dayOf(toTime(low), set)}
          onChange={(event) => move(Math.min(Number(event.target.value), high), high)}
        />
        <input
          type="range"
          min={0}
          max={STEPS}
          value={high}
          aria-label={t("time.to")}
          aria-valuetext={dayOf(toTime(high), set)}
          onChange={(event) => move(low, Math.max(Number(event.target.value), low))}
        />
      </div>
      <span className="num small graph-time-days">
        <bdi dir="ltr">
          {dayOf(toTime(low), set)} – {dayOf(toTime(high), set)}
        </bdi>
      </span>
      <button type="button" className="button" disabled={isWhole} onClick={() => move(0, STEPS)}>
        {t("time.all")}
      </button>
    </section>
  );
}
